import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readBlockDevice, requireSafeDevice } from './block-device.ts';
import type { KernelView } from './kernel-view.ts';

const root = mkdtempSync(join(tmpdir(), 'kerbside-sys-'));
after(() => rmSync(root, { recursive: true, force: true }));
let trees = 0;

/** A made-up kernel view: a disk sdb (8:16) with one partition (8:17), and what uses them. */
function makeKernel(change: { ro?: string; partitionRo?: string; mountinfo?: string; swaps?: string; holder?: string } = {}): KernelView {
  const base = join(root, String(trees++));
  const sysRoot = join(base, 'sys');
  const procRoot = join(base, 'proc');
  const disk = join(sysRoot, 'devices/usb1/block/sdb');
  const files: Record<string, string> = {
    [`${disk}/dev`]: '8:16\n',
    [`${disk}/size`]: '2048000\n',
    [`${disk}/ro`]: `${change.ro ?? '1'}\n`,
    [`${disk}/queue/logical_block_size`]: '4096\n',
    [`${disk}/device/model`]: 'Card Reader\u001b[31m\n',
    [`${disk}/device/serial`]: 'SN 42\n',
    [`${disk}/sdb1/dev`]: '8:17\n',
    [`${disk}/sdb1/partition`]: '1\n',
    [`${disk}/sdb1/size`]: '2000\n',
    [`${disk}/sdb1/ro`]: `${change.partitionRo ?? '1'}\n`,
    [`${procRoot}/self/mountinfo`]: `22 27 0:21 / /proc rw - proc proc rw\n${change.mountinfo ?? ''}`,
    [`${procRoot}/swaps`]: `Filename Type Size Used Priority\n${change.swaps ?? ''}`,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  if (change.holder !== undefined) mkdirSync(join(disk, 'sdb1/holders', change.holder), { recursive: true });
  mkdirSync(join(sysRoot, 'dev/block'), { recursive: true });
  symlinkSync(disk, join(sysRoot, 'dev/block/8:16'));
  symlinkSync(join(disk, 'sdb1'), join(sysRoot, 'dev/block/8:17'));
  return { sysRoot, procRoot };
}

function check(change: Parameters<typeof makeKernel>[0], number = '8:16', blocker = ''): void {
  const kernel = makeKernel(change);
  const { facts, folder } = readBlockDevice(number, kernel);
  requireSafeDevice(folder, facts, blocker, kernel);
}

test('facts come from the kernel; text from a device is made safe', () => {
  const { facts } = readBlockDevice('8:16', makeKernel());
  assert.deepEqual(facts, { name: 'sdb', sizeBytes: 2_048_000 * 512, sectorSizeBytes: 4_096, isReadOnly: true, model: 'Card Reader?[31m', serial: 'SN 42', worldWideId: '' });
  assert.equal(readBlockDevice('8:17', makeKernel()).facts.sectorSizeBytes, 4_096);
});

test('a read-only disk that nothing uses is accepted', () => check({}));

test('a writable disk is refused, with the commands for it and its partitions', () => {
  assert.throws(() => check({ ro: '0' }), { code: 'device-writable', message: /blockdev --setro \/dev\/sdb && blockdev --setro \/dev\/sdb1/ });
});

test('a declared write blocker stands in for the flag, not for the other rules', () => {
  check({ ro: '0' }, '8:16', 'Tableau T8u 0815');
  assert.throws(() => check({ ro: '0', holder: 'dm-0' }, '8:16', 'Tableau T8u 0815'), { code: 'device-in-use' });
});

test('a mounted part is refused, by number or by name, with the way out', () => {
  assert.throws(() => check({ mountinfo: '30 22 8:17 / /media/USB\\040STICK ro - vfat /dev/sdb1 ro\n' }), {
    code: 'device-in-use',
    message: /\/dev\/sdb1 is mounted on \/media\/USB STICK.*umount '\/media\/USB STICK'/,
  });
  assert.throws(() => check({ mountinfo: '30 22 0:44 / /mnt rw - btrfs /dev/sdb1 rw\n' }), { code: 'device-in-use' });
  assert.throws(() => check({ mountinfo: '30 22 8:17 / /mnt ro - vfat /dev/sdb1 ro\n' }, '8:17'), { code: 'device-in-use' });
});

test('swap, RAID and mapped devices on it are refused', () => {
  assert.throws(() => check({ swaps: '/dev/sdb1 partition 1000 0 -2\n' }), { code: 'device-in-use', message: /swapoff \/dev\/sdb1/ });
  assert.throws(() => check({ holder: 'md127' }), { code: 'device-in-use', message: /mdadm --stop \/dev\/md127/ });
  assert.throws(() => check({ holder: 'dm-3' }), { code: 'device-in-use', message: /dmsetup remove \/dev\/dm-3/ });
});

test('a device the kernel does not show is refused', () => {
  assert.throws(() => check({}, '8:99'), { code: 'device-unknown' });
});
