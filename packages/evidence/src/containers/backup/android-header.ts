/**
 * Head of an Android backup (`adb backup`, BackupManagerService of the Android sources): text lines, each with a line feed.
 *
 * | line | what |
 * | --- | --- |
 * | 1 | `ANDROID BACKUP` |
 * | 2 | version, 1 to 5 |
 * | 3 | 1 when the TAR is packed with zlib, else 0 |
 * | 4 | `none` or `AES-256`; the rest only for the latter |
 * | 5, 6 | salt of the password, salt of the check sum, hexadecimal |
 * | 7 | rounds of PBKDF2 |
 * | 8 | initial vector of the password's key, hexadecimal |
 * | 9 | master key blob, hexadecimal |
 */
import { LimitError, MalformedError, readView, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import { MAX_PBKDF2_ROUNDS } from './backup-limits.ts';

export const ANDROID_MAGIC = 'ANDROID BACKUP\n';

/** All lines together; real heads have under 700 bytes. */
const MAX_HEAD_BYTES = 8192;

export interface AndroidLock {
  readonly passwordSalt: Uint8Array;
  readonly checkSalt: Uint8Array;
  readonly rounds: number;
  readonly vector: Uint8Array;
  readonly blob: Uint8Array;
}

export interface AndroidHeader {
  readonly version: number;
  readonly isPacked: boolean;
  readonly lock: AndroidLock | null;
  /** Where the content begins. */
  readonly contentAt: number;
}

/** @throws MalformedError `android-head-damaged`; LimitError `backup-key-rounds-limit`; UnsupportedError `android-version-unknown`; MediumError */
export function parseAndroidHeader(source: RandomAccessSource): AndroidHeader {
  const text = readView(source, 0, Math.min(source.sizeBytes, MAX_HEAD_BYTES)).bytes.toString('latin1');
  if (!text.startsWith(ANDROID_MAGIC)) throw damaged('it does not begin as one');
  let at = ANDROID_MAGIC.length;
  const line = (): string => {
    const end = text.indexOf('\n', at);
    if (end < 0) throw damaged('its head has no end');
    const value = text.slice(at, end);
    at = end + 1;
    return value;
  };
  const version = number(line());
  if (version < 1 || version > 5) throw new UnsupportedError('android-version-unknown', `an Android backup of version ${version}; versions 1 to 5 are read`);
  const packed = line();
  if (packed !== '0' && packed !== '1') throw damaged('it does not say whether it is packed');
  const cipher = line();
  if (cipher === 'none') return { version, isPacked: packed === '1', lock: null, contentAt: at };
  if (cipher !== 'AES-256') throw new UnsupportedError('android-cipher-unknown', `an Android backup encrypted with ${JSON.stringify(cipher.slice(0, 40))}, which is not known`);
  const [passwordSalt, checkSalt] = [hex(line()), hex(line())];
  const rounds = number(line());
  const [vector, blob] = [hex(line()), hex(line())];
  if (rounds < 1 || vector.length !== 16 || blob.length === 0 || blob.length % 16 !== 0) throw damaged('what locks it is incomplete');
  if (rounds > MAX_PBKDF2_ROUNDS) throw new LimitError('backup-key-rounds-limit', `the backup asks for ${rounds} rounds of key stretching; no more than ${MAX_PBKDF2_ROUNDS} are done`);
  return { version, isPacked: packed === '1', lock: { passwordSalt, checkSalt, rounds, vector, blob }, contentAt: at };
}

function number(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw damaged('a number in its head is none');
  return Number(text);
}

function hex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw damaged('a line of its head is not hexadecimal');
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function damaged(what: string): MalformedError {
  return new MalformedError('android-head-damaged', `the Android backup cannot be read: ${what}`);
}
