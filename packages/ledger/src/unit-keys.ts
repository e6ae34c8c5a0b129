import { createPublicKey, generateKeyPairSync, hash, randomBytes, type KeyObject } from 'node:crypto';
import { CODE_KEY_BYTES, RefusedError } from '@kerbside/bytes';

/** A unit's keys as they stand in a key file. What may be handed on leaves the private part out. */
export interface UnitKeys {
  /** Who made the keys, as they named themselves. */
  readonly owner: string;
  /** Ed25519, for signatures of block sets and certificates. */
  readonly publicKey: KeyObject;
  /** Null in a file that was made to be handed on. */
  readonly privateKey: KeyObject | null;
  /** 32 bytes under which codes of blocks and digests are made; null in a file that holds the public part alone. */
  readonly codeKey: Uint8Array | null;
}

/** Keys with the time they were made, UTC in ISO 8601; handing a part on keeps it. */
export interface DatedUnitKeys extends UnitKeys {
  readonly createdAt: string;
}

/** An owner is a line in a report: longer than any name of a force and a unit. */
export const MAX_OWNER_CHARACTERS = 200;

/** Bytes of a raw Ed25519 public key (RFC 8032). */
export const PUBLIC_KEY_BYTES = 32;

/** What stands before the 32 bytes of an Ed25519 public key in its SubjectPublicKeyInfo (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Bytes of the SHA-256 that make a short name for a key: enough to tell keys apart, said to no one as a proof. */
const ID_BYTES = 8;

/** Hashed before a code key, so that its short name is the digest of nothing else. */
const CODE_KEY_ID_PREFIX = 'Kerbside code key id\n';

/** True for a name that can stand in a report: one line, not empty, of bounded length. */
export function isOwnerName(owner: string): boolean {
  return owner.trim() !== '' && owner.length <= MAX_OWNER_CHARACTERS && owner.isWellFormed() && !/\p{Cc}|[\u2028\u2029]/u.test(owner);
}

/**
 * Makes new keys: Ed25519 for signatures, 32 random bytes for codes.
 * @param owner who they are for, in words; it stands in sets and certificates
 * @throws RefusedError `key-owner-unusable`
 */
export function makeUnitKeys(owner: string, createdAt: Date = new Date()): DatedUnitKeys {
  if (!isOwnerName(owner)) {
    throw new RefusedError('key-owner-unusable', `The owner of keys is one line of 1 to ${MAX_OWNER_CHARACTERS} characters, such as the force and the unit.`);
  }
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { owner, createdAt: createdAt.toISOString(), publicKey, privateKey, codeKey: new Uint8Array(randomBytes(CODE_KEY_BYTES)) };
}

/** What anybody may have: it checks signatures, and does nothing else. */
export function exportPublicPart<K extends UnitKeys>(keys: K): K {
  return { ...keys, privateKey: null, codeKey: null };
}

/** What a partner needs to use this unit's block sets: the code key and the public key. Secret, but signs nothing. */
export function exportSetKey<K extends UnitKeys>(keys: K): K {
  return { ...keys, privateKey: null };
}

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new RangeError('not an Ed25519 key');
  return Buffer.from(publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length));
}

/** The other way round. @throws RangeError unless there are 32 bytes */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  if (raw.byteLength !== PUBLIC_KEY_BYTES) throw new RangeError(`an Ed25519 public key has ${PUBLIC_KEY_BYTES} bytes, not ${raw.byteLength}`);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** Short name of who signs: the first 8 bytes, in hex, of SHA-256 over the raw public key. */
export function signerId(publicKey: KeyObject | Uint8Array): string {
  return shortId(publicKey instanceof Uint8Array ? publicKey : rawPublicKey(publicKey));
}

/** Short name of a code key: the first 8 bytes, in hex, of SHA-256 over `Kerbside code key id`, a line feed, and the key. */
export function codeKeyId(codeKey: Uint8Array): string {
  return shortId(Buffer.concat([Buffer.from(CODE_KEY_ID_PREFIX), codeKey]));
}

function shortId(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex').slice(0, ID_BYTES * 2);
}
