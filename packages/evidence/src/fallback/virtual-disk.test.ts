import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { generatedBytes } from '@kerbside/corpus';
import { findLayout } from '../find-volumes.ts';
import { openSource } from '../open-source.ts';
import { openLocator } from '../sources/open-locator.ts';
import type { OpenImage } from '../source-contract.ts';
import { vmdkExtents } from './vmdk-descriptor.ts';

const missing = ['qemu-nbd', 'qemu-img', 'bwrap', 'prlimit'].filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tools missing: ${missing.join(', ')}`);
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')} (qemu-utils, bubblewrap, util-linux)` : false;

const folder = mkdtempSync(join(tmpdir(), 'kerbside-virtual-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CONTENT = Buffer.alloc(6 * 1024 * 1024);
CONTENT.set(Buffer.concat([...generatedBytes(3, 1_500_000).chunks()]), 2_000_000);
const RAW = join(folder, 'medium.raw');
writeFileSync(RAW, CONTENT);

async function openImage(path: string): Promise<OpenImage> {
  const opened = await openSource(path);
  assert.equal(opened.form, 'image');
  return opened as OpenImage;
}

for (const [format, options] of [['qcow2', ''], ['vmdk', 'subformat=monolithicSparse'], ['vmdk', 'subformat=monolithicFlat'], ['vmdk', 'subformat=streamOptimized'], ['vhdx', ''], ['vpc', 'subformat=dynamic,force_size=on'], ['vpc', 'subformat=fixed,force_size=on'], ['vdi', '']] as const) {
  test(`a virtual disk gives back the medium: ${format} ${options}`, { skip }, async () => {
    const path = join(folder, `disk-${format}-${options.replace(/\W/g, '-')}`);
    execFileSync('qemu-img', ['convert', '-O', format, ...(options === '' ? [] : ['-o', options]), RAW, path]);
    const before = createHash('sha256').update(readFileSync(path)).digest('hex');
    const image = await openImage(path);
    assert.equal(image.facts.kind, 'virtual-disk');
    assert.equal(image.facts.sizeBytes, CONTENT.length);
    const bytes = Buffer.alloc(CONTENT.length);
    assert.deepEqual(image.source.readInto(bytes, 0), []);
    assert.ok(bytes.equals(CONTENT));
    const worker = openLocator(image.locator);
    const part = Buffer.alloc(3_000_001);
    assert.deepEqual(worker.readInto(part, 1_234_567), []);
    assert.ok(part.equals(CONTENT.subarray(1_234_567, 1_234_567 + part.length)));
    worker.close();
    await image.close();
    assert.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), before);
    if (image.locator.kind === 'nbd') assert.equal(existsSync(image.locator.socketPath), false);
  });
}

test('a differencing disk is refused, and its parent is not read', { skip }, async () => {
  const parent = join(folder, 'parent.qcow2');
  const child = join(folder, 'child.qcow2');
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', RAW, parent]);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', parent, '-F', 'qcow2', child]);
  await assert.rejects(openSource(child), { code: 'virtual-disk-not-opened', message: /parent/ });
});

test('a server that dies shows as unread bytes, not as zeros or a hang', { skip }, async () => {
  const path = join(folder, 'dies.qcow2');
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', RAW, path]);
  const image = await openImage(path);
  assert.equal(image.locator.kind, 'nbd');
  const other = openLocator(image.locator);
  await image.close();
  const bytes = Buffer.alloc(100_000);
  // The server ends a moment after the sandbox around it was killed. Until then it must give the true bytes.
  const deadline = performance.now() + 10_000;
  let unread = other.readInto(bytes, 2_000_000);
  while (unread.length === 0 && performance.now() < deadline) {
    assert.ok(bytes.equals(readFileSync(RAW).subarray(2_000_000, 2_100_000)));
    await wait(10);
    unread = other.readInto(bytes, 2_000_000);
  }
  assert.deepEqual(unread, [{ offset: 2_000_000, length: 100_000 }]);
  assert.deepEqual(other.takeProblems().map((problem) => problem.code), ['medium-gone']);
  other.close();
});

test('a VMDK descriptor can name only plain files beside it', () => {
  writeFileSync(join(folder, 'part-flat.vmdk'), 'x');
  const path = join(folder, 'part.vmdk');
  writeFileSync(path, '# Disk DescriptorFile\nRW 8 FLAT "part-flat.vmdk" 0\nRW 8 FLAT "../outside" 0\nRW 8 FLAT "/etc/passwd" 0\nRW 8 SPARSE "absent.vmdk"\n');
  assert.deepEqual(vmdkExtents(path), [join(folder, 'part-flat.vmdk')]);
});

const shared = resolve(import.meta.dirname, '../../../../../shared/testdata/disk-images');
const noShared = skip === false && !existsSync(shared) ? 'the shared test images are not beside the checkout' : skip;

test('a VHD made by others holds the same volume as its raw twin', { skip: noShared }, async () => {
  const vhd = await openImage(join(shared, 'dfvfs-ext2.vhd'));
  const raw = await openImage(join(shared, 'dfvfs-ext2.E01'));
  const names = (image: OpenImage): unknown =>
    findLayout(image).volumes.map(({ content }) => (content.state === 'file-system' ? [...content.fileSystem.walk()].map((event) => (event.type === 'item' ? [event.item.id, event.item.sizeBytes, Buffer.from(event.item.name.bytes).toString()] : event.type === 'problem' ? event.problem.code : event.type)) : content.state));
  assert.deepEqual(names(vhd), names(raw));
  await vhd.close();
  await raw.close();
});
