import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders where Debian keeps system programs, often not in an officer's PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];

/** Full path of a program, or null. */
export function findProgram(name: string): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}
