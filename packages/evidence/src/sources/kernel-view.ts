import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the kernel shows devices and mounts; tests give trees of their own. */
export interface KernelView {
  readonly sysRoot: string;
  readonly procRoot: string;
}

export const KERNEL: KernelView = { sysRoot: '/sys', procRoot: '/proc' };

/** Names of a disk's partitions, e.g. `sdb1`. */
export function partitionNames(folder: string): string[] {
  return listFolder(folder)
    .filter((name) => readText(join(folder, name, 'partition')) !== '')
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** A file's text without blanks around it; empty when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Names in a folder; none when it cannot be read. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
