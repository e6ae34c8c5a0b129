import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createMemoryImage, writeExtVolume } from '@kerbside/corpus';
import { openSource } from '../open-source.ts';
import { openLocator } from './open-locator.ts';

/** Loop devices need root and a kernel that has them: where they cannot be made the tests say so. */
const folder = mkdtempSync(join(tmpdir(), 'kerbside-loop-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const image = join(folder, 'disk.img');
const content = createMemoryImage(8 * 1024 * 1024);
writeExtVolume({ seed: 1, variant: 'ext2', blockSizeBytes: 1024, label: 'match', tree: [], sizeBytes: content.bytes.length, sink: content });
writeFileSync(image, content.bytes);

function attach(isReadOnly: boolean): string | null {
  const made = spawnSync('losetup', ['-f', '--show', ...(isReadOnly ? ['-r'] : []), image], { encoding: 'utf8' });
  return made.status === 0 ? made.stdout.trim() : null;
}

function detach(device: string): void {
  // The flag outlives the loop, so it is taken off first.
  spawnSync('blockdev', ['--setrw', device]);
  spawnSync('losetup', ['-d', device]);
}

const probe = process.getuid?.() === 0 ? attach(true) : null;
if (probe !== null) detach(probe);
const skip = probe === null ? 'loop devices cannot be made here' : false;

test('a read-only block device opens, with its size from the kernel', { skip }, async () => {
  const device = attach(true)!;
  try {
    const opened = await openSource(device);
    assert.ok(opened.form === 'image');
    assert.equal(opened.facts.kind, 'block-device');
    assert.equal(opened.facts.sizeBytes, content.bytes.length);
    assert.ok(opened.facts.details.some(({ name, value }) => name === 'read-only proof' && value === 'kernel read-only flag'));
    const worker = openLocator(opened.locator);
    const bytes = Buffer.alloc(content.bytes.length);
    assert.deepEqual(worker.readInto(bytes, 0), []);
    assert.ok(bytes.equals(content.bytes));
    worker.close();
    await opened.close();
  } finally {
    detach(device);
  }
});

test('a writable block device is refused, and accepted behind a declared blocker', { skip }, async () => {
  const device = attach(false)!;
  try {
    await assert.rejects(openSource(device), { code: 'device-writable', message: /blockdev --setro/ });
    const opened = await openSource(device, { declaredWriteBlocker: 'Bridge 0815' });
    assert.ok(opened.facts.details.some(({ value }) => value === 'declared write blocker: Bridge 0815'));
    await opened.close();
  } finally {
    detach(device);
  }
});

test('a mounted block device is refused', { skip }, async (t) => {
  const device = attach(true)!;
  const place = join(folder, 'mounted here');
  mkdirSync(place);
  try {
    if (spawnSync('mount', ['-t', 'ext2', '-o', 'ro', device, place]).status !== 0) {
      t.skip('mounting is not possible here');
      return;
    }
    await assert.rejects(openSource(device), { code: 'device-in-use', message: /umount '.*mounted here'/ });
  } finally {
    spawnSync('umount', [place]);
    detach(device);
  }
});

test('nothing of the image changed', { skip }, () => {
  assert.ok(readFileSync(image).equals(content.bytes));
});
