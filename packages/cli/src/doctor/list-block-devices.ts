import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A whole disk or card as the kernel shows it. */
export interface BlockDeviceFacts {
  readonly path: string;
  readonly sizeBytes: number;
  readonly model: string;
  readonly readOnly: boolean;
  readonly mounted: boolean;
  /** One clause for a person. */
  readonly readiness: string;
}

const SYSFS_BLOCK = '/sys/block';
/** The kernel counts sizes in 512-byte units whatever the device's sectors are. */
const KERNEL_SECTOR_BYTES = 512;

/** Lists disks and cards (not loop, RAM or empty devices) and whether triage would accept them. */
export function listBlockDevices(): BlockDeviceFacts[] {
  let names: string[];
  try {
    names = readdirSync(SYSFS_BLOCK).sort();
  } catch {
    return [];
  }
  const mounts = readText('/proc/self/mountinfo');
  return names
    .filter((name) => !/^(loop|ram|zram|sr\d+$|fd\d+$)/.test(name))
    .map((name) => describe(name, mounts))
    .filter((device) => device.sizeBytes > 0);
}

function describe(name: string, mounts: string): BlockDeviceFacts {
  const folder = join(SYSFS_BLOCK, name);
  const path = `/dev/${name}`;
  const readOnly = readText(join(folder, 'ro')).trim() === '1';
  const mounted = mounts.split('\n').some((line) => line.split(' ').some((word) => word === path || word.startsWith(`${path}p`) || new RegExp(`^${path}\\d`).test(word)));
  const readiness = mounted
    ? 'in use (mounted): triage refuses it'
    : readOnly
      ? 'read-only: ready for triage'
      : `writable: triage refuses it; first "blockdev --setro ${path}", or name its write blocker`;
  return { path, sizeBytes: Number(readText(join(folder, 'size')).trim() || 0) * KERNEL_SECTOR_BYTES, model: printable(readText(join(folder, 'device/model'))), readOnly, mounted, readiness };
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, '').trim();
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
