/** Shared by the tests of backups: a folder in memory as the reader sees it. */
import { MemorySource } from '@kerbside/bytes';
import type { BackupFolder } from './backup-folder.ts';

export function folderOf(files: ReadonlyMap<string, Buffer>): BackupFolder {
  return (names) => {
    const bytes = files.get(names.join('/'));
    return bytes === undefined ? null : new MemorySource(bytes);
  };
}
