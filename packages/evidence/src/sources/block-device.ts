import { RefusedError } from '@kerbside/bytes';
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findDeviceUses } from './device-use.ts';
import { asPlainText } from './plain-text.ts';
import { KERNEL, partitionNames, readText, type KernelView } from './kernel-view.ts';

export interface BlockDeviceFacts {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly isReadOnly: boolean;
  readonly model: string;
  readonly serial: string;
  readonly worldWideId: string;
}

/** The kernel's own unit in `size`, whatever the device's sectors are. */
const KERNEL_SECTOR_BYTES = 512;

/**
 * What the kernel says of a block device.
 *
 * @param deviceNumber `major:minor`
 * @throws RefusedError `device-unknown`, `device-empty`
 */
export function readBlockDevice(deviceNumber: string, kernel: KernelView = KERNEL): { facts: BlockDeviceFacts; folder: string } {
  let folder: string;
  try {
    folder = realpathSync(join(kernel.sysRoot, 'dev/block', deviceNumber));
  } catch {
    throw new RefusedError('device-unknown', `the kernel shows no block device ${deviceNumber}: is it still plugged in?`);
  }
  // A partition has no queue of its own.
  const disk = readText(join(folder, 'partition')) === '' ? folder : dirname(folder);
  const sizeBytes = Number(readText(join(folder, 'size'))) * KERNEL_SECTOR_BYTES;
  const name = basename(folder);
  if (!(sizeBytes > 0)) throw new RefusedError('device-empty', `/dev/${name} has no medium in it, or reports no size: insert the card or check the cable`);
  return {
    folder,
    facts: {
      name,
      sizeBytes,
      sectorSizeBytes: Number(readText(join(disk, 'queue/logical_block_size'))) || KERNEL_SECTOR_BYTES,
      isReadOnly: readText(join(folder, 'ro')) === '1',
      model: asPlainText(readText(join(disk, 'device/model'))),
      serial: asPlainText(readText(join(disk, 'device/serial')) || readText(join(disk, 'serial'))),
      worldWideId: asPlainText(readText(join(disk, 'wwid')) || readText(join(disk, 'device/wwid'))),
    },
  };
}

/**
 * Refuses a device that something could write to: not read-only to the kernel (unless a hardware
 * write blocker is declared), or mounted, swapped on, or part of a RAID or mapped device.
 * Opening read-only is not enough: a mount replays a journal even with `-o ro`.
 *
 * @throws RefusedError `device-in-use`, `device-writable`
 */
export function requireSafeDevice(folder: string, facts: BlockDeviceFacts, declaredWriteBlocker: string, kernel: KernelView = KERNEL): void {
  const uses = findDeviceUses(folder, kernel);
  const path = `/dev/${facts.name}`;
  if (uses.length > 0) {
    const list = uses.map((use) => use.what).join('; ');
    const commands = [...new Set(uses.map((use) => use.command))].join(' && ');
    throw new RefusedError('device-in-use', `${path} is in use: ${list}. Run: ${commands}; then start again`, { path });
  }
  if (!facts.isReadOnly && declaredWriteBlocker === '') {
    const nodes = [facts.name, ...partitionNames(folder)].map((name) => `/dev/${name}`);
    throw new RefusedError(
      'device-writable',
      `${path} can be written to. Run: ${nodes.map((node) => `blockdev --setro ${node}`).join(' && ')}; or, if it is behind a hardware write blocker, name the blocker with --write-blocker`,
      { path },
    );
  }
}

/** `major:minor` of a device file, or null when the path is none. */
export function deviceNumberOf(path: string): string | null {
  const stats = statSync(path);
  if (!stats.isBlockDevice()) return null;
  // Linux: 12 bits of major at 8, minor in the low 8 and from bit 20.
  const major = (stats.rdev >>> 8) & 0xfff;
  const minor = (stats.rdev & 0xff) | ((stats.rdev >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}
