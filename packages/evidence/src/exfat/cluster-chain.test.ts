import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource, type RandomAccessSource } from '@kerbside/bytes';
import fc from 'fast-check';
import { openClusterChains, type Chain } from './cluster-chain.ts';

const CLUSTERS = 60;
const GEOMETRY = { clusterSizeBytes: 512, volumeBytes: 65_536, fatOffset: 512, fatBytes: 1024, activeFat: 0, heapOffset: 4096, clusterCount: CLUSTERS, rootCluster: 2 } as const;

function sourceOf(fat: readonly number[]): MemorySource {
  const image = Buffer.alloc(65_536);
  fat.forEach((value, cluster) => image.writeUInt32LE(value, 512 + cluster * 4));
  return new MemorySource(image);
}

const clustersOf = (chain: Chain): number[] => chain.runs.flatMap((run) => Array.from({ length: run.count }, (_, i) => run.first + i));

test('any FAT is followed as a plain loop with a list of the seen would', () => {
  const entry = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 2, max: CLUSTERS + 1 }) }, { weight: 1, arbitrary: fc.constantFrom(0, 1, 0xffff_fff7, 0xffff_ffff, CLUSTERS + 2) });
  fc.assert(
    fc.property(fc.array(entry, { minLength: CLUSTERS + 2, maxLength: CLUSTERS + 2 }), fc.integer({ min: 2, max: CLUSTERS + 1 }), (fat, first) => {
      const seen: number[] = [];
      let end = '';
      for (let at = first; end === ''; at = fat[at]!) {
        if (at === 0xffff_ffff) end = 'end-marker';
        else if (at < 2 || at > CLUSTERS + 1) end = 'broken';
        else if (seen.includes(at)) end = 'cycle';
        else seen.push(at);
      }
      const chain = openClusterChains(sourceOf(fat), GEOMETRY).follow(first, 1_000_000);
      assert.deepEqual([clustersOf(chain), chain.clusters, chain.end], [seen, seen.length, end]);
    }),
  );
});

test('it stops at what is wanted, and neighbours make one run', () => {
  const fat = Array.from({ length: CLUSTERS + 2 }, (_, cluster) => cluster + 1);
  fat[9] = 0xffff_ffff;
  const chains = openClusterChains(sourceOf(fat), GEOMETRY);
  assert.deepEqual(chains.follow(2, 4), { runs: [{ first: 2, count: 4 }], clusters: 4, end: 'wanted', cycleLength: 0 });
  assert.deepEqual(chains.follow(2, 8).end, 'end-marker');
});

test('a FAT that cannot be read or is cut off ends the chain, and the reason is kept', () => {
  const fat = Array.from({ length: CLUSTERS + 2 }, (_, cluster) => cluster + 1);
  const memory = sourceOf(fat);
  const failing: RandomAccessSource = {
    sizeBytes: memory.sizeBytes,
    originOffset: 0,
    close() {},
    readInto(target, offset) {
      memory.readInto(target, offset);
      return [{ offset: 512 + 20 * 4, length: 4 }];
    },
  };
  const chain = openClusterChains(failing, GEOMETRY).follow(10, 100);
  assert.deepEqual([clustersOf(chain).at(-1), chain.end], [20, 'unreadable']);
  const cut = new MemorySource(Buffer.alloc(600));
  assert.equal(openClusterChains(cut, GEOMETRY).follow(40, 100).end, 'broken');
});

test('the budget of deleted items leaves that of live ones untouched', () => {
  const fat = Array.from({ length: CLUSTERS + 2 }, (_, cluster) => (cluster === CLUSTERS + 1 ? 0xffff_ffff : cluster + 1));
  const chains = openClusterChains(sourceOf(fat), GEOMETRY);
  let end = '';
  for (let i = 0; i < 20_000 && end !== 'limit'; i++) end = chains.follow(2, 1000, 'deleted').end;
  assert.equal(end, 'limit');
  assert.equal(chains.follow(2, 1000).end, 'end-marker');
});
