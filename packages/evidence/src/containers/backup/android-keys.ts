import { createDecipheriv, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { UnsupportedError } from '@kerbside/bytes';
import type { AndroidLock } from './android-header.ts';

export interface AndroidKey {
  readonly key: Uint8Array;
  readonly vector: Uint8Array;
}

type TextForm = 'utf-8' | '8-bit';

/**
 * Opens the master key of an Android backup: PBKDF2 with SHA-1 over the password gives the key of a blob
 * that holds vector, master key and check sum, each after a byte of length. The check sum is PBKDF2 over the
 * master key *taken as text*: Android's first version used the low byte of each character, later ones UTF-8
 * of bytes widened with their sign. Phones have been seen to write either under either version, so both are tried.
 *
 * @throws UnsupportedError `backup-password-wrong`
 */
export function openAndroidKey(lock: AndroidLock, version: number, password: string): AndroidKey {
  const forms: readonly TextForm[] = version === 1 ? ['8-bit', 'utf-8'] : ['utf-8', '8-bit'];
  for (const passwordForm of forms) {
    const blob = openBlob(lock, passwordBytes(password, passwordForm));
    if (blob === null) continue;
    for (const keyForm of forms) {
      const check = pbkdf2Sync(keyAsText(blob.key, keyForm), lock.checkSalt, lock.rounds, blob.check.length, 'sha1');
      if (timingSafeEqual(check, blob.check)) return blob;
    }
  }
  throw new UnsupportedError('backup-password-wrong', 'the password given does not open this backup; check it');
}

function openBlob(lock: AndroidLock, password: Buffer): (AndroidKey & { readonly check: Uint8Array }) | null {
  const key = pbkdf2Sync(password, lock.passwordSalt, lock.rounds, 32, 'sha1');
  let blob: Buffer;
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, lock.vector);
    blob = Buffer.concat([decipher.update(lock.blob), decipher.final()]);
  } catch {
    // Wrong padding: a wrong password.
    return null;
  }
  const fields: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < 3; i++) {
    const length = blob[at] ?? 0;
    if (at + 1 + length > blob.length) return null;
    fields.push(Uint8Array.from(blob.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const [vector, masterKey, check] = fields;
  return vector!.length === 16 && masterKey!.length === 32 && check!.length >= 16 ? { vector: vector!, key: masterKey!, check: check! } : null;
}

function passwordBytes(password: string, form: TextForm): Buffer {
  return Buffer.from(password, form === 'utf-8' ? 'utf8' : 'latin1');
}

function keyAsText(key: Uint8Array, form: TextForm): Uint8Array {
  if (form === '8-bit') return key;
  // A Java byte from 0x80 on is negative: widened to a character it is U+FF80 to U+FFFF.
  return Buffer.from(String.fromCharCode(...Array.from(key, (byte) => (byte < 0x80 ? byte : 0xff00 | byte))), 'utf8');
}
