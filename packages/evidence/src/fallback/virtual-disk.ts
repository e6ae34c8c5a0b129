import { RefusedError } from '@kerbside/bytes';
import type { VirtualDiskFormat } from '../sources/identify-file.ts';
import type { OpenImage } from '../source-contract.ts';

/**
 * Opens a virtual disk.
 * @throws RefusedError `virtual-disk-unsupported`
 */
export async function openVirtualDisk(path: string, format: VirtualDiskFormat): Promise<OpenImage> {
  throw new RefusedError('virtual-disk-unsupported', `virtual disks of the form ${format} are not read yet: convert the image to raw with qemu-img convert -O raw`, { path });
}
