import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource, SourceWindow, type ByteRange, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import { exfatEntrySetChecksum, makeExfatVolume, makeRandom, type ExfatFile, type ExfatVolumeOptions } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import type { FileSystem } from '../file-system.ts';
import type { Item, WalkEvent } from '../item.ts';
import { readContent, type ContentView } from '../read-content.ts';
import { exfatFormat } from './exfat-format.ts';

const random = makeRandom(11);
function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  random.fill(bytes);
  return bytes;
}

const LONG_NAME = 'second half '.repeat(20).trim() + '.txt';
const FILES: readonly ExfatFile[] = [
  { path: 'read me.txt', content: Buffer.from('kick-off at three'), modifiedAtSeconds: 1_600_000_001 },
  { path: 'empty', content: Buffer.alloc(0) },
  { path: 'DCIM/100/IMG_0001.JPG', content: noise(70_000) },
  { path: 'DCIM/100/IMG_0002.JPG', content: noise(100_000), fragments: 5 },
  { path: 'DCIM/100/gone.JPG', content: noise(50_000), deleted: true },
  { path: 'DCIM/100/gone in pieces.JPG', content: noise(50_000), deleted: true, fragments: 3 },
  { path: 'DCIM/100/clip.mp4', content: noise(30_000), validBytes: 9_001 },
  { path: 'DCIM/chained.bin', content: noise(30_000), chained: true },
  { path: `Ünï/⚽ ${LONG_NAME}`, content: noise(5_000) },
  { path: 'gone chained.bin', content: noise(9_000), deleted: true, chained: true },
  { path: 'old/season/table.txt', content: noise(9_000) },
  ...Array.from({ length: 120 }, (_, i): ExfatFile => ({ path: `many/match report ${i}.txt`, content: noise(i * 11) })),
];
const OPTIONS: Omit<ExfatVolumeOptions, 'sink'> = { sizeBytes: 2 << 20, clusterSizeBytes: 1024, label: 'KERBSIDE', seed: 4, tree: FILES, deletedFolders: ['old'], emptyFolders: ['void'] };

function openFileSystem(source: RandomAccessSource): FileSystem {
  const volume = { id: 'p1', startOffset: source.originOffset, sizeBytes: source.sizeBytes, scheme: 'none' as const, declaredType: '', source };
  assert.notEqual(exfatFormat.detect(volume), null);
  return exfatFormat.open(volume);
}

function collect(events: Iterable<WalkEvent>) {
  const items = new Map<string, Item>();
  const problems: Problem[] = [];
  for (const event of events) {
    if (event.type === 'item') items.set(displayPath('', event.item), event.item);
    // Told once for what an injury leaves without an item; tested by itself.
    else if (event.type === 'problem' && event.problem.code !== 'exfat-lost-clusters') problems.push(event.problem);
  }
  return { items, problems, codes: problems.map((problem) => problem.code) };
}

function walkImage(image: Buffer) {
  return collect(openFileSystem(new MemorySource(image)).walk());
}

function bytesOf(source: RandomAccessSource, item: Item, view: ContentView = 'system'): Buffer {
  return Buffer.concat([...readContent(source, item, view)].map((chunk) => Buffer.from(chunk.bytes)));
}

/** Changes entry sets in place and puts their checksum right. */
function editSet(image: Buffer, place: { readonly entryOffset: number; readonly entryBytes: number } | undefined, change: (set: Buffer) => void): void {
  assert.ok(place);
  const set = image.subarray(place.entryOffset, place.entryOffset + place.entryBytes);
  change(set);
  set.writeUInt16LE(exfatEntrySetChecksum(set), 2);
}

test('every file comes with its path, size, state, time and bytes, and nothing else', () => {
  const { image } = makeExfatVolume(OPTIONS);
  const source = new MemorySource(image);
  const { items, problems } = collect(openFileSystem(source).walk());
  assert.deepEqual(problems, []);
  for (const file of FILES) {
    const item = items.get(file.path);
    assert.ok(item, file.path);
    assert.equal(item.kind, 'file');
    assert.equal(item.state, file.deleted === true || file.path.startsWith('old/') ? 'deleted' : 'allocated', file.path);
    assert.equal(item.partial, false);
    const content = file.content as Buffer;
    assert.deepEqual(bytesOf(source, item, 'raw'), content, file.path);
    assert.equal(item.sizeBytes, content.length);
    assert.deepEqual(item.times.modified, { seconds: file.modifiedAtSeconds ?? 1_622_505_600, nanoseconds: 0, zone: 'utc' });
  }
  const directories = [...items].filter(([, item]) => item.kind === 'directory').map(([path, item]) => `${path} ${item.state}`);
  assert.deepEqual(directories.toSorted(), ['DCIM allocated', 'DCIM/100 allocated', 'many allocated', 'old deleted', 'old/season deleted', 'void allocated', 'Ünï allocated'].toSorted());
  assert.equal(items.size, FILES.length + directories.length);
});

test('label, cluster size and offsets on the source of a volume that does not start at zero', () => {
  const { image } = makeExfatVolume(OPTIONS);
  const disk = Buffer.concat([Buffer.alloc(5000), image]);
  const source = new MemorySource(disk);
  const fileSystem = openFileSystem(new SourceWindow(source, 5000, image.length));
  assert.deepEqual([fileSystem.kind, fileSystem.label, fileSystem.clusterSizeBytes], ['exFAT', 'KERBSIDE', 1024]);
  const item = collect(fileSystem.walk()).items.get('DCIM/100/IMG_0002.JPG');
  assert.ok(item);
  assert.deepEqual(bytesOf(source, item), FILES[3]!.content);
});

test('past the valid data length the system view is zero and the raw view is what is stored', () => {
  const { image } = makeExfatVolume(OPTIONS);
  const source = new MemorySource(image);
  const item = walkImage(image).items.get('DCIM/100/clip.mp4')!;
  const content = FILES[6]!.content as Buffer;
  assert.deepEqual(bytesOf(source, item, 'system'), Buffer.concat([content.subarray(0, 9001), Buffer.alloc(30_000 - 9001)]));
  assert.deepEqual(bytesOf(source, item, 'raw'), content);
});

test('deleted files say on what their recovery rests', () => {
  const { image, facts } = makeExfatVolume(OPTIONS);
  const basis = (path: string): unknown => walkImage(image).items.get(path)?.recovery;
  assert.deepEqual(basis('DCIM/100/gone.JPG'), { basis: 'runs-survive' });
  assert.deepEqual(basis('DCIM/100/gone in pieces.JPG'), { basis: 'runs-survive' });
  assert.deepEqual(basis('gone chained.bin'), { basis: 'runs-survive' });
  // The chain's first link now leads nowhere.
  image.writeUInt32LE(0, facts.fatOffset + facts.places.get('gone chained.bin')!.runs[0]!.first * 4);
  assert.deepEqual(basis('gone chained.bin'), { basis: 'contiguous-guess' });
  // Half of the clusters of the other belong to somebody now.
  const run = facts.places.get('DCIM/100/gone.JPG')!.runs[0]!;
  for (let bit = run.first - 2; bit < run.first - 2 + Math.floor(run.count / 2); bit++) {
    const at = facts.bitmapOffset + (bit >> 3);
    image[at] = image[at]! | (1 << (bit & 7));
  }
  assert.deepEqual(basis('DCIM/100/gone.JPG'), { basis: 'clusters-reused', reusedShare: Math.floor(run.count / 2) / run.count });
  editSet(image, facts.places.get('DCIM/100/gone.JPG'), (set) => set.writeUInt32LE(0, 52));
  assert.deepEqual(basis('DCIM/100/gone.JPG'), { basis: 'no-runs' });
});

test('main boot region zeroed: the backup gives every file with its path, and the damage is told', () => {
  const { image } = makeExfatVolume(OPTIONS);
  const whole = walkImage(image);
  image.fill(0, 0, 12 * 512);
  const volume = { id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none' as const, declaredType: '', source: new MemorySource(image) };
  assert.equal(exfatFormat.detect(volume), 'backup');
  const saved = walkImage(image);
  assert.deepEqual(saved.codes, ['exfat-main-boot-damaged']);
  assert.deepEqual(saved.items, whole.items);
});

test('one changed bit in the main boot region is seen by its checksum', () => {
  const { image } = makeExfatVolume(OPTIONS);
  image[100] = image[100]! ^ 1;
  assert.deepEqual(walkImage(image).codes, ['exfat-main-boot-damaged']);
  image[12 * 512 + 100] = image[100]!;
  assert.deepEqual(walkImage(image).codes, ['exfat-boot-checksum']);
  image.fill(0, 0, 24 * 512);
  assert.equal(exfatFormat.detect({ id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none', declaredType: '', source: new MemorySource(image) }), null);
});

test('folders in pieces are followed along the FAT, whatever their stale length says', () => {
  const { image, facts } = makeExfatVolume({ ...OPTIONS, folderFragments: 4 });
  editSet(image, facts.places.get('many'), (set) => set.writeBigUInt64LE(1024n, 56));
  const { items, problems } = walkImage(image);
  assert.deepEqual(problems, []);
  assert.equal([...items.keys()].filter((path) => path.startsWith('many/')).length, 120);
});

test('a folder whose FAT chain is gone is read on as long as its clusters look like one', () => {
  const { image, facts } = makeExfatVolume({ ...OPTIONS, folderFragments: 2 });
  const run = facts.places.get('many')!.runs[0]!;
  image.fill(0, facts.fatOffset + run.first * 4, facts.fatOffset + (run.first + run.count) * 4);
  const { items, codes } = walkImage(image);
  assert.deepEqual(codes, ['exfat-chain-broken']);
  assert.ok([...items.keys()].filter((path) => path.startsWith('many/')).length >= 50);
});

test('no label, a label twice, a bitmap longer than the heap: all as usual', () => {
  const { image, facts } = makeExfatVolume(OPTIONS);
  const root = facts.heapOffset + (facts.rootCluster - 2) * 1024;
  const label = Buffer.from(image.subarray(root + 64, root + 96));
  const without = Buffer.from(image);
  without[root + 64] = 0x03;
  assert.equal(openFileSystem(new MemorySource(without)).label, '');
  assert.deepEqual(walkImage(without).codes, []);
  label.copy(image, root + 32);
  image.writeBigUInt64LE(1024n, root + 24);
  assert.equal(openFileSystem(new MemorySource(image)).label, 'KERBSIDE');
  assert.deepEqual(walkImage(image).codes, []);
});

test('without a bitmap the walk goes on, says so, and free space is what no file has', () => {
  const { image, facts } = makeExfatVolume({ ...OPTIONS, deletedFolders: [], tree: FILES.slice(0, 4) });
  const before = [...openFileSystem(new MemorySource(image)).freeRanges()];
  image[facts.heapOffset + (facts.rootCluster - 2) * 1024] = 0x01;
  const fileSystem = openFileSystem(new MemorySource(image));
  assert.deepEqual(collect(fileSystem.walk()).codes, ['exfat-no-bitmap']);
  const freeBytes = (ranges: readonly ByteRange[]): number => ranges.reduce((sum, range) => sum + range.length, 0);
  const bitmapBytes = Math.ceil(facts.clusterCount / 8 / 1024) * 1024;
  assert.equal(freeBytes([...fileSystem.freeRanges()]), freeBytes(before) + bitmapBytes);
});

test('clusters marked as used that no item has are told', () => {
  const { image, facts } = makeExfatVolume(OPTIONS);
  const lost = (): string[] => [...openFileSystem(new MemorySource(image)).walk()].flatMap((event) => (event.type === 'problem' && event.problem.code === 'exfat-lost-clusters' ? [event.problem.message] : []));
  assert.deepEqual(lost(), []);
  const byte = facts.bitmapOffset + Math.floor((facts.clusterCount - 1) / 8) - 1;
  assert.equal(image[byte], 0);
  image[byte] = 0b0110_0001;
  assert.match(lost()[0]!, /^3 clusters \(3072 bytes\) are marked as used/);
});

test('free ranges are the clusters whose bit is not set, ascending, merged', () => {
  const { image, facts } = makeExfatVolume(OPTIONS);
  const ranges = [...openFileSystem(new MemorySource(image)).freeRanges()];
  const free = new Set<number>();
  let last = -1;
  for (const { offset, length } of ranges) {
    assert.ok(offset > last);
    last = offset + length;
    for (let at = offset; at < offset + length; at += 1024) free.add((at - facts.heapOffset) / 1024);
  }
  for (let bit = 0; bit < facts.clusterCount; bit++) {
    assert.equal(free.has(bit), (image[facts.bitmapOffset + (bit >> 3)]! & (1 << (bit & 7))) === 0, `bit ${bit}`);
  }
});

test('a truncated image keeps its items and marks those that reach past its end', () => {
  const { image, facts } = makeExfatVolume(OPTIONS);
  const run = facts.places.get('DCIM/100/IMG_0001.JPG')!.runs[0]!;
  const cut = image.subarray(0, facts.heapOffset + (run.first - 2 + 5) * 1024);
  const { items, codes } = walkImage(cut);
  const item = items.get('DCIM/100/IMG_0001.JPG')!;
  assert.deepEqual([item.partial, item.sizeBytes], [true, 70_000]);
  assert.equal(bytesOf(new MemorySource(cut), item).length, 5 * 1024);
  assert.ok(codes.includes('exfat-volume-truncated') && codes.includes('exfat-content-outside'));
});

test('sectors that cannot be read are told with their place, and the rest is listed', () => {
  const { image, facts } = makeExfatVolume(OPTIONS);
  const badAt = facts.heapOffset + (facts.places.get('DCIM')!.runs[0]!.first - 2) * 1024;
  const memory = new MemorySource(image);
  const failing: RandomAccessSource = {
    sizeBytes: image.length,
    originOffset: 0,
    close() {},
    readInto(target, offset) {
      memory.readInto(target, offset);
      const from = Math.max(offset, badAt);
      const to = Math.min(offset + target.byteLength, badAt + 512);
      if (from >= to) return [];
      target.fill(0, from - offset, to - offset);
      return [{ offset: from, length: to - from }];
    },
  };
  const { items, problems } = collect(openFileSystem(failing).walk());
  assert.deepEqual(problems.map(({ code, where }) => [code, where.path, where.offset]), [['exfat-directory-unreadable', 'p1/DCIM', badAt]]);
  assert.ok(items.has('many/match report 7.txt'));
});

test('the same bytes give the same events, and the orphan stage needs no walk before it', () => {
  const { image } = makeExfatVolume(OPTIONS);
  const first = openFileSystem(new MemorySource(image));
  const second = openFileSystem(new MemorySource(image));
  assert.deepEqual([...first.walk()], [...second.walk()]);
  const orphans = [...first.walkOrphans()];
  assert.deepEqual(orphans, [...openFileSystem(new MemorySource(image)).walkOrphans()]);
  assert.deepEqual(orphans, []);
});
