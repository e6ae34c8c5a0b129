import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { MemorySource, type ByteRange } from '@kerbside/bytes';
import type { Item } from '@kerbside/evidence';
import { Catalogue } from './catalogue.ts';
import fc from 'fast-check';
import { DIGEST_BIT, packedLength, unpackDigests, toHex } from './digests.ts';
import { VIEW_AS_SHOWN, VIEW_RAW } from './extent-code.ts';
import { hashItems, makeReadBuffers, MAX_READ_BYTES, type Monitor, type ReadableSource } from './hash-items.ts';
import { ENTRY, type HashResult } from './hash-job.ts';
import { ARENA_BYTES, createLaneChoice, MAX_GATHERED_BYTES } from './md5-lanes.ts';
import { makeJob } from './plan.ts';
import { dataAt, fileItem, hexOf } from './test-fakes.ts';

const ALL = DIGEST_BIT.md5 | DIGEST_BIT.sha1 | DIGEST_BIT.sha256;
const GO_ON: Monitor = { isStopped: () => false, addHashed: () => undefined };
/** A reader that hashes one by one, and one that hashes MD5 in lanes from the first job on. */
const PLAIN = makeReadBuffers(createLaneChoice(MAX_READ_BYTES, Number.POSITIVE_INFINITY));
const LANES = makeReadBuffers(createLaneChoice(MAX_READ_BYTES, 0));

/** Both readers must say the same, so every test here is a test of both. `makeMonitor` is called for each. */
function hashAll(makeSource: () => ReadableSource, items: readonly Item[], views?: Uint8Array, makeMonitor = (): Monitor => GO_ON, masks?: Uint8Array): HashResult {
  const catalogue = new Catalogue();
  const ordinals = items.map((item) => catalogue.add('p1', item));
  const [plain, lanes] = [PLAIN, LANES].map((buffers) =>
    hashItems(makeSource(), makeJob(catalogue, 1, ordinals, views ?? new Uint8Array(items.length), masks ?? new Uint8Array(items.length).fill(ALL)), buffers, makeMonitor()),
  );
  assert.deepEqual(lanes, plain);
  return lanes!;
}

function hexes(result: HashResult, entry: number): string[] {
  return unpackDigests(result.digests, entry * 68, ALL).map(({ bytes }) => toHex(bytes));
}

function expected(bytes: Uint8Array): string[] {
  return [hexOf('md5', bytes), hexOf('sha1', bytes), hexOf('sha256', bytes)];
}

/** Counts reads and can refuse a range of bytes. */
function countingSource(bytes: Uint8Array, bad: ByteRange | null = null): ReadableSource & { reads: number } {
  const memory = new MemorySource(bytes);
  return {
    reads: 0,
    sizeBytes: bytes.byteLength,
    originOffset: 0,
    readInto(target, offset) {
      this.reads += 1;
      memory.readInto(target, offset);
      if (bad === null) return [];
      const start = Math.max(bad.offset, offset);
      const end = Math.min(bad.offset + bad.length, offset + target.byteLength);
      if (end <= start) return [];
      target.fill(0, start - offset, end - offset);
      return [{ offset: start, length: end - start }];
    },
    close: () => undefined,
  };
}

test('neighbours come in with one read, and every digest is right', () => {
  const bytes = randomBytes(300_000);
  const source = countingSource(bytes);
  const items = Array.from({ length: 50 }, (_, index) => fileItem(`f${index}`, 5000, dataAt([index * 6000, 5000])));
  const result = hashAll(() => source, items);
  assert.equal(source.reads, 2, 'one read of each reader');
  for (let index = 0; index < items.length; index++) assert.deepEqual(hexes(result, index), expected(bytes.subarray(index * 6000, index * 6000 + 5000)));
});

test('fragmented, sparse, long and empty items, and both views, are read in file order', () => {
  const bytes = randomBytes(4 * 1024 * 1024);
  const part = (at: number, length: number): Buffer => bytes.subarray(at, at + length);
  const items = [
    fileItem('fragmented', 3000, dataAt([9000, 1000], [1000, 2000])),
    fileItem('sparse', 5000, { form: 'extents', extents: [{ kind: 'data', sourceOffset: 512, length: 1000 }, { kind: 'hole', sourceOffset: -1, length: 4000 }] }),
    fileItem('long', 3_000_000, dataAt([0, 3_000_000])),
    fileItem('empty', 0, dataAt()),
    fileItem('shown', 2000, { form: 'extents', extents: [{ kind: 'data', sourceOffset: 0, length: 1000 }, { kind: 'uninitialised', sourceOffset: 1000, length: 1000 }] }),
    fileItem('raw', 2000, { form: 'extents', extents: [{ kind: 'data', sourceOffset: 0, length: 1000 }, { kind: 'uninitialised', sourceOffset: 1000, length: 1000 }] }),
  ];
  const result = hashAll(() => new MemorySource(bytes), items, Uint8Array.from([0, 0, 0, 0, VIEW_AS_SHOWN, VIEW_RAW]));
  assert.deepEqual([...result.outcomes], [0, 0, 0, 0, 0, 0]);
  const contents = [
    Buffer.concat([part(9000, 1000), part(1000, 2000)]),
    Buffer.concat([part(512, 1000), Buffer.alloc(4000)]),
    part(0, 3_000_000),
    Buffer.alloc(0),
    Buffer.concat([part(0, 1000), Buffer.alloc(1000)]),
    part(0, 2000),
  ];
  for (const [index, content] of contents.entries()) assert.deepEqual(hexes(result, index), expected(content), items[index]!.id);
});

test('an unreadable byte fails its own item only, with the exact range', () => {
  const source = countingSource(randomBytes(100_000), { offset: 12_288, length: 512 });
  const result = hashAll(() => source, [fileItem('before', 10_000, dataAt([0, 10_000])), fileItem('hit', 10_000, dataAt([10_000, 10_000])), fileItem('after', 10_000, dataAt([20_000, 10_000]))]);
  assert.deepEqual([...result.outcomes], [ENTRY.hashed, ENTRY.failed, ENTRY.hashed]);
  assert.deepEqual(result.failures, [{ entry: 1, problems: [], unreadable: [{ offset: 12_288, length: 512 }] }]);
});

test('an extent past the end of the source is a failure, not a digest of zeros', () => {
  const result = hashAll(() => new MemorySource(Buffer.alloc(8192, 7)), [fileItem('cut', 8192, dataAt([4096, 8192]))]);
  assert.equal(result.outcomes[0], ENTRY.failed);
  assert.deepEqual(result.failures[0]!.unreadable, [{ offset: 8192, length: 4096 }]);
});

test('a stop request leaves the rest marked as stopped', () => {
  const makeMonitor = (): Monitor => {
    let asked = 0;
    return { isStopped: () => asked++ > 0, addHashed: () => undefined };
  };
  const result = hashAll(() => new MemorySource(Buffer.alloc(4_000_000)), [fileItem('a', 10, dataAt([0, 5], [9, 5])), fileItem('b', 10, dataAt([0, 10]))], undefined, makeMonitor);
  assert.deepEqual([...result.outcomes], [ENTRY.stopped, ENTRY.stopped]);
});

test('a stop keeps the digests of what was read before it', () => {
  const bytes = randomBytes(400_000);
  const makeMonitor = (): Monitor => {
    let hashed = 0;
    return { isStopped: () => hashed >= 100_000, addHashed: (more) => void (hashed += more) };
  };
  // Two pieces each, so that no read serves two of them.
  const items = Array.from({ length: 10 }, (_, index) => fileItem(`f${index}`, 20_000, dataAt([index * 40_000, 10_000], [index * 40_000 + 20_000, 10_000])));
  const result = hashAll(() => new MemorySource(bytes), items, undefined, makeMonitor);
  assert.deepEqual([...result.outcomes], [0, 0, 0, 0, 2, 2, 2, 2, 2, 2]);
  for (let index = 0; index < 4; index++) {
    const at = index * 40_000;
    assert.deepEqual(hexes(result, index), expected(Buffer.concat([bytes.subarray(at, at + 10_000), bytes.subarray(at + 20_000, at + 30_000)])));
  }
});

test('more content than the lanes gather at a time', () => {
  const bytes = randomBytes(ARENA_BYTES * 2);
  const items: Item[] = [];
  const contents: Buffer[] = [];
  for (let at = 0, size = 101; at + size < bytes.byteLength; at += size + 512, size = 2 + ((size * 7 + 13) % (MAX_GATHERED_BYTES + 500_000))) {
    items.push(fileItem(`f${items.length}`, size, size % 3 === 0 ? dataAt([at, size]) : dataAt([at, size - 1], [at + size - 1, 1])));
    contents.push(bytes.subarray(at, at + size));
  }
  assert.ok(items.length > 10 && items.some(({ sizeBytes }) => sizeBytes > MAX_GATHERED_BYTES));
  const result = hashAll(() => new MemorySource(bytes), items);
  for (const [index, content] of contents.entries()) assert.deepEqual(hexes(result, index), expected(content), `item ${index}`);
});

test('law: any sizes, places, masks and unreadable bytes: both readers say the same, and what they hash is right', () => {
  const sizeBytes = 3_000_000;
  const bytes = randomBytes(sizeBytes);
  const entry = fc.record({
    at: fc.nat(sizeBytes),
    size: fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(1_500_000)),
    isSplit: fc.boolean(),
    mask: fc.integer({ min: 1, max: 15 }),
  });
  const bad = fc.option(fc.record({ offset: fc.nat(sizeBytes), length: fc.integer({ min: 1, max: 5000 }) }));
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), bad, fc.boolean(), (entries, badRange, isSorted) => {
      const chosen = isSorted ? entries.toSorted((a, b) => a.at - b.at) : entries;
      const items = chosen.map(({ at, size, isSplit }, index) => {
        const half = size >> 1;
        return fileItem(`f${index}`, size, size === 0 ? dataAt() : isSplit && half > 0 ? dataAt([at, half], [at + half, size - half]) : dataAt([at, size]));
      });
      const masks = Uint8Array.from(chosen, ({ mask }) => mask);
      const result = hashAll(() => countingSource(bytes, badRange), items, undefined, undefined, masks);
      let place = 0;
      for (const [index, { at, size, mask }] of chosen.entries()) {
        if (result.outcomes[index] === ENTRY.hashed) {
          for (const digest of unpackDigests(result.digests, place, mask)) {
            if (digest.algorithm !== 'ed2k') assert.equal(toHex(digest.bytes), hexOf(digest.algorithm, bytes.subarray(at, at + size)));
          }
        } else {
          assert.ok(at + size > sizeBytes || badRange !== null);
        }
        place += packedLength(mask);
      }
    }),
    { numRuns: 40 },
  );
});
