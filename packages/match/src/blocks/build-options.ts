import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { KeyObject } from 'node:crypto';
import { CODE_KEY_BYTES, RefusedError } from '@kerbside/bytes';
import { readBlockSetKind } from './block-set-file.ts';

/** Keys of the owner, who vouches for the set. */
export interface BlockSetSigner {
  readonly owner: string;
  /** 32 bytes. */
  readonly codeKey: Uint8Array;
  /** Ed25519. */
  readonly privateKey: KeyObject;
  /** Raw, 32 bytes; the one of `privateKey`. */
  readonly publicKey: Uint8Array;
}

/** Categories that an owner may state for a whole set. */
const CATEGORIES = ['A', 'B', 'C', 'prohibited', 'extreme', 'unstated'];

/**
 * Refuses what cannot make a set.
 * @throws RefusedError `block-set-key-unusable`, `block-set-category-unknown`, `block-set-edition-wrong`,
 *   `block-set-out-not-one`, `set-not-writable`
 */
export function checkBuildOptions(options: { readonly out: string; readonly signer: BlockSetSigner; readonly category?: string; readonly edition?: number }): void {
  const { signer, category, edition } = options;
  if (signer.codeKey.length !== CODE_KEY_BYTES || signer.publicKey.length !== 32 || signer.privateKey.asymmetricKeyType !== 'ed25519') {
    throw new RefusedError('block-set-key-unusable', 'a block set is made with a code key of 32 bytes and an Ed25519 key: take a key file made by "kerbside keys"');
  }
  if (category !== undefined && !CATEGORIES.includes(category)) {
    throw new RefusedError('block-set-category-unknown', `there is no category "${category}": a set is of one of ${CATEGORIES.join(', ')}`);
  }
  if (edition !== undefined && !(Number.isSafeInteger(edition) && edition >= 0)) {
    throw new RefusedError('block-set-edition-wrong', 'an edition is a whole number from 0');
  }
  const out = resolve(options.out);
  if (!existsSync(dirname(out))) throw new RefusedError('set-not-writable', `the folder of ${options.out} does not exist: make it first`);
  if (existsSync(out) && readBlockSetKind(out) !== 'block-set') {
    throw new RefusedError('block-set-out-not-one', `${options.out} exists and is not a block set: choose another name`);
  }
}

/**
 * When a set was made and until when it may be used.
 * @throws RefusedError `block-set-expiry-wrong`
 */
export function datesOf(options: { readonly createdAt?: Date; readonly expiresAt?: Date }): { createdAt: Date; expiresAt: Date } {
  const createdAt = options.createdAt ?? new Date();
  const expiresAt = options.expiresAt ?? oneYearAfter(createdAt);
  if (!(expiresAt.getTime() > createdAt.getTime())) {
    throw new RefusedError('block-set-expiry-wrong', 'a set has to expire after it was made: give a later day with --expires YYYY-MM-DD');
  }
  return { createdAt, expiresAt };
}

function oneYearAfter(date: Date): Date {
  const later = new Date(date);
  later.setUTCFullYear(later.getUTCFullYear() + 1);
  return later;
}
