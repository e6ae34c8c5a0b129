import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFatVolume, type CorpusFile } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import { fatFormat } from './fat-format.ts';
import { codesOf, entryOffsetOf, listImage, volumeOf } from './listing-for-tests.ts';

const MANY_ENTRIES = 1_000_000;

function small(tree: readonly CorpusFile[], folders: readonly string[] = []) {
  const { image, map } = makeFatVolume({ fatBits: 16, sizeBytes: 4 << 20, clusterSizeBytes: 512, seed: 1, tree, folders });
  return { image, layout: map.layout, clusters: map.clusters };
}

test('hostile names are kept as bytes and never shown as a path', () => {
  const names = ['..', 'a/../../etc', '/absolute', 'nul\0inside', '\u202Egnp.exe', '\ud800 lone', 'new\nline', '\\', ' '];
  const { image } = small(names.map((_, number) => ({ path: `placeholder long name number ${number}`, content: Buffer.from('x') })));
  // The long name is replaced in place; the checksum covers only the short one. The first part stands last.
  const listing = listImage(image);
  names.forEach((name, number) => {
    const item = listing.byPath.get(`placeholder long name number ${number}`)!;
    const at = entryOffsetOf(item, small([]).layout.rootOffset) - 32;
    const text = Buffer.alloc(26, 0xff);
    Buffer.from(`${name}\0`, 'utf16le').copy(text);
    text.copy(image, at + 1, 0, 10);
    text.copy(image, at + 14, 10, 22);
    text.copy(image, at + 28, 22, 26);
  });
  const shown = listImage(image).items.map((item) => displayPath('p1', item));
  assert.equal(shown.length, names.length);
  assert.equal(new Set(shown).size, names.length);
  for (const path of shown) {
    assert.equal(path.split('/').length, 2, path);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(path, /[\u0000-\u001f\u202e\ud800-\udfff]|\/\.\.?$/u);
  }
});

test('a directory that holds itself, and a ring of three, end', () => {
  const { image, layout, clusters } = small([{ path: 'a/b/c/file.txt', content: Buffer.from('x') }]);
  const sound = listImage(image);
  const at = entryOffsetOf(sound.byPath.get('a/b/c')!, layout.rootOffset);
  for (const target of ['a', 'a/b'] as const) {
    image.writeUInt16LE(clusters.get(target)![0]!, at + 26);
    const listing = listImage(image);
    assert.ok(codesOf(listing).includes('fat-directory-loop'));
    assert.ok(listing.byPath.has('a/b/c/file.txt'), 'found again by structure');
    assert.ok(listing.items.length <= 5);
  }
});

test('a file size of 2^32 - 1 on a small volume is listed, partial and told', () => {
  const { image, layout } = small([{ path: 'A.BIN', content: Buffer.alloc(2000) }, { path: 'B.BIN', content: Buffer.alloc(2000), deleted: true }]);
  const sound = listImage(image);
  for (const item of sound.items) image.writeUInt32LE(0xffffffff, entryOffsetOf(item, layout.rootOffset) + 28);
  const listing = listImage(image);
  const item = listing.byPath.get('A.BIN')!;
  assert.equal(item.sizeBytes, 0xffffffff);
  assert.equal(item.partial, true);
  assert.ok(codesOf(listing).includes('fat-chain-too-short'));
  // The deleted one has nothing to vouch for it: counted, not listed.
  assert.ok(codesOf(listing).includes('fat-entry-malformed'));
});

test('a path 300 folders deep is listed in full', () => {
  const path = `${Array.from({ length: 300 }, (_, depth) => `d${depth}`).join('/')}/end.txt`;
  const { image } = small([{ path, content: Buffer.from('deep') }]);
  const listing = listImage(image);
  assert.ok(listing.byPath.has(path));
  assert.deepEqual(listing.problems, []);
});

test('a path past the depth limit ends there with a problem', () => {
  const path = `${Array.from({ length: 600 }, (_, depth) => `d${depth}`).join('/')}/end.txt`;
  const { image } = small([{ path, content: Buffer.from('deep') }]);
  assert.ok(codesOf(listImage(image)).includes('path-depth-limit'));
});

test('a directory of a million entries is listed in full', () => {
  const { image, map } = makeFatVolume({
    fatBits: 32, sizeBytes: 66 << 20, clusterSizeBytes: 512, seed: 1, tree: [], folders: ['many'],
  });
  const { layout } = map;
  const first = map.clusters.get('many')![0]!;
  const clusters = MANY_ENTRIES / 16;
  for (let copy = 0; copy < 2; copy++) {
    const base = (layout.reservedSectors + copy * layout.fatSectors) * 512;
    for (let index = 0; index < clusters; index++) image.writeUInt32LE(index + 1 === clusters ? 0x0fffffff : first + index + 1, base + (first + index) * 4);
  }
  const start = layout.dataOffset + (first - 2) * 512;
  for (let index = 2; index < MANY_ENTRIES; index++) {
    const at = start + index * 32;
    image.write(`F${String(index).padStart(7, '0')}BIN`, at, 'latin1');
    image[at + 11] = 0x20;
  }
  const startedAt = process.cpuUsage().user;
  let items = 0;
  for (const event of fatFormat.open(volumeOf(image)).walk()) if (event.type === 'item') items++;
  assert.equal(items, MANY_ENTRIES - 1);
  assert.ok(process.cpuUsage().user - startedAt < 20e6);
});

test('many entries that share one long chain cost a bounded number of steps', () => {
  const { image, layout, clusters } = small([
    { path: 'LONG.BIN', content: Buffer.alloc(3 << 20) },
    ...Array.from({ length: 6000 }, (_, number) => ({ path: `many/${number}`, content: Buffer.alloc(0) })),
  ]);
  const start = clusters.get('LONG.BIN')![0]!;
  for (const item of listImage(image).items) {
    if (item.parent === null) continue;
    const at = entryOffsetOf(item, layout.rootOffset);
    image.writeUInt16LE(start, at + 26);
    image.writeUInt32LE(3 << 20, at + 28);
  }
  const startedAt = process.cpuUsage().user;
  const listing = listImage(image);
  assert.equal(listing.items.length, 6002);
  assert.ok(codesOf(listing).includes('fat-shared-cluster-limit'));
  assert.ok(process.cpuUsage().user - startedAt < 10e6);
});
