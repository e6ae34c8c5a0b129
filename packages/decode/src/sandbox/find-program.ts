import { UnsupportedError } from '@kerbside/bytes';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Only the system's own folders: what stands first in a user's PATH must not become part of the sandbox. */
const FOLDERS = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];

/** Debian packages of the programs that the sandbox is made of or may run. */
const PACKAGES: Readonly<Record<string, string>> = { bwrap: 'bubblewrap', prlimit: 'util-linux', ffmpeg: 'ffmpeg', ffprobe: 'ffmpeg', bsdtar: 'libarchive-tools' };

/** Full path of a system program, or null. */
export function findSystemProgram(name: string): string | null {
  for (const folder of FOLDERS) {
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

/** @throws UnsupportedError `program-not-installed` with the Debian package */
export function requireSystemProgram(name: string): string {
  const path = findSystemProgram(name);
  if (path === null) throw new UnsupportedError('program-not-installed', `the program ${name} is needed to decode safely and is not installed: apt install ${PACKAGES[name] ?? name}`);
  return path;
}
