import type { Problem } from '@kerbside/bytes';

/** One row of a backup's manifest, old or new. */
export interface BackupRecord {
  /** 40 hex digits: the name of the content in the backup's folder. */
  readonly fileId: string;
  readonly domain: string;
  readonly relativePath: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Null where the manifest says nothing. */
  readonly sizeBytes: number | null;
  readonly createdSeconds: number | null;
  readonly modifiedSeconds: number | null;
  readonly changedSeconds: number | null;
  /** Class and wrapped key of an encrypted file. */
  readonly lockedKey: LockedKey | null;
}

export interface LockedKey {
  readonly classNumber: number;
  readonly wrappedKey: Uint8Array;
}

export type RecordEvent = { readonly type: 'record'; readonly record: BackupRecord } | { readonly type: 'problem'; readonly problem: Problem };

/** `ManifestKey` and `EncryptionKey`: class as u32 little-endian, then the wrapped key. Null when it is no such thing. */
export function parseLockedKey(blob: Uint8Array): LockedKey | null {
  if (blob.length < 4 + 24) return null;
  return { classNumber: (blob[0]! | (blob[1]! << 8) | (blob[2]! << 16) | (blob[3]! << 24)) >>> 0, wrappedKey: blob.subarray(4) };
}

/** Kind by the type bits of a Unix mode. */
export function kindOfMode(mode: number): BackupRecord['kind'] {
  const type = mode & 0xf000;
  return type === 0x8000 ? 'file' : type === 0x4000 ? 'directory' : type === 0xa000 ? 'link' : 'other';
}
