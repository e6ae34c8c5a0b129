import { realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { asPlainText } from './plain-text.ts';
import { listFolder, partitionNames, readText, type KernelView } from './kernel-view.ts';

/** One thing that uses a device, and the command that ends it. */
export interface DeviceUse {
  readonly what: string;
  readonly command: string;
}

/** Mapped devices on mapped devices: real stacks (RAID, LVM, encryption) have three levels. */
const MAX_HOLDER_DEPTH = 16;

interface Mount {
  readonly deviceNumber: string;
  readonly mountPoint: string;
  /** Kernel name of the mounted device: btrfs and others show a device number of their own. */
  readonly sourceName: string;
}

/**
 * Everything that uses a disk, its partitions, or what is built on them: mounts, swap, RAID and
 * mapped devices, as `/proc/self/mountinfo`, `/proc/swaps` and the `holders` folders of sysfs say.
 *
 * @param folder the device's folder under `/sys/devices`
 */
export function findDeviceUses(folder: string, kernel: KernelView): DeviceUse[] {
  const mounts = readMounts(kernel);
  const swaps = readSwaps(kernel);
  const uses: DeviceUse[] = [];
  const seen = new Set<string>();
  const pending = [{ folder, depth: 0 }];
  for (let device = pending.pop(); device !== undefined; device = pending.pop()) {
    if (seen.has(device.folder) || device.depth > MAX_HOLDER_DEPTH) continue;
    seen.add(device.folder);
    const name = basename(device.folder);
    const number = readText(join(device.folder, 'dev'));
    for (const mount of mounts) {
      if (mount.deviceNumber !== number && mount.sourceName !== name) continue;
      uses.push({ what: `/dev/${name} is mounted on ${asPlainText(mount.mountPoint)}`, command: `umount ${shellWord(mount.mountPoint)}` });
    }
    if (swaps.has(name)) uses.push({ what: `/dev/${name} is swap`, command: `swapoff /dev/${name}` });
    for (const holder of listFolder(join(device.folder, 'holders'))) {
      uses.push(holderUse(name, holder));
      pending.push({ folder: resolve(join(device.folder, 'holders', holder)), depth: device.depth + 1 });
    }
    for (const partition of partitionNames(device.folder)) {
      pending.push({ folder: join(device.folder, partition), depth: device.depth });
    }
  }
  return uses;
}

function holderUse(name: string, holder: string): DeviceUse {
  if (holder.startsWith('md')) return { what: `/dev/${name} is part of the RAID /dev/${holder}`, command: `mdadm --stop /dev/${holder}` };
  if (holder.startsWith('dm-')) return { what: `/dev/${name} is under the mapped device /dev/${holder}`, command: `dmsetup remove /dev/${holder}` };
  return { what: `/dev/${name} is held by ${holder}`, command: `lsblk /dev/${name}` };
}

function readMounts(kernel: KernelView): Mount[] {
  return readText(join(kernel.procRoot, 'self/mountinfo'))
    .split('\n')
    .flatMap((line) => {
      const fields = line.split(' ');
      const [, , deviceNumber, , mountPoint] = fields;
      if (deviceNumber === undefined || mountPoint === undefined) return [];
      const source = fields[fields.indexOf('-') + 2] ?? '';
      return [{ deviceNumber, mountPoint: unescape(mountPoint), sourceName: source.startsWith('/dev/') ? basename(resolve(unescape(source))) : '' }];
    });
}

/** Kernel names of swap devices: mapped ones are listed by a link, so the link is followed. */
function readSwaps(kernel: KernelView): Set<string> {
  const lines = readText(join(kernel.procRoot, 'swaps')).split('\n').slice(1);
  return new Set(lines.map((line) => line.split(/\s+/)[0] ?? '').filter((path) => path.startsWith('/dev/')).map((path) => basename(resolve(path))));
}

/** The kernel writes blanks and backslashes as octal. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

function resolve(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function shellWord(text: string): string {
  return /^[\w/.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
