import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_PATH_DEPTH, MemorySource, type Problem } from '@kerbside/bytes';
import { exfatEntrySetChecksum, makeExfatVolume, mutate, makeRandom, type ExfatFile } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import type { Item } from '../item.ts';
import { exfatFormat } from './exfat-format.ts';

const random = makeRandom(31);
function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  random.fill(bytes);
  return bytes;
}

function volumeOf(image: Buffer) {
  return { id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none' as const, declaredType: '', source: new MemorySource(image) };
}

function walk(image: Buffer) {
  const items: Item[] = [];
  const problems: Problem[] = [];
  for (const event of exfatFormat.open(volumeOf(image)).walk()) {
    if (event.type === 'item') items.push(event.item);
    // Told once for what an injury leaves without an item; tested by itself.
    else if (event.type === 'problem' && event.problem.code !== 'exfat-lost-clusters') problems.push(event.problem);
  }
  const byPath = new Map(items.map((item) => [displayPath('', item), item]));
  return { items, byPath, problems, codes: problems.map((problem) => problem.code) };
}

/** A volume with one more thing wrong: the entry set of `path` is changed and its checksum put right. */
function withEdit(tree: readonly ExfatFile[], path: string, change: (set: Buffer, facts: ReturnType<typeof makeExfatVolume>['facts'], image: Buffer) => void): Buffer {
  const { image, facts } = makeExfatVolume({ sizeBytes: 1 << 20, clusterSizeBytes: 1024, label: 'HOSTILE', seed: 8, tree });
  const place = facts.places.get(path)!;
  const set = image.subarray(place.entryOffset, place.entryOffset + place.entryBytes);
  change(set, facts, image);
  set.writeUInt16LE(exfatEntrySetChecksum(set), 2);
  return image;
}

const FILE: readonly ExfatFile[] = [
  { path: 'match.bin', content: noise(10_000), chained: true },
  { path: 'other.bin', content: noise(3_000) },
];

test('a directory that is its own child, its parent or the root ends there and is told', () => {
  const tree = [{ path: 'a/b/c.txt', content: noise(10) }];
  for (const target of ['root', 'a', 'a/b']) {
    const image = withEdit(tree, 'a/b', (set, facts) => {
      set.writeUInt32LE(target === 'root' ? facts.rootCluster : facts.places.get(target)!.runs[0]!.first, 52);
      if (target === 'root') set[33] = 1;
    });
    const { items, codes } = walk(image);
    assert.deepEqual(codes, target === 'a/b' ? [] : ['exfat-directory-shared']);
    assert.equal(items.length, target === 'a/b' ? 3 : 2);
  }
});

test('300 directories deep are listed; deeper than the limit is told', () => {
  const path = (depth: number): string => `${'d/'.repeat(depth)}deep.txt`;
  const deep = makeExfatVolume({ sizeBytes: 1 << 20, clusterSizeBytes: 512, label: 'DEEP', seed: 1, tree: [{ path: path(300), content: noise(5) }] });
  const seen = walk(deep.image);
  assert.deepEqual([seen.codes, seen.byPath.has(path(300))], [[], true]);
  const deeper = makeExfatVolume({ sizeBytes: 1 << 20, clusterSizeBytes: 512, label: 'DEEPER', seed: 1, tree: [{ path: path(600), content: noise(5) }] });
  const cut = walk(deeper.image);
  assert.deepEqual([cut.codes, cut.items.length], [['exfat-depth-limit'], MAX_PATH_DEPTH + 1]);
});

test('sizes no volume has, first clusters outside, valid lengths above the size', () => {
  for (const size of [2n ** 63n, 2n ** 64n - 1n, 2n ** 53n, 1n << 21n]) {
    const image = withEdit(FILE, 'match.bin', (set) => void set.writeBigUInt64LE(size, 56));
    const { byPath, codes } = walk(image);
    const item = byPath.get('match.bin')!;
    assert.deepEqual(codes, ['exfat-size-impossible']);
    assert.deepEqual([item.content, item.partial, Number.isSafeInteger(item.sizeBytes)], [{ form: 'none', reason: 'damaged' }, true, true]);
  }
  for (const cluster of [0, 1, 0xffff_fff7, 5000]) {
    assert.deepEqual(walk(withEdit(FILE, 'match.bin', (set) => void set.writeUInt32LE(cluster, 52))).codes, ['exfat-first-cluster']);
  }
  const long = walk(withEdit(FILE, 'match.bin', (set) => void set.writeBigUInt64LE(2n ** 63n, 40)));
  assert.deepEqual(long.codes, ['exfat-valid-length']);
  assert.equal(long.byPath.get('match.bin')!.partial, false);
});

test('chains that are too short, broken, or come back: the part there is, partial, told', () => {
  const editFat = (change: (fat: Buffer, first: number) => void): Buffer =>
    withEdit(FILE, 'match.bin', (_set, facts, image) => change(image.subarray(facts.fatOffset), facts.places.get('match.bin')!.runs[0]!.first));
  const cases: readonly [string, number, (fat: Buffer, first: number) => void][] = [
    ['exfat-chain-short', 3, (fat, first) => fat.writeUInt32LE(0xffff_ffff, (first + 2) * 4)],
    ['exfat-chain-broken', 3, (fat, first) => fat.writeUInt32LE(0, (first + 2) * 4)],
    ['exfat-chain-broken', 1, (fat, first) => fat.writeUInt32LE(0xffff_fff7, first * 4)],
    ['exfat-chain-cycle', 1, (fat, first) => fat.writeUInt32LE(first, first * 4)],
    ['exfat-chain-cycle', 3, (fat, first) => fat.writeUInt32LE(first + 1, (first + 2) * 4)],
  ];
  for (const [code, clusters, change] of cases) {
    const { byPath, codes } = walk(editFat(change));
    const item = byPath.get('match.bin')!;
    assert.deepEqual(codes, [code]);
    assert.equal(item.partial, true);
    assert.ok(item.content.form === 'extents');
    assert.equal(item.content.extents.reduce((sum, extent) => sum + extent.length, 0), clusters * 1024);
  }
});

test('two files with the same clusters: both listed, the second told', () => {
  const image = withEdit(FILE, 'other.bin', (set, facts) => void set.writeUInt32LE(facts.places.get('match.bin')!.runs[0]!.first + 8, 52));
  const { items, codes } = walk(image);
  assert.deepEqual([items.length, codes], [2, ['exfat-cross-linked']]);
});

test('names that try to be a path, a command or nothing are shown harmless and stay different', () => {
  const names = ['..', '.', 'a\u0000b', 'a\u0001b', '\u202Egpj.exe', 'half\uD800pair', 'half\uDC00pair', 'a\\b', 'CON', '\u001b[2J', 'e\u0301', '\u00e9'];
  const { image } = makeExfatVolume({ sizeBytes: 1 << 20, label: 'NAMES', seed: 1, tree: names.map((path) => ({ path, content: noise(9) })) });
  const { items, byPath, codes } = walk(image);
  assert.deepEqual([items.length, byPath.size, codes], [names.length, names.length, []]);
  assert.deepEqual(items.map((item) => Buffer.from(item.name.bytes).toString('hex')), names.map((name) => Buffer.from(name, 'utf16le').toString('hex')));
  for (const path of byPath.keys()) {
    // oxlint-disable-next-line no-control-regex
    assert.match(path, /^[^\u0000-\u001f/\u202e\ud800-\udfff]+$/u);
    assert.ok(path !== '..' && path !== '.');
  }
});

test('entries in use without their followers, with a wrong checksum, or behind the end marker are told', () => {
  const build = () => makeExfatVolume({ sizeBytes: 1 << 20, clusterSizeBytes: 1024, label: 'ENTRIES', seed: 8, tree: FILE });
  const { image, facts } = build();
  const place = facts.places.get('match.bin')!;
  const edited = (change: (copy: Buffer, at: number) => void) => {
    const copy = Buffer.from(image);
    change(copy, place.entryOffset);
    return walk(copy);
  };
  const noStream = edited((copy, at) => void (copy[at + 32] = 0xc1));
  assert.deepEqual([noStream.codes, noStream.items.length], [['exfat-entry-lost'], 1]);
  const noName = edited((copy, at) => void (copy[at + 64] = 0x01));
  assert.deepEqual([noName.codes, noName.items.map((item) => item.name.bytes.length)], [['exfat-entry-damaged'], [0, 18]]);
  const wrongSum = edited((copy, at) => void (copy[at + 2] = copy[at + 2]! ^ 1));
  assert.deepEqual([wrongSum.codes, wrongSum.byPath.has('match.bin')], [['exfat-entry-checksum'], true]);
  const pastEnd = edited((copy, at) => {
    copy.copyWithin(at + 96, at, at + 192);
    copy.fill(0, at, at + 96);
  });
  assert.deepEqual([pastEnd.codes, pastEnd.items.length], [['exfat-entries-past-end'], 2]);
});

test('a directory full of noise is told in bounded words', () => {
  const { image, facts } = makeExfatVolume({ sizeBytes: 4 << 20, clusterSizeBytes: 32_768, label: 'NOISE', seed: 8, tree: [{ path: 'a/x', content: noise(3 << 20) }] });
  const heap = facts.heapOffset;
  for (let at = heap + 10 * 32_768; at < heap + 90 * 32_768; at += 32) image.set([0x85, 0x05], at);
  const place = facts.places.get('a')!;
  const set = image.subarray(place.entryOffset, place.entryOffset + place.entryBytes);
  set.writeUInt32LE(12, 52);
  set.writeBigUInt64LE(BigInt(80 * 32_768), 56);
  set.writeUInt16LE(exfatEntrySetChecksum(set), 2);
  const { codes } = walk(image);
  assert.ok(codes.length <= 10_001, `${codes.length} problems`);
  assert.equal(codes.at(-1), 'exfat-more-problems');
});

/** Damaged copies looked at in one run. */
const MUTATIONS = process.env['KERBSIDE_LONG'] === '1' ? 50_000 : 2_000;

test(`${MUTATIONS} damaged volumes: no fault, no hang, never more items than the volume has room for`, () => {
  const tree: readonly ExfatFile[] = [
    { path: 'a.txt', content: noise(700), chained: true },
    { path: 'pieces.bin', content: noise(6_000), fragments: 4 },
    { path: 'part.bin', content: noise(4_000), validBytes: 100 },
    { path: 'gone.bin', content: noise(4_000), deleted: true },
    { path: 'old/gone too.bin', content: noise(900), fragments: 2 },
    { path: 'old/below/deep.bin', content: noise(900) },
    ...Array.from({ length: 24 }, (_, i): ExfatFile => ({ path: `d${i % 3}/e${i % 5}/a rather long file name of number ${i}.jpg`, content: noise(i * 40) })),
  ];
  const options = { sizeBytes: 256 * 1024, clusterSizeBytes: 512, label: 'MUTATE', tree, deletedFolders: ['old'] };
  const images = [makeExfatVolume({ ...options, seed: 1 }).image, makeExfatVolume({ ...options, seed: 2, folderFragments: 3 }).image];
  let opened = 0;
  let slowestMs = 0;
  for (let seed = 0; seed < MUTATIONS; seed++) {
    const image = mutate(images[seed % images.length]!, seed);
    const volume = volumeOf(image);
    if (exfatFormat.detect(volume) === null) continue;
    opened++;
    const started = performance.now();
    const fileSystem = exfatFormat.open(volume);
    // An entry set takes at least two entries of 32 bytes, and no cluster is read twice as a directory.
    const budget = image.length / 64;
    let items = 0;
    for (const events of [fileSystem.walk(), fileSystem.walkOrphans()]) {
      for (const event of events) {
        if (event.type === 'pause') continue;
        if (event.type === 'problem') {
          assert.notEqual(event.problem.kind, 'internal', `seed ${seed}: ${event.problem.message}`);
          continue;
        }
        items++;
        checkItem(event.item, image.length, seed);
      }
    }
    let freeBytes = 0;
    for (const range of fileSystem.freeRanges()) freeBytes += range.length;
    assert.ok(items <= budget && freeBytes <= image.length, `seed ${seed}: ${items} items, ${freeBytes} bytes free`);
    slowestMs = Math.max(slowestMs, performance.now() - started);
  }
  assert.ok(opened > MUTATIONS * 0.9, `only ${opened} volumes were recognised`);
  assert.ok(slowestMs < 10_000, `the slowest took ${slowestMs} ms`);
});

function checkItem(item: Item, sourceBytes: number, seed: number): void {
  assert.ok(Number.isSafeInteger(item.sizeBytes) && item.sizeBytes >= 0);
  assert.equal(item.recovery === null, item.state === 'allocated');
  if (item.content.form !== 'extents') return;
  let sum = 0;
  for (const extent of item.content.extents) {
    sum += extent.length;
    assert.ok(extent.length > 0 && extent.sourceOffset >= 0 && extent.sourceOffset + extent.length <= sourceBytes, `seed ${seed}: extent outside`);
  }
  assert.ok(item.partial ? sum < item.sizeBytes : sum === item.sizeBytes, `seed ${seed}: extents sum to ${sum} of ${item.sizeBytes}`);
}
