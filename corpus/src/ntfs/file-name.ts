/**
 * $STANDARD_INFORMATION (72 bytes) and $FILE_NAME (66 bytes and the name):
 *
 * | offset | $STANDARD_INFORMATION | $FILE_NAME |
 * | --- | --- | --- |
 * | 0 | created, modified, record changed, accessed (FILETIME each) | parent reference |
 * | 8 | | the same four times |
 * | 32 | file attributes, 4 bytes | |
 * | 40 | | allocated size |
 * | 48 | owner identifier, 4 bytes | size |
 * | 52 | security identifier, 4 bytes | |
 * | 56 | quota; 64: update sequence number | file attributes, 4 bytes; 60: reparse tag |
 * | 64 | | name length in units, namespace (0 POSIX, 1 Win32, 2 DOS, 3 both), UTF-16 name |
 */
import { referenceValue, type RecordReference } from './file-record.ts';

export const FILE_FLAG = {
  hidden: 0x2,
  system: 0x4,
  archive: 0x20,
  sparse: 0x200,
  reparsePoint: 0x400,
  compressed: 0x800,
  encrypted: 0x4000,
  directory: 0x1000_0000,
  viewIndex: 0x2000_0000,
} as const;

export const NAMESPACE = { posix: 0, win32: 1, dos: 2, both: 3 } as const;

/** The one security identifier used; $Secure holds its descriptor. */
export const SECURITY_ID = 0x100;

const SECONDS_1601_TO_1970 = 11_644_473_600;

/** A time in seconds since 1970 as a FILETIME, the count of 100 ns since 1601. */
export function fileTime(seconds: number): bigint {
  return BigInt(Math.round((seconds + SECONDS_1601_TO_1970) * 1000)) * 10_000n;
}

/** The value of $STANDARD_INFORMATION. */
export function standardInformation(timeSeconds: number, fileFlags: number): Buffer {
  const value = Buffer.alloc(72);
  for (let at = 0; at < 32; at += 8) value.writeBigUInt64LE(fileTime(timeSeconds), at);
  value.writeUInt32LE(fileFlags & 0xffff, 32);
  value.writeUInt32LE(SECURITY_ID, 52);
  return value;
}

/** What one name of a file says. */
export interface NameFields {
  readonly parent: RecordReference;
  readonly name: string;
  readonly namespace: number;
  readonly timeSeconds: number;
  readonly allocatedBytes: number;
  readonly sizeBytes: number;
  readonly fileFlags: number;
}

/** The value of $FILE_NAME, which is also the key of a directory entry. */
export function fileNameValue(fields: NameFields): Buffer {
  if (fields.name.length > 255 || fields.name.length === 0) throw new RangeError(`name of ${fields.name.length} units; NTFS takes 1 to 255`);
  const value = Buffer.alloc(66 + fields.name.length * 2);
  value.writeBigUInt64LE(referenceValue(fields.parent), 0);
  for (let at = 8; at < 40; at += 8) value.writeBigUInt64LE(fileTime(fields.timeSeconds), at);
  value.writeBigUInt64LE(BigInt(fields.allocatedBytes), 40);
  value.writeBigUInt64LE(BigInt(fields.sizeBytes), 48);
  value.writeUInt32LE(fields.fileFlags, 56);
  value[64] = fields.name.length;
  value[65] = fields.namespace;
  value.write(fields.name, 66, 'utf16le');
  return value;
}

/** The namespace of a name that has no separate short name: "both" when it is a valid 8.3 name itself. */
export function namespaceOf(name: string): number {
  return /^[A-Z0-9_$~!#%&'()@^`{}-]{1,8}(\.[A-Z0-9_$~!#%&'()@^`{}-]{1,3})?$/.test(name) ? NAMESPACE.both : NAMESPACE.win32;
}
