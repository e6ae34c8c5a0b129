import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { exfatEntrySetChecksum, makeExfatVolume, makeRandom, type ExfatFile, type ExfatVolumeFacts } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import { readContent } from '../read-content.ts';
import type { Item } from '../item.ts';
import { exfatFormat } from './exfat-format.ts';

const random = makeRandom(21);
function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  random.fill(bytes);
  return bytes;
}

const FILES: readonly ExfatFile[] = [
  { path: 'stay.txt', content: noise(900) },
  { path: 'away/first/a.jpg', content: noise(40_000) },
  { path: 'away/first/b.jpg', content: noise(20_000), fragments: 3 },
  ...Array.from({ length: 60 }, (_, i): ExfatFile => ({ path: `away/second/picture ${i}.jpg`, content: noise(600 + i) })),
];

function listBoth(image: Buffer) {
  const volume = { id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none' as const, declaredType: '', source: new MemorySource(image) };
  const fileSystem = exfatFormat.open(volume);
  const tree = new Map<string, Item>();
  const orphans = new Map<string, Item>();
  const codes: string[] = [];
  for (const [events, items] of [[fileSystem.walk(), tree], [fileSystem.walkOrphans(), orphans]] as const) {
    for (const event of events) {
      if (event.type === 'item') items.set(displayPath('', event.item), event.item);
      // Told once for what an injury leaves without an item; tested by itself.
      else if (event.type === 'problem' && event.problem.code !== 'exfat-lost-clusters') codes.push(event.problem.code);
    }
  }
  return { tree, orphans, codes };
}

function contentOf(image: Buffer, item: Item): Buffer {
  return Buffer.concat([...readContent(new MemorySource(image), item, 'system')].map((chunk) => Buffer.from(chunk.bytes)));
}

function clearEntries(image: Buffer, facts: ExfatVolumeFacts, path: string): void {
  const place = facts.places.get(path)!;
  image.fill(0x20, place.entryOffset, place.entryOffset + place.entryBytes);
}

for (const clusterSizeBytes of [512, 4096, 65_536]) {
  for (const deleted of [true, false]) {
    test(`a ${deleted ? 'deleted' : 'lost'} folder whose entry is overwritten comes back with all below it (clusters of ${clusterSizeBytes})`, () => {
      const { image, facts } = makeExfatVolume({
        sizeBytes: clusterSizeBytes < 65_536 ? 1 << 20 : 8 << 20,
        clusterSizeBytes,
        label: 'ORPHANS',
        seed: 3,
        tree: FILES,
        deletedFolders: deleted ? ['away'] : [],
      });
      clearEntries(image, facts, 'away');
      const { tree, orphans, codes } = listBoth(image);
      assert.deepEqual(codes, []);
      assert.deepEqual([...tree.keys()], ['stay.txt']);
      const top = `$OrphanFiles/OrphanDirectory-${facts.places.get('away')!.runs[0]!.first}`;
      for (const file of FILES.slice(1)) {
        const item = orphans.get(file.path.replace('away', top));
        assert.ok(item, file.path);
        assert.equal(item.state, 'orphan');
        assert.deepEqual(item.recovery, { basis: 'runs-survive' });
        assert.deepEqual(contentOf(image, item), file.content);
      }
      assert.equal(orphans.size, FILES.length - 1 + 2);
    });
  }
}

test('with the root directory wiped, every file below a folder is found with its name, and the damage is told', () => {
  const { image, facts } = makeExfatVolume({ sizeBytes: 1 << 20, label: 'WIPED', seed: 3, tree: FILES });
  image.fill(0, facts.heapOffset + (facts.rootCluster - 2) * 4096, facts.heapOffset + (facts.rootCluster - 1) * 4096);
  const { tree, orphans, codes } = listBoth(image);
  assert.deepEqual([codes, tree.size], [['exfat-no-bitmap'], 0]);
  const top = `$OrphanFiles/OrphanDirectory-${facts.places.get('away')!.runs[0]!.first}`;
  for (const file of FILES.slice(1)) {
    const item = orphans.get(file.path.replace('away', top));
    assert.ok(item, file.path);
    assert.deepEqual(contentOf(image, item), file.content);
  }
});

test('with the FAT wiped, contiguous files are whole and pieces are partial', () => {
  const { image, facts } = makeExfatVolume({ sizeBytes: 1 << 20, label: 'NO FAT', seed: 3, tree: FILES });
  image.fill(0, facts.fatOffset, facts.fatOffset + facts.clusterCount * 4);
  const { tree, codes } = listBoth(image);
  assert.deepEqual(codes, ['exfat-chain-broken', 'exfat-chain-broken']);
  for (const file of FILES) {
    const item = tree.get(file.path);
    assert.ok(item, file.path);
    if (file.fragments !== undefined) assert.equal(item.partial, true);
    else assert.deepEqual(contentOf(image, item), file.content);
  }
});

test('folders that only name each other are found too, once each', () => {
  const tree = [
    { path: 'a/b/x.txt', content: noise(100) },
    { path: 'a/y.txt', content: noise(100) },
  ];
  const { image, facts } = makeExfatVolume({ sizeBytes: 1 << 20, label: 'LOOP', seed: 3, tree });
  // A folder in b that is a: nothing leads to either from outside.
  const inB = facts.places.get('a/b/x.txt')!;
  const a = facts.places.get('a')!;
  const set = image.subarray(inB.entryOffset + inB.entryBytes, inB.entryOffset + inB.entryBytes + a.entryBytes);
  image.copy(set, 0, a.entryOffset, a.entryOffset + a.entryBytes);
  clearEntries(image, facts, 'a');
  const { orphans, codes } = listBoth(image);
  assert.deepEqual(codes, []);
  assert.deepEqual([...orphans.values()].map((item) => Buffer.from(item.name.bytes).toString('utf16le')).toSorted(), ['a', 'b', 'x.txt', 'y.txt']);
});

test('noise that looks like entries but for the checksum is no orphan', () => {
  const { image, facts } = makeExfatVolume({ sizeBytes: 1 << 20, label: 'NOISE', seed: 3, tree: FILES, deletedFolders: ['away'] });
  for (const path of ['away/first', 'away/second', 'away/first/a.jpg', 'away/first/b.jpg']) {
    const { entryOffset } = facts.places.get(path)!;
    image[entryOffset + 8] = image[entryOffset + 8]! ^ 1;
  }
  clearEntries(image, facts, 'away');
  const { orphans } = listBoth(image);
  assert.ok(![...orphans.keys()].some((path) => /first|[ab]\.jpg/.test(path)), [...orphans.keys()].join());
});

test('orphans that claim more bytes than the volume has end the stage with a limit', () => {
  const tree = Array.from({ length: 20 }, (_, i): ExfatFile => ({ path: `away/file ${i}`, content: noise(5000) }));
  const { image, facts } = makeExfatVolume({ sizeBytes: 1 << 20, label: 'GREEDY', seed: 3, tree, deletedFolders: ['away'] });
  for (const { path } of tree) {
    const place = facts.places.get(path)!;
    const set = image.subarray(place.entryOffset, place.entryOffset + place.entryBytes);
    set.writeBigUInt64LE(800_000n, 56);
    set.writeBigUInt64LE(800_000n, 40);
    set.writeUInt32LE(10, 52);
    set.writeUInt16LE(exfatEntrySetChecksum(set), 2);
  }
  clearEntries(image, facts, 'away');
  const { orphans, codes } = listBoth(image);
  assert.deepEqual(codes, ['exfat-orphan-bytes-limit']);
  assert.ok(orphans.size < 3);
});
