import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NtfsFile } from '@kerbside/corpus';
import { makeImage, noise, readImage, type ReadImage } from './ntfs-images.test.ts';

const big = noise(200_000, 1);
const text = Buffer.from('The ball went out for a corner in the last minute. '.repeat(4000));
const tree: NtfsFile[] = [
  { path: 'resident.txt', content: Buffer.from('goal'), modifiedAtSeconds: 1_700_000_000 },
  { path: 'almost a record.bin', content: noise(650, 2) },
  { path: 'empty.txt', content: Buffer.alloc(0) },
  { path: 'A folder/with long name é日本/plain.bin', content: big },
  { path: 'A folder/fragmented.bin', content: big, fragments: 20 },
  { path: 'A folder/sparse.bin', content: big, holes: [{ offsetBytes: 65_536, lengthBytes: 65_536 }] },
  { path: 'A folder/compressed.txt', content: text, compressed: true },
  { path: 'A folder/compressed pieces.bin', content: Buffer.concat([text, big, Buffer.alloc(200_000)]), compressed: true, fragments: 7 },
  { path: 'valid length.bin', content: big, initialisedBytes: 100_000 },
  { path: 'with streams.txt', content: Buffer.from('main'), streams: [{ name: 'small', content: Buffer.from('side') }, { name: 'large ü', content: big }] },
  { path: 'listed.bin', content: big, attributeList: true, fragments: 30, streams: [{ name: 's', content: noise(5000, 3) }] },
  { path: 'listed outside.bin', content: big, attributeList: true, nonResidentAttributeList: true, fragments: 12 },
  { path: 'linked.txt', content: Buffer.from('one file'), hardLinks: ['A folder/second name.txt', 'third.txt'] },
  { path: 'long name for windows.txt', content: Buffer.from('w'), shortName: 'LONGNA~1.TXT' },
  { path: 'secret.bin', content: big, efs: true },
  { path: 'A folder/deleted.bin', content: noise(30_000, 4), deleted: true },
  { path: 'A folder/deleted small.txt', content: Buffer.from('gone'), deleted: true },
  { path: 'lost/orphan.bin', content: noise(9000, 5), deleted: true, orphan: true },
  { path: 'gone/below.bin', content: noise(9000, 6), deleted: true },
  { path: 'overwritten.bin', content: noise(40_000, 7), deleted: true, clustersReused: true },
  { path: 'new 1.bin', content: noise(8192, 8) },
];
const options = { sizeBytes: 4 * 1024 * 1024, emptyFolders: ['Empty folder'], deletedFolders: ['gone'], mftFragments: 3 };
const image = makeImage(tree, options);
const read: ReadImage = readImage(image.bytes);

test('every file is there with its content', () => {
  for (const file of tree) {
    if (file.orphan === true || file.efs === true || file.clustersReused === true) continue;
    let expected = Buffer.from(file.content as Buffer);
    for (const hole of file.holes ?? []) expected.fill(0, hole.offsetBytes, hole.offsetBytes + hole.lengthBytes);
    if (file.initialisedBytes !== undefined) expected = expected.fill(0, file.initialisedBytes);
    for (const name of [file.path, ...(file.hardLinks ?? [])]) {
      assert.ok(read.content(name).equals(expected), name);
      assert.equal(read.byPath.get(name)!.sizeBytes, expected.length, name);
    }
    for (const stream of file.streams ?? []) assert.ok(read.content(`${file.path}:${stream.name}`).equals(stream.content as Buffer), stream.name);
  }
  assert.equal(read.basis, 'primary');
  assert.equal(read.label, 'TEST');
});

test('the only problem of a sound volume is the stream nobody can read', () => {
  assert.deepEqual(read.problems.map((problem) => [problem.code, problem.where.path]), [['ntfs-efs-encrypted', 'p1/secret.bin']]);
  assert.deepEqual(read.byPath.get('secret.bin')!.content, { form: 'none', reason: 'encrypted' });
});

test('extents sum to the size, and a volume inside a disk gives offsets on the disk', () => {
  const before = 1024 * 1024;
  const inside = readImage(Buffer.concat([Buffer.alloc(before), image.bytes]), before);
  assert.equal(inside.items.length, read.items.length);
  for (const [at, item] of read.items.entries()) {
    const { content } = item;
    const moved = inside.items[at]!.content;
    if (content.form === 'inline' && moved.form === 'inline') assert.equal(moved.sourceOffset, content.sourceOffset + before);
    if (content.form !== 'extents' || moved.form !== 'extents') continue;
    assert.equal(content.extents.reduce((sum, extent) => sum + extent.length, 0), item.sizeBytes);
    for (const [i, extent] of content.extents.entries()) {
      assert.equal(moved.extents[i]!.sourceOffset, extent.kind === 'hole' ? -1 : extent.sourceOffset + before);
    }
  }
  assert.ok(inside.content('A folder/compressed.txt').equals(text));
});

test('resident content names its exact place', () => {
  const { content } = read.byPath.get('resident.txt')!;
  assert.ok(content.form === 'inline');
  assert.equal(image.bytes.toString('latin1', content.sourceOffset, content.sourceOffset + 4), 'goal');
});

test('what lies past the valid length is kept as a second view', () => {
  const item = read.byPath.get('valid length.bin')!;
  assert.ok(item.content.form === 'extents');
  assert.deepEqual(item.content.extents.map((extent) => [extent.kind, extent.length]), [['data', 100_000], ['uninitialised', 100_000]]);
  assert.ok(read.content('valid length.bin', 'raw').equals(big));
});

test('holes and compressed units are told apart', () => {
  const kinds = (name: string) => {
    const { content } = read.byPath.get(name)!;
    assert.ok(content.form === 'extents');
    return new Set(content.extents.map((extent) => extent.kind));
  };
  assert.deepEqual(kinds('A folder/sparse.bin'), new Set(['data', 'hole']));
  assert.deepEqual(kinds('A folder/compressed pieces.bin'), new Set(['compressed-unit', 'data', 'hole']));
});

test('deleted files say what is left of them', () => {
  const deleted = read.byPath.get('A folder/deleted.bin')!;
  assert.deepEqual([deleted.state, deleted.recovery], ['deleted', { basis: 'runs-survive' }]);
  const below = read.byPath.get('gone/below.bin')!;
  assert.deepEqual([below.state, below.recovery], ['deleted', { basis: 'runs-survive' }]);
  assert.equal(read.byPath.get('gone')!.state, 'deleted');
  const orphan = read.byPath.get('$OrphanFiles/orphan.bin')!;
  assert.deepEqual([orphan.state, orphan.recovery], ['orphan', { basis: 'runs-survive' }]);
  assert.ok(read.content('$OrphanFiles/orphan.bin').equals(noise(9000, 5)));
  const reused = read.byPath.get('overwritten.bin')!.recovery!;
  assert.ok(reused.basis === 'clusters-reused' && reused.reusedShare > 0 && reused.reusedShare <= 1);
});

test('names, links, times and record numbers', () => {
  assert.ok(!read.byPath.has('LONGNA~1.TXT'));
  const linked = read.items.filter((item) => item.id === read.byPath.get('linked.txt')!.id);
  assert.equal(linked.length, 3);
  const resident = read.byPath.get('resident.txt')!;
  assert.deepEqual(resident.times.modified, { seconds: 1_700_000_000, nanoseconds: 0, zone: 'utc' });
  assert.match(resident.id, new RegExp(`^${image.written.records.get('resident.txt')}-128-\\d+$`));
  assert.equal(read.byPath.get('Empty folder')!.kind, 'directory');
  assert.equal(read.byPath.get('with streams.txt:small')!.kind, 'stream');
  for (const name of ['$MFT', '$Bitmap', '$Boot', '$Extend']) assert.ok(read.byPath.has(name), name);
});

test('free ranges and the clusters of live files do not meet', () => {
  const used = new Set<number>();
  for (const item of read.items) {
    if (item.state !== 'allocated' || item.content.form !== 'extents') continue;
    for (const extent of item.content.extents) {
      if (extent.kind === 'data') for (let at = extent.sourceOffset; at < extent.sourceOffset + extent.length; at += 512) used.add(Math.floor(at / 4096));
    }
  }
  let free = 0;
  for (const range of read.free) {
    free += range.length / 4096;
    for (let at = range.offset; at < range.offset + range.length; at += 4096) assert.ok(!used.has(at / 4096));
  }
  assert.equal(free, image.written.totalClusters - image.written.usedClusters);
});

test('small clusters, where a record spans several', () => {
  for (const clusterSizeBytes of [512, 1024, 65_536]) {
    const other = makeImage(tree.slice(0, 5), { clusterSizeBytes, sizeBytes: clusterSizeBytes > 4096 ? 32 * 1024 * 1024 : 2 * 1024 * 1024 });
    const again = readImage(other.bytes);
    assert.deepEqual(again.codes, []);
    assert.ok(again.content('A folder/fragmented.bin').equals(big));
  }
});
