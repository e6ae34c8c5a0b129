import { lstatSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A file of this machine, only read. */
export interface MachineFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Programs, libraries, packages, documentation and caches of installers: nobody's own data. */
const ROOTS = ['/usr', '/opt', '/var/cache', ...['.rustup', '.pyenv', '.m2', '.npm'].map((name) => join(homedir(), name)), join(import.meta.dirname, '..', 'node_modules')];
const QUICK_ROOTS = ['/usr/include', '/usr/share/doc'];

/** Regular files with content, each inode once, in the order of their folders. */
export function listMachineFiles(quick: boolean): MachineFile[] {
  const files: MachineFile[] = [];
  const seen = new Set<string>();
  const walk = (folder: string): void => {
    let names: string[];
    try {
      names = readdirSync(folder).sort();
    } catch {
      return;
    }
    for (const name of names) {
      const path = join(folder, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) walk(path);
      if (stat?.isFile() !== true || stat.size === 0) continue;
      const inode = `${stat.dev} ${stat.ino}`;
      if (!seen.has(inode)) files.push({ path, sizeBytes: stat.size });
      seen.add(inode);
    }
  };
  for (const root of quick ? QUICK_ROOTS : ROOTS) walk(root);
  return files;
}
