/** Injuries that cost other tools every file: what our reader still finds, and that it tells the damage. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { writeExtVolume, type CorpusFile, type ExtVolumeOptions } from '@kerbside/corpus';
import type { RandomAccessSource } from '@kerbside/bytes';
import type { Item } from '../item.ts';
import { readContent } from '../read-content.ts';
import { extFormat } from './ext-format.ts';
import { contentOf, makeImage, missingTools, rawPath, readVolume, run, volumeOf, withTemporaryFolder } from './ext-test-images.ts';

const MIB = 1024 * 1024;
const PICTURES = 600;

function pictureName(i: number): string {
  return `DCIM/${100 + (i % 5)}MEDIA/picture-${i}.jpg`;
}

function picture(i: number): Buffer {
  return Buffer.alloc(2000 + i * 3, i % 251);
}

function writeImage(options: Partial<ExtVolumeOptions> = {}): Buffer {
  const tree: CorpusFile[] = Array.from({ length: PICTURES }, (_, i) => ({ path: pictureName(i), content: picture(i), fragments: 1 + (i % 4 === 0 ? 2 : 0) }));
  const sizeBytes = options.sizeBytes ?? 24 * MIB;
  const image = Buffer.alloc(sizeBytes);
  writeExtVolume({
    variant: 'ext4', blockSizeBytes: 1024, label: 'damage', seed: 3, tree, sizeBytes, sink: { write: (bytes, offset) => image.set(bytes, offset) }, ...options,
  });
  return image;
}

function assertAllPictures(items: readonly Item[], bytes: Buffer): void {
  const byPath = new Map(items.filter((item) => item.state === 'allocated').map((item) => [rawPath(item), item]));
  for (let i = 0; i < PICTURES; i++) {
    const item = byPath.get(pictureName(i));
    assert.ok(item !== undefined, `${pictureName(i)} is missing`);
    assert.ok(contentOf(bytes, item).equals(picture(i)), pictureName(i));
  }
}

for (const variant of ['ext2', 'ext4'] as const) {
  for (const blockSizeBytes of [1024, 2048, 4096] as const) {
    // two groups and a little, so that there is a backup
    const sizeBytes = blockSizeBytes * blockSizeBytes * 8 * 2 + 8 * MIB;
    test(`ext damage: ${variant}, ${blockSizeBytes}-byte blocks, superblock and then first MiB zeroed`, () => {
      const image = writeImage({ variant, blockSizeBytes, sizeBytes });
      assert.deepEqual(readVolume(image).problems, []);
      image.fill(0, 1024, 2048);
      const withoutSuperblock = readVolume(image);
      assert.equal(withoutSuperblock.basis, 'backup');
      assert.ok(withoutSuperblock.problems.some((problem) => problem.code === 'ext-superblock-lost'));
      assertAllPictures(withoutSuperblock.items, image);
      image.fill(0, 0, MIB);
      const withoutStart = readVolume(image);
      assert.equal(withoutStart.basis, 'backup');
      assert.ok(withoutStart.problems.some((problem) => problem.code === 'ext-superblock-lost'));
      assertAllPictures(withoutStart.items, image);
    });
  }
}

test('ext damage: group descriptors zeroed behind a sound superblock', () => {
  const image = writeImage();
  image.fill(0, 2048, 3072);
  const { items, problems, basis } = readVolume(image);
  assert.equal(basis, 'primary');
  assert.ok(problems.some((problem) => problem.code === 'ext-descriptors-damaged'));
  assertAllPictures(items, image);
});

for (const features of ['metadata_csum', '^metadata_csum,uninit_bg', 'metadata_csum,metadata_csum_seed']) {
  test(`ext damage: a descriptor whose checksum fails is taken from a backup (${features})`, { skip: missingTools('mke2fs') }, () => {
    withTemporaryFolder((folder) => {
      const tree = path.join(folder, 'tree');
      fs.mkdirSync(tree);
      fs.writeFileSync(path.join(tree, 'goal.jpg'), 'a goal');
      const image = path.join(folder, 'image');
      makeImage(image, 24 * MIB, ['-t', 'ext4', '-b', '1024', '-O', features], tree);
      const bytes = fs.readFileSync(image);
      assert.deepEqual(readVolume(bytes).problems, []);
      // an inode table somewhere else that could well be one
      bytes.writeUInt32LE(bytes.readUInt32LE(2048 + 8) + 300, 2048 + 8);
      const { items, problems } = readVolume(bytes);
      assert.deepEqual(problems.map((problem) => problem.code), ['ext-descriptors-damaged']);
      assert.equal(contentOf(bytes, items.find((item) => rawPath(item) === 'goal.jpg')!).toString(), 'a goal');
    });
  });
}

test('ext damage: root inode and folder inodes zeroed, blocks of the folders left', () => {
  const image = writeImage();
  const table = 1026 * 1024;
  assert.equal(image.readUInt16LE(table + 256) >> 12, 4, 'the root inode stands where the test expects it');
  image.fill(0, table, table + 16 * 256);
  const { items, problems } = readVolume(image);
  assert.ok(problems.some((problem) => problem.code === 'ext-root-lost'));
  const names = new Set(items.map(rawPath));
  // the folders' first blocks still name their files, and the root's names the folders
  assert.ok([...names].filter((name) => /^DCIM\/10\dMEDIA\/picture-\d+\.jpg$/.test(name)).length > 50);
  // each file is there, named or not
  const ids = new Set(items.filter((item) => item.kind === 'file').map((item) => item.id));
  assert.ok(ids.size >= PICTURES, `${ids.size}`);
});

test('ext damage: a truncated image keeps its items and says so', () => {
  const image = writeImage().subarray(0, 9 * MIB);
  const { items, problems } = readVolume(image);
  assert.ok(problems.some((problem) => problem.code === 'ext-volume-truncated'));
  assert.ok(items.length > 0);
});

test('ext damage: no superblock anywhere is not recognised', () => {
  assert.equal(extFormat.detect(volumeOf(Buffer.alloc(4 * MIB))), null);
  assert.throws(() => extFormat.open(volumeOf(Buffer.alloc(4 * MIB))), { code: 'ext-no-superblock' });
});

test('ext damage: an unknown incompatible feature is refused by name', () => {
  const image = writeImage();
  image.writeUInt32LE(image.readUInt32LE(1024 + 0x60) | 0x100_0001, 1024 + 0x60);
  assert.throws(() => readVolume(image), { code: 'ext-unsupported-feature', message: /compression, unknown feature bits 0x1000000/ });
});

test('ext damage: unreadable inode tables are told, and the walk goes on', () => {
  const image = writeImage();
  const bad = { offset: 1026 * 1024 + 20 * 256, length: 512 };
  const volume = volumeOf(image);
  const source: RandomAccessSource = {
    ...volume.source, sizeBytes: image.length, originOffset: 0, close: () => {},
    readInto(target, offset) {
      volume.source.readInto(target, offset);
      if (offset >= bad.offset + bad.length || offset + target.byteLength <= bad.offset) return [];
      const start = Math.max(offset, bad.offset);
      const end = Math.min(offset + target.byteLength, bad.offset + bad.length);
      target.fill(0, start - offset, end - offset);
      return [{ offset: start, length: end - start }];
    },
  };
  const codes: string[] = [];
  let items = 0;
  for (const event of extFormat.open({ ...volume, source }).walk()) {
    if (event.type === 'problem') codes.push(event.problem.code);
    else items += 1;
  }
  assert.ok(codes.includes('unreadable-bytes'));
  assert.equal(codes.filter((code) => code === 'ext-inode-lost').length, 2);
  assert.ok(items >= PICTURES);
});

test('ext damage: first MiB of a volume made by mkfs.ext4 zeroed', { skip: missingTools('mke2fs') }, () => {
  withTemporaryFolder((folder) => {
    const tree = path.join(folder, 'tree');
    for (let i = 0; i < PICTURES; i++) {
      const file = path.join(tree, pictureName(i));
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, picture(i));
    }
    const image = path.join(folder, 'image');
    // from 2 GiB on, mkfs keeps the first MiB for descriptors; the file is sparse
    makeImage(image, 2200 * MIB, ['-t', 'ext4', '-b', '4096', '-E', 'lazy_journal_init=1'], tree);
    run('dd', ['if=/dev/zero', `of=${image}`, 'bs=1M', 'count=1', 'conv=notrunc', 'status=none']);
    const descriptor = fs.openSync(image, 'r');
    const sizeBytes = fs.fstatSync(descriptor).size;
    const source: RandomAccessSource = {
      sizeBytes, originOffset: 0, close: () => fs.closeSync(descriptor),
      readInto(target, offset) {
        fs.readSync(descriptor, target, 0, target.byteLength, offset);
        return [];
      },
    };
    const volume = { id: 'p1', startOffset: 0, sizeBytes, scheme: 'none' as const, declaredType: '', source };
    assert.equal(extFormat.detect(volume), 'backup');
    const found = new Map<string, Item>();
    for (const event of extFormat.open(volume).walk()) if (event.type === 'item') found.set(rawPath(event.item), event.item);
    for (let i = 0; i < PICTURES; i++) {
      const item = found.get(pictureName(i));
      assert.ok(item !== undefined, pictureName(i));
      assert.ok(Buffer.concat([...readContent(source, item, 'system')].map((chunk) => Buffer.from(chunk.bytes))).equals(picture(i)));
    }
    source.close();
  });
});
