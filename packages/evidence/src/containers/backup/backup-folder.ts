import { readView, type RandomAccessSource } from '@kerbside/bytes';

/**
 * Gives a file of the backup's folder by its path inside it, or null when it is not there. The names
 * come from the manifest and must only ever be looked up among the items that were found, never be opened as a path.
 */
export type BackupFolder = (names: readonly string[]) => RandomAccessSource | null;

/** The whole of a small file; null when it is not there. */
export function readSmallFile(folder: BackupFolder, name: string, maxBytes: number): Uint8Array | null {
  const source = folder([name]);
  if (source === null) return null;
  try {
    // One byte more than allowed is enough for the reader of the file to name its own limit.
    return readView(source, 0, Math.min(source.sizeBytes, maxBytes + 1)).bytes;
  } finally {
    source.close();
  }
}

/** True when these names of a folder are those of an iTunes or Finder backup. */
export function isBackupFolder(names: Iterable<string>): boolean {
  const found = new Set(names);
  return found.has('Manifest.plist') && (found.has('Manifest.db') || found.has('Manifest.mbdb'));
}
