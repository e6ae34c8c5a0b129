/**
 * Key bag of an iTunes / Finder backup (Apple Platform Security, "Keybags"): a run of
 * 4 letters, u32 big-endian length, value.
 *
 * | tag | what |
 * | --- | --- |
 * | SALT, ITER | second stretching: PBKDF2 with SHA-1 |
 * | DPSL, DPIC | first stretching: PBKDF2 with SHA-256 (iOS 10.2 and later) |
 * | UUID | the first names the bag; each later one begins a class |
 * | CLAS | number of the class |
 * | WRAP | bit 1: wrapped with the key made from the password; bit 0: with a key of the device |
 * | WPKY | its key, wrapped after RFC 3394 |
 */
import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { LimitError, MalformedError, UnsupportedError } from '@kerbside/bytes';
import { MAX_KEY_BAG_BYTES, MAX_PBKDF2_ROUNDS } from './backup-limits.ts';

interface ClassEntry {
  readonly number: number;
  readonly wrap: number;
  readonly wrappedKey: Uint8Array;
}

/** A key bag as it stands in `Manifest.plist`, still locked. */
export interface KeyBag {
  readonly salt: Uint8Array;
  readonly rounds: number;
  /** First stretching of newer backups; null in older ones. */
  readonly first: { readonly salt: Uint8Array; readonly rounds: number } | null;
  readonly classes: readonly ClassEntry[];
}

/** Keys of the protection classes by number. */
export type ClassKeys = ReadonlyMap<number, Uint8Array>;

/** RFC 3394, section 2.2.3.1. */
const WRAP_CHECK = Buffer.alloc(8, 0xa6);
const WRAPPED_WITH_PASSWORD = 2;
const MAX_CLASSES = 64;

/**
 * Reads the tags.
 * @throws MalformedError `backup-key-bag-damaged`; LimitError `backup-key-rounds-limit`
 */
export function parseKeyBag(blob: Uint8Array): KeyBag {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (bytes.length > MAX_KEY_BAG_BYTES) throw damaged(`it has ${bytes.length} bytes`);
  const bag = new Map<string, Buffer>();
  const classes: Map<string, Buffer>[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw damaged('it ends inside a tag');
    const tag = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32BE(at + 4);
    if (at + 8 + length > bytes.length) throw damaged('a value runs past its end');
    const value = bytes.subarray(at + 8, at + 8 + length);
    at += 8 + length;
    if (tag === 'UUID' && bag.has('UUID')) {
      if (classes.length >= MAX_CLASSES) throw damaged(`it has more than ${MAX_CLASSES} classes`);
      classes.push(new Map());
    }
    (classes[classes.length - 1] ?? bag).set(tag, value);
  }
  const salt = bag.get('SALT');
  if (salt === undefined) throw damaged('it has no salt');
  const firstSalt = bag.get('DPSL');
  return {
    salt,
    rounds: roundsOf(bag, 'ITER'),
    first: firstSalt === undefined ? null : { salt: firstSalt, rounds: roundsOf(bag, 'DPIC') },
    classes: classes.flatMap((entry) => {
      const wrappedKey = entry.get('WPKY');
      return wrappedKey === undefined ? [] : [{ number: numberOf(entry, 'CLAS'), wrap: numberOf(entry, 'WRAP'), wrappedKey }];
    }),
  };
}

/**
 * Opens the bag. Takes seconds: Apple asks for ten million rounds.
 * @throws UnsupportedError `backup-password-wrong` when no class opens; MalformedError `backup-key-bag-damaged` when it has none to open
 */
export function unlockKeyBag(bag: KeyBag, password: string): ClassKeys {
  let secret: Buffer = Buffer.from(password, 'utf8');
  if (bag.first !== null) secret = pbkdf2Sync(secret, bag.first.salt, bag.first.rounds, 32, 'sha256');
  const key = pbkdf2Sync(secret, bag.salt, bag.rounds, 32, 'sha1');
  const keys = new Map<number, Uint8Array>();
  let tried = 0;
  for (const { number, wrap, wrappedKey } of bag.classes) {
    if ((wrap & WRAPPED_WITH_PASSWORD) === 0) continue;
    tried += 1;
    const opened = unwrapKey(key, wrappedKey);
    if (opened !== null) keys.set(number, opened);
  }
  if (tried === 0) throw damaged('none of its keys is locked with a password');
  if (keys.size === 0) throw new UnsupportedError('backup-password-wrong', 'the password given does not open this backup; check it, or run again without it to list what needs none');
  return keys;
}

/** RFC 3394 unwrap with AES-256; null when the check fails: a wrong key, or damaged bytes. */
export function unwrapKey(key: Uint8Array, wrapped: Uint8Array): Uint8Array | null {
  if (key.length !== 32 || wrapped.length < 24 || wrapped.length > 72 || wrapped.length % 8 !== 0) return null;
  try {
    const decipher = createDecipheriv('id-aes256-wrap', key, WRAP_CHECK);
    return Uint8Array.from(Buffer.concat([decipher.update(wrapped), decipher.final()]));
  } catch {
    return null;
  }
}

function roundsOf(tags: ReadonlyMap<string, Buffer>, tag: string): number {
  const rounds = numberOf(tags, tag);
  if (rounds < 1) throw damaged(`${tag} is ${rounds}`);
  if (rounds > MAX_PBKDF2_ROUNDS) {
    throw new LimitError('backup-key-rounds-limit', `the backup asks for ${rounds} rounds of key stretching; no more than ${MAX_PBKDF2_ROUNDS} are done`);
  }
  return rounds;
}

function numberOf(tags: ReadonlyMap<string, Buffer>, tag: string): number {
  const value = tags.get(tag);
  if (value === undefined || value.length !== 4) throw damaged(`${tag} is missing or no number`);
  return value.readUInt32BE(0);
}

function damaged(what: string): MalformedError {
  return new MalformedError('backup-key-bag-damaged', `the key bag of the backup cannot be read: ${what}`);
}
