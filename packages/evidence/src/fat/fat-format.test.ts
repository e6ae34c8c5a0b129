import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFatVolume, type CorpusFile } from '@kerbside/corpus';
import { MemorySource, SourceWindow, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import type { Volume } from '../volume.ts';
import { fatFormat } from './fat-format.ts';
import { codesOf, contentOf, entryOffsetOf, listImage, volumeOf } from './listing-for-tests.ts';

const TREE: readonly CorpusFile[] = [
  { path: 'readme.txt', content: Buffer.from('corner kick'), modifiedAtSeconds: 1_600_000_000 },
  { path: 'season/fixtures 2024.txt', content: Buffer.alloc(1500, 5), modifiedAtSeconds: 1_600_000_001 },
];
const MADE = makeFatVolume({ fatBits: 16, sizeBytes: 3 << 20, clusterSizeBytes: 512, label: 'CLUB', seed: 1, tree: TREE });

test('other volumes are not taken for FAT', () => {
  for (const name of ['NTFS    ', 'EXFAT   ']) {
    const image = Buffer.alloc(1 << 20);
    image.set([0xeb, 0x52, 0x90], 0);
    image.write(name, 3, 'latin1');
    if (name.startsWith('NTFS')) {
      image.writeUInt16LE(512, 11);
      image[13] = 8;
      image[21] = 0xf8;
    }
    image.writeUInt16LE(0xaa55, 510);
    assert.equal(fatFormat.detect(volumeOf(image)), null);
    assert.throws(() => fatFormat.open(volumeOf(image)), { code: 'fat-no-boot-sector' });
  }
  assert.equal(fatFormat.detect(volumeOf(Buffer.alloc(0))), null);
  assert.equal(fatFormat.detect(volumeOf(Buffer.alloc(100, 0xeb))), null);
});

test('the label comes from the root, else from the boot sector, else is empty', () => {
  assert.equal(listImage(MADE.image).fileSystem.label, 'CLUB');
  const image = Buffer.from(MADE.image);
  image[MADE.map.layout.rootOffset] = 0xe5;
  assert.equal(listImage(image).fileSystem.label, 'CLUB');
  image.write('NO NAME    ', 43, 'latin1');
  assert.equal(listImage(image).fileSystem.label, '');
});

test('offsets are those of the source, times have no zone, the walk repeats itself', () => {
  const disk = Buffer.concat([Buffer.alloc(1 << 20, 0xaa), MADE.image]);
  const source = new SourceWindow(new MemorySource(disk), 1 << 20, MADE.image.length);
  const volume: Volume = { id: 'p1', startOffset: 1 << 20, sizeBytes: MADE.image.length, scheme: 'mbr', declaredType: '0x06', source };
  const fileSystem = fatFormat.open(volume);
  const events = [...fileSystem.walk()];
  const items = events.flatMap((event) => (event.type === 'item' ? [event.item] : []));
  assert.deepEqual(items.map((item) => contentOf(disk, item).length), [11, 0, 1500]);
  assert.equal(contentOf(disk, items[0]!).toString(), 'corner kick');
  assert.deepEqual(items[0]!.times.modified, { seconds: 1_600_000_000, nanoseconds: 0, zone: 'local' });
  assert.deepEqual(items[2]!.times.created, { seconds: 1_600_000_001, nanoseconds: 0, zone: 'local' });
  assert.deepEqual([...fileSystem.walk()], events);
  for (const range of fileSystem.freeRanges()) assert.ok(range.offset >= 1 << 20);
});

test('a part of a directory that cannot be read is a problem of the medium, the rest is listed', () => {
  const folder = MADE.map.layout.rootOffset;
  const memory = new MemorySource(MADE.image);
  const bad: ByteRange = { offset: folder + 512, length: 512 };
  const source: RandomAccessSource = {
    sizeBytes: memory.sizeBytes,
    originOffset: 0,
    readInto(target, offset) {
      memory.readInto(target, offset);
      return offset < bad.offset + bad.length && offset + target.length > bad.offset ? [bad] : [];
    },
    close() {},
  };
  const events = [...fatFormat.open({ ...volumeOf(MADE.image), source }).walk()];
  assert.equal(events.filter((event) => event.type === 'item').length, 3);
  const problems = events.flatMap((event) => (event.type === 'problem' ? [event.problem] : []));
  assert.deepEqual(problems.map((problem) => [problem.kind, problem.code, problem.where.offset]), [['medium', 'unreadable-bytes', bad.offset]]);
});

test('a live entry after the end mark is listed and told', () => {
  const image = Buffer.from(MADE.image);
  const at = entryOffsetOf(listImage(image).byPath.get('readme.txt')!, MADE.map.layout.rootOffset);
  image.copyWithin(at + 320, at, at + 32);
  image.fill(0, at, at + 32);
  const listing = listImage(image);
  assert.equal(listing.byPath.get('readme.txt')?.state, 'allocated');
  assert.ok(listing.byPath.has('season/fixtures 2024.txt'));
  assert.deepEqual(codesOf(listing), ['fat-entries-after-end']);
});

test('a file that hides behind the label bit is listed', () => {
  const image = Buffer.from(MADE.image);
  image[entryOffsetOf(listImage(image).byPath.get('readme.txt')!, MADE.map.layout.rootOffset) + 11] = 0x08;
  assert.ok(listImage(image).byPath.has('readme.txt'));
});

test('a broken long name falls back to the short one', () => {
  const image = Buffer.from(MADE.image);
  const at = entryOffsetOf(listImage(image).byPath.get('season/fixtures 2024.txt')!, MADE.map.layout.rootOffset);
  image[at - 32 + 13]! ^= 0xff;
  assert.ok(listImage(image).byPath.has('season/FIXTUR~1.TXT'));
});

test('every item id is unique', () => {
  const ids = listImage(MADE.image).items.map((item) => item.id);
  assert.equal(new Set(ids).size, ids.length);
});
