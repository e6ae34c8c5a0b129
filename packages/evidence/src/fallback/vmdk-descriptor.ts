import { closeSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openReadOnly } from '../sources/evidence-files.ts';

/**
 * A VMDK descriptor is text; extents are lines such as `RW 4192256 SPARSE "disk-s001.vmdk"` or
 * `RW 8388608 FLAT "disk-flat.vmdk" 0` (VMware Virtual Disk Format 5.0).
 */
const MAX_DESCRIPTOR_BYTES = 256 * 1024;
const MAX_EXTENTS = 1_000;

/**
 * The extent files of a text descriptor that lie beside it. A name with a folder in it is evidence
 * trying to point elsewhere on this machine, and is left out: qemu then refuses the disk.
 */
export function vmdkExtents(path: string): string[] {
  const bytes = Buffer.alloc(MAX_DESCRIPTOR_BYTES);
  const file = openReadOnly(path);
  let length: number;
  try {
    length = readSync(file, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(file);
  }
  const text = bytes.toString('latin1', 0, length);
  if (!text.startsWith('# Disk DescriptorFile')) return [];
  const names = [...text.matchAll(/^(?:RW|RDONLY|NOACCESS) +\d+ +(?:SPARSE|FLAT|VMFS|VMFSSPARSE) +"([^"\r\n]+)"/gm)].map((match) => match[1]!);
  return [...new Set(names)]
    .slice(0, MAX_EXTENTS)
    .filter((name) => name === basename(name) && name !== '.' && name !== '..' && name !== basename(path))
    .map((name) => join(dirname(path), name))
    .filter((each) => isFile(each));
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
