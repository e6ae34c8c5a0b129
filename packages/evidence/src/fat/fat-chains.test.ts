import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeFatVolume, makeRandom, type CorpusFile } from '@kerbside/corpus';
import { contentOf, entryOffsetOf, listImage, type Listing } from './listing-for-tests.ts';

const CLUSTER_BYTES = 512;

function fileOf(path: string, sizeBytes: number, more: Partial<CorpusFile> = {}): CorpusFile {
  const content = Buffer.alloc(sizeBytes);
  makeRandom(sizeBytes + path.length).fill(content);
  return { path, content, ...more };
}

/** A small FAT16 and ways to edit its table (both copies) and its entries. */
function makeEditable(tree: readonly CorpusFile[], deletedFolders: readonly string[] = []) {
  const { image, map } = makeFatVolume({ fatBits: 16, sizeBytes: 3 << 20, clusterSizeBytes: CLUSTER_BYTES, seed: 1, tree, deletedFolders });
  const { layout } = map;
  const sound = listImage(image);
  return {
    image,
    clusters: (path: string): readonly number[] => map.clusters.get(path)!,
    entryOffset: (path: string): number => entryOffsetOf(sound.byPath.get(path)!, layout.rootOffset),
    setNext(cluster: number, value: number): void {
      for (let copy = 0; copy < 2; copy++) image.writeUInt16LE(value, (layout.reservedSectors + copy * layout.fatSectors) * 512 + cluster * 2);
    },
    clusterOffset: (cluster: number): number => layout.dataOffset + (cluster - 2) * CLUSTER_BYTES,
  };
}

function codesFor(listing: Listing, path: string): string[] {
  return listing.problems.filter((problem) => problem.where.path === path).map((problem) => problem.code);
}

describe('chains of live files', () => {
  test('a loop ends the item where it closes, partial, with a problem', () => {
    const volume = makeEditable([fileOf('a.bin', 5000), fileOf('b.bin', 3000)]);
    const clusters = volume.clusters('a.bin');
    volume.setNext(clusters[4]!, clusters[2]!);
    const listing = listImage(volume.image);
    const item = listing.byPath.get('a.bin')!;
    assert.equal(item.partial, true);
    assert.equal(item.sizeBytes, 5000);
    assert.equal(contentOf(volume.image, item).length, 5 * CLUSTER_BYTES);
    assert.deepEqual(codesFor(listing, 'a.bin'), ['fat-chain-loop']);
    assert.equal(listing.byPath.get('b.bin')?.partial, false);
  });

  test('a cross-link is told on the item that comes second; both stay readable', () => {
    const volume = makeEditable([fileOf('a.bin', 5000), fileOf('b.bin', 5000)]);
    volume.setNext(volume.clusters('b.bin')[3]!, volume.clusters('a.bin')[4]!);
    const listing = listImage(volume.image);
    assert.deepEqual(codesFor(listing, 'a.bin'), []);
    assert.deepEqual(codesFor(listing, 'b.bin'), ['fat-cross-link']);
    assert.equal(listing.byPath.get('b.bin')?.partial, false);
  });

  for (const [what, value, code] of [
    ['an end mark too early', 0xffff, 'fat-chain-too-short'],
    ['a bad mark', 0xfff7, 'fat-chain-broken'],
    ['a free mark', 0, 'fat-chain-broken'],
    ['a cluster past the volume', 0xf000, 'fat-chain-broken'],
    ['cluster 1', 1, 'fat-chain-broken'],
  ] as const) {
    test(`${what} leaves the item partial`, () => {
      const volume = makeEditable([fileOf('a.bin', 5000)]);
      volume.setNext(volume.clusters('a.bin')[3]!, value);
      const listing = listImage(volume.image);
      const item = listing.byPath.get('a.bin')!;
      assert.equal(item.partial, true);
      assert.equal(contentOf(volume.image, item).length, 4 * CLUSTER_BYTES);
      assert.deepEqual(codesFor(listing, 'a.bin'), [code]);
    });
  }

  test('a chain longer than the size is told and the item is whole', () => {
    const volume = makeEditable([fileOf('a.bin', 5000)]);
    volume.image.writeUInt32LE(1000, volume.entryOffset('a.bin') + 28);
    const listing = listImage(volume.image);
    assert.equal(listing.byPath.get('a.bin')?.partial, false);
    assert.deepEqual(listing.problems.map((problem) => problem.code), ['fat-chain-longer-than-size']);
    volume.image.writeUInt32LE(0, volume.entryOffset('a.bin') + 28);
    assert.deepEqual(listImage(volume.image).problems.map((problem) => problem.code), ['fat-chain-longer-than-size']);
  });

  test('a start outside the volume leaves nothing to read, and says so', () => {
    const volume = makeEditable([fileOf('a.bin', 5000)]);
    volume.image.writeUInt16LE(0xfff0, volume.entryOffset('a.bin') + 26);
    const listing = listImage(volume.image);
    assert.deepEqual(listing.byPath.get('a.bin')?.content, { form: 'none', reason: 'damaged' });
    assert.deepEqual(codesFor(listing, 'a.bin'), ['fat-chain-start-invalid']);
    assert.ok(listing.problems.some((problem) => problem.code === 'fat-lost-clusters'));
  });
});

describe('deleted files', () => {
  test('one whose clusters are free comes back whole', () => {
    const file = fileOf('holiday pictures of a bridge.jpg', 5000, { deleted: true });
    const volume = makeEditable([file]);
    const item = listImage(volume.image).byPath.get(file.path)!;
    assert.equal(item.state, 'deleted');
    assert.deepEqual(item.recovery, { basis: 'contiguous-guess' });
    assert.ok(contentOf(volume.image, item).equals(file.content as Buffer));
  });

  test('one that lies around another file skips what is taken and gives the share', () => {
    const volume = makeEditable([fileOf('gone.bin', 5120, { deleted: true })]);
    volume.setNext(volume.clusters('gone.bin')[2]!, 0xffff);
    volume.setNext(volume.clusters('gone.bin')[3]!, 0xffff);
    const item = listImage(volume.image).byPath.get('?one.bin')!;
    assert.deepEqual(item.recovery, { basis: 'clusters-reused', reusedShare: 0.2 });
    assert.equal(item.content.form === 'extents' && item.content.extents.length, 2);
    assert.equal(item.partial, false);
  });

  test('one whose first cluster is taken gives what lies there now and the share', () => {
    const volume = makeEditable([fileOf('gone.bin', 5120, { deleted: true })]);
    for (const cluster of volume.clusters('gone.bin')) volume.setNext(cluster, 0xffff);
    const item = listImage(volume.image).byPath.get('?one.bin')!;
    assert.deepEqual(item.recovery, { basis: 'clusters-reused', reusedShare: 1 });
  });

  test('one that needs more than the rest of the volume is partial and told', () => {
    const volume = makeEditable([fileOf('gone.bin', 5120, { deleted: true })]);
    volume.image.writeUInt32LE(2_900_000, volume.entryOffset('?one.bin') + 28);
    volume.image.writeUInt16LE(2000, volume.entryOffset('?one.bin') + 26);
    const listing = listImage(volume.image);
    assert.equal(listing.byPath.get('?one.bin')?.partial, true);
    assert.deepEqual(codesFor(listing, '?one.bin'), ['fat-deleted-past-end']);
  });

  test('one without a start has no runs', () => {
    const volume = makeEditable([fileOf('gone.bin', 0, { deleted: true })]);
    const item = listImage(volume.image).byPath.get('?one.bin')!;
    assert.deepEqual(item.recovery, { basis: 'no-runs' });
    assert.deepEqual(item.content, { form: 'extents', extents: [] });
  });
});

describe('deleted directories', () => {
  const tree = [
    ...Array.from({ length: 40 }, (_, number) => fileOf(`gone/inner/picture number ${number}.jpg`, 700 + number)),
    fileOf('gone/outer.bin', 900),
    fileOf('stays.txt', 100),
  ];

  test('are walked as long as their clusters are their own', () => {
    const volume = makeEditable(tree, ['gone']);
    const listing = listImage(volume.image);
    assert.deepEqual(listing.problems, []);
    for (const file of tree.slice(0, 40)) {
      const item = listing.byPath.get(file.path.replace('gone/inner', '?one/?nner'));
      assert.ok(item !== undefined && contentOf(volume.image, item).equals(file.content as Buffer), file.path);
      assert.equal(item.state, 'deleted');
    }
  });

  test('whose entry is gone too are found by the orphan stage, with the names of what is below them', () => {
    const volume = makeEditable(tree, ['gone']);
    volume.image.fill(0x41, volume.entryOffset('?one'), volume.entryOffset('?one') + 11);
    volume.image.writeUInt16LE(0, volume.entryOffset('?one') + 26);
    const listing = listImage(volume.image);
    const top = `unnamed-directory-${volume.clusters('gone')[0]}`;
    const names = new Set(listing.orphanStageItems.map((item) => item.state));
    assert.deepEqual([...names], ['orphan']);
    assert.equal(listing.orphanStageItems.length, 43);
    for (const file of tree.slice(0, 40)) {
      const item = listing.byPath.get(file.path.replace('gone/inner', `${top}/?nner`));
      assert.ok(item !== undefined && contentOf(volume.image, item).equals(file.content as Buffer), file.path);
    }
  });

  test('whose clusters belong to others now are listed and not walked', () => {
    const volume = makeEditable(tree, ['gone']);
    for (const cluster of volume.clusters('gone')) volume.setNext(cluster, 0xffff);
    const item = listImage(volume.image).byPath.get('?one')!;
    assert.deepEqual(item.recovery, { basis: 'clusters-reused', reusedShare: 1 });
  });
});

test('clusters marked as bad are told: nothing reads them, and something may have been put there', () => {
  const volume = makeEditable([fileOf('a.bin', 5000)]);
  assert.deepEqual(listImage(volume.image).problems, []);
  for (const cluster of [3000, 3001, 3002]) volume.setNext(cluster, 0xfff7);
  const { problems } = listImage(volume.image);
  assert.deepEqual(problems.map(({ code }) => code), ['fat-bad-clusters']);
  assert.match(problems[0]!.message, /^3 clusters \(1536 bytes\)/);
});

test('free ranges are what the table says, in order', () => {
  const volume = makeEditable([fileOf('a.bin', 5000, { fragments: 3 })]);
  const ranges = [...listImage(volume.image).fileSystem.freeRanges()];
  const used = new Set(volume.clusters('a.bin').map(volume.clusterOffset));
  let last = 0;
  for (const range of ranges) {
    assert.ok(range.offset >= last && range.length % CLUSTER_BYTES === 0);
    last = range.offset + range.length;
    for (let at = range.offset; at < last; at += CLUSTER_BYTES) assert.ok(!used.has(at));
  }
  assert.equal(ranges.length, 3);
});

test('the orphan stage alone gives the same as after a tree pass', () => {
  const tree = [fileOf('gone/x.bin', 700), fileOf('b.bin', 10)];
  const volume = makeEditable(tree, ['gone']);
  volume.image.fill(0x41, volume.entryOffset('?one'), volume.entryOffset('?one') + 11);
  volume.image.writeUInt16LE(0, volume.entryOffset('?one') + 26);
  const listing = listImage(volume.image);
  const alone = [...listing.fileSystem.walkOrphans()].filter((event) => event.type === 'item').length;
  assert.equal(alone, listing.orphanStageItems.length);
  assert.ok(alone > 0);
});
