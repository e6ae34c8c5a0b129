/** What is said of single items: deletion, orphans, encryption, holes, times, free space. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { writeExtVolume, type CorpusFile } from '@kerbside/corpus';
import type { Item } from '../item.ts';
import { readContent, viewsOf } from '../read-content.ts';
import { extFormat } from './ext-format.ts';
import { contentOf, debugfs, makeImage, missingTools, rawPath, readVolume, run, volumeOf, withTemporaryFolder } from './ext-test-images.ts';

const KIB = 1024;

function writeImage(variant: 'ext2' | 'ext4', tree: readonly CorpusFile[]): Buffer {
  const image = Buffer.alloc(768 * KIB);
  writeExtVolume({ variant, blockSizeBytes: 1024, label: 'items', seed: 9, tree, sizeBytes: image.length, sink: { write: (bytes, offset) => image.set(bytes, offset) } });
  return image;
}

function find(items: readonly Item[], name: string): Item {
  const item = items.find((one) => rawPath(one) === name);
  assert.ok(item !== undefined, `${name} is missing`);
  return item;
}

/** Offset of the inode that a name leads to, in an image of one group. */
function inodeOf(image: Buffer, name: string, inodeBytes: number): number {
  const inode = image.readUInt32LE(image.indexOf(Buffer.from(name)) - 8);
  return image.readUInt32LE(2048 + 8) * KIB + (inode - 1) * inodeBytes;
}

test('ext items: a deleted file of ext2 keeps its runs, one of ext4 does not', () => {
  const tree: CorpusFile[] = [{ path: 'f/kept', content: Buffer.from('kept') }, { path: 'f/gone', content: Buffer.alloc(20 * KIB, 'gone'), deleted: true, fragments: 3 }];
  const ext2 = writeImage('ext2', tree);
  const onExt2 = find(readVolume(ext2).items, 'f/gone');
  assert.equal(onExt2.state, 'deleted');
  assert.deepEqual(onExt2.recovery, { basis: 'runs-survive' });
  assert.ok(contentOf(ext2, onExt2).equals(Buffer.alloc(20 * KIB, 'gone')));
  const onExt4 = find(readVolume(writeImage('ext4', tree)).items, 'f/gone');
  assert.equal(onExt4.state, 'deleted');
  assert.deepEqual(onExt4.recovery, { basis: 'no-runs' });
  assert.deepEqual(onExt4.content, { form: 'none', reason: 'no-runs' });
});

test('ext items: blocks of a deleted file that are in use again are counted', () => {
  const image = writeImage('ext2', [{ path: 'gone', content: Buffer.alloc(8 * KIB, 1), deleted: true }]);
  const { items } = readVolume(image);
  const { content } = find(items, 'gone');
  assert.ok(content.form === 'extents' && content.extents[0]!.kind === 'data');
  const bitmap = image.readUInt32LE(2048) * KIB;
  for (let i = 0; i < 2; i++) {
    const bit = content.extents[0]!.sourceOffset / KIB + i - 1;
    image[bitmap + (bit >>> 3)] = image[bitmap + (bit >>> 3)]! | (1 << (bit & 7));
  }
  assert.deepEqual(find(readVolume(image).items, 'gone').recovery, { basis: 'clusters-reused', reusedShare: 0.25 });
});

test('ext items: a name whose inode is used again stays a deleted name without content', () => {
  const image = writeImage('ext2', [{ path: 'live', content: Buffer.from('live') }, { path: 'gone', content: Buffer.from('old'), deleted: true }]);
  image.writeUInt32LE(image.readUInt32LE(image.indexOf(Buffer.from('live')) - 8), image.indexOf(Buffer.from('gone')) - 8);
  const { items } = readVolume(image);
  assert.deepEqual(find(items, 'gone').content, { form: 'none', reason: 'no-runs' });
  // the inode that lost its name is found by itself
  const orphan = items.find((item) => item.state === 'orphan')!;
  assert.equal(rawPath(orphan), `$OrphanFiles/OrphanFile-${orphan.id}`);
  assert.equal(contentOf(image, orphan).toString(), 'old');
});

test('ext items: an inode in use without a name is an orphan', () => {
  const image = writeImage('ext4', [{ path: 'first', content: Buffer.from('1') }, { path: 'unlinked', content: Buffer.from('still open') }]);
  const record = image.indexOf(Buffer.from('unlinked')) - 8;
  const id = image.readUInt32LE(record);
  image.fill(0, record, record + 16);
  image.writeUInt16LE(KIB - (record % KIB), record + 4);
  const orphan = readVolume(image).items.find((item) => item.state === 'orphan')!;
  assert.equal(orphan.id, String(id));
  assert.deepEqual(orphan.recovery, { basis: 'runs-survive' });
  assert.equal(contentOf(image, orphan).toString(), 'still open');
});

test('ext items: an encrypted file has no readable content and says so', () => {
  const image = writeImage('ext4', [{ path: 'secret', content: Buffer.from('cipher text') }]);
  const at = inodeOf(image, 'secret', 256);
  image.writeUInt32LE(image.readUInt32LE(at + 0x20) | 0x800, at + 0x20);
  const { items, problems } = readVolume(image);
  assert.deepEqual(find(items, 'secret').content, { form: 'none', reason: 'encrypted' });
  assert.deepEqual(problems.map(({ code, kind }) => `${kind} ${code}`), ['unsupported ext-item-encrypted']);
});

test('ext items: an extent that was kept but not written reads as zero, and raw as it stands', () => {
  const image = writeImage('ext4', [{ path: 'kept', content: Buffer.alloc(3 * KIB, 7) }]);
  const extent = inodeOf(image, 'kept', 256) + 0x28 + 12;
  image.writeUInt16LE(image.readUInt16LE(extent + 4) + 32_768, extent + 4);
  const item = find(readVolume(image).items, 'kept');
  assert.deepEqual(viewsOf(item.content), ['system', 'raw']);
  assert.ok(contentOf(image, item).equals(Buffer.alloc(3 * KIB)));
  const raw = [...readContent(volumeOf(image).source, item, 'raw')].map((chunk) => Buffer.from(chunk.bytes));
  assert.ok(Buffer.concat(raw).equals(Buffer.alloc(3 * KIB, 7)));
});

test('ext items: times with nanoseconds, before 1970 and after 2038', () => {
  const image = writeImage('ext4', [{ path: 'timed', content: Buffer.from('t') }]);
  const at = inodeOf(image, 'timed', 256);
  image.writeInt32LE(-5, at + 0x10);
  image.writeUInt32LE((123_456_789 << 2) >>> 0, at + 0x88);
  image.writeInt32LE(-2_147_483_648, at + 0x90);
  image.writeUInt32LE(1, at + 0x94);
  const { times } = find(readVolume(image).items, 'timed');
  assert.deepEqual(times.modified, { seconds: -5, nanoseconds: 123_456_789, zone: 'utc' });
  assert.deepEqual(times.created, { seconds: 2_147_483_648, nanoseconds: 0, zone: 'utc' });
});

test('ext items: a name that leads nowhere is told and stays an item', () => {
  const image = writeImage('ext4', [{ path: 'vanished', content: Buffer.from('x') }, { path: 'beyond', content: Buffer.from('y') }]);
  const lost = inodeOf(image, 'vanished', 256);
  image.fill(0, lost, lost + 256);
  image.writeUInt32LE(0xffff_fff0, image.indexOf(Buffer.from('beyond')) - 8);
  const { items, problems } = readVolume(image);
  assert.deepEqual(find(items, 'vanished').content, { form: 'none', reason: 'damaged' });
  assert.deepEqual(find(items, 'beyond').content, { form: 'none', reason: 'damaged' });
  assert.deepEqual(problems.map(({ code, where }) => `${code} ${where.path}`), ['ext-inode-lost p1/vanished', 'ext-inode-out-of-range p1/beyond']);
});

test('ext items: the content of a deleted folder of ext2 comes out under its path', { skip: missingTools('mke2fs', 'debugfs') }, () => {
  withTemporaryFolder((folder) => {
    const tree = path.join(folder, 'tree');
    fs.mkdirSync(path.join(tree, 'trip', 'day1'), { recursive: true });
    fs.writeFileSync(path.join(tree, 'trip', 'day1', 'goal.jpg'), 'a goal');
    const image = path.join(folder, 'image');
    makeImage(image, 4096 * KIB, ['-t', 'ext2', '-b', '1024'], tree);
    debugfs(image, ['rm /trip/day1/goal.jpg', 'rmdir /trip/day1', 'rmdir /trip']);
    const bytes = fs.readFileSync(image);
    const { items, problems } = readVolume(bytes);
    assert.deepEqual(problems, []);
    assert.deepEqual(items.map((item) => `${item.state} ${rawPath(item)}`), ['allocated lost+found', 'deleted trip', 'deleted trip/day1', 'deleted trip/day1/goal.jpg']);
    assert.equal(contentOf(bytes, find(items, 'trip/day1/goal.jpg')).toString(), 'a goal');
  });
});

for (const options of [['-t', 'ext2', '-b', '1024'], ['-t', 'ext4', '-b', '1024'], ['-t', 'ext4', '-b', '4096', '-O', '^flex_bg'], ['-t', 'ext4', '-b', '1024', '-O', 'bigalloc', '-C', '8192'], ['-t', 'ext4', '-b', '1024', '-O', 'meta_bg,^resize_inode']]) {
  test(`ext items: free ranges as dumpe2fs gives them (${options.join(' ')})`, { skip: missingTools('mke2fs', 'dumpe2fs') }, () => {
    withTemporaryFolder((folder) => {
      const image = path.join(folder, 'image');
      makeImage(image, 40 * KIB * KIB, options, null);
      const bytes = fs.readFileSync(image);
      const fileSystem = extFormat.open(volumeOf(bytes));
      const ours = [...fileSystem.freeRanges()];
      const blockSize = bytes.readUInt32LE(1024 + 0x18) === 0 ? 1024 : 4096;
      const free = new Set<number>();
      const text = run('dumpe2fs', [image]).toString();
      for (const match of text.matchAll(/^ {2}Free blocks: (.*)$/gm)) {
        for (const [, first, last] of match[1]!.matchAll(/(\d+)(?:-(\d+))?/g)) for (let block = Number(first); block <= Number(last ?? first); block++) free.add(block);
      }
      const mine = new Set<number>();
      for (const range of ours) for (let block = range.offset / blockSize; block < (range.offset + range.length) / blockSize; block++) mine.add(block);
      assert.ok(mine.size > 100);
      // dumpe2fs names a free cluster at the end of a range by its first block
      const ratio = fileSystem.clusterSizeBytes / blockSize;
      assert.deepEqual([...mine].filter((block) => block % ratio === 0 && !free.has(block)), []);
      assert.deepEqual([...free].filter((block) => !mine.has(block)), []);
    });
  });
}
