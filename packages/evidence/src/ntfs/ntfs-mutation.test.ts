import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedError, MemorySource } from '@kerbside/bytes';
import { makeRandom, mutate } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import type { Item } from '../item.ts';
import { editRecord, makeImage, noise, RECORD_BYTES } from './ntfs-images.test.ts';
import { ntfsFormat } from './ntfs-format.ts';
import { itemBudget } from './record-walk.ts';

const MUTANTS = process.env['KERBSIDE_LONG'] === '1' ? 50_000 : 2_000;
/** The slowest mutant may take this long on a busy machine; none is near it. */
const MAX_MS = 10_000;

const image = makeImage(
  [
    { path: 'a/plain.bin', content: noise(30_000, 1), fragments: 5 },
    { path: 'a/b/small.txt', content: Buffer.from('goal'), streams: [{ name: 's', content: noise(3000, 2) }] },
    { path: 'a/packed.bin', content: Buffer.alloc(150_000, 'report '), compressed: true, fragments: 3 },
    { path: 'listed.bin', content: noise(60_000, 3), attributeList: true, nonResidentAttributeList: true, fragments: 12, hardLinks: ['a/link.bin'] },
    { path: 'sparse.bin', content: noise(60_000, 4), holes: [{ offsetBytes: 8192, lengthBytes: 16_384 }], initialisedBytes: 50_000 },
    { path: 'gone/deleted.bin', content: noise(20_000, 5), deleted: true },
    { path: 'x/orphan.bin', content: noise(2000, 6), deleted: true, orphan: true },
    ...Array.from({ length: 20 }, (_, i) => ({ path: `a/b/file ${i}.txt`, content: noise(100 + i * 50, i) })),
  ],
  { sizeBytes: 1536 * 1024, deletedFolders: ['gone'], mftFragments: 2 },
);

/** What one walk over a damaged volume showed. */
interface Outcome {
  readonly opened: boolean;
  readonly problems: number;
  readonly ms: number;
}

function readDamaged(bytes: Buffer, seed: number): Outcome {
  const source = new MemorySource(bytes);
  const volume = { id: 'p1', startOffset: 0, sizeBytes: bytes.length, scheme: 'none' as const, declaredType: '', source };
  const began = performance.now();
  if (ntfsFormat.detect(volume) === null) return { opened: false, problems: 0, ms: 0 };
  let problems = 0;
  try {
    const fileSystem = ntfsFormat.open(volume);
    let items = 0;
    for (const event of fileSystem.walk()) {
      if (event.type === 'problem') {
        problems++;
        assert.notEqual(event.problem.kind, 'internal', `seed ${seed}: ${event.problem.message}`);
        continue;
      }
      if (event.type === 'pause') continue;
      items++;
      checkItem(event.item, bytes.length, seed);
    }
    assert.ok(items <= itemBudget(bytes.length / 512), `seed ${seed}: ${items} items`);
    for (const range of fileSystem.freeRanges()) assert.ok(range.offset >= 0 && range.length > 0 && range.offset + range.length <= bytes.length);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { opened: false, problems: 1, ms: performance.now() - began };
  }
  return { opened: true, problems, ms: performance.now() - began };
}

/** An honest item: a size that its extents sum to, nothing outside the volume, a basis when it is not allocated. */
function checkItem(item: Item, volumeBytes: number, seed: number): void {
  assert.ok(displayPath('p1', item).length > 0);
  assert.ok(Number.isSafeInteger(item.sizeBytes) && item.sizeBytes >= 0, `seed ${seed}`);
  assert.equal(item.recovery === null, item.state === 'allocated', `seed ${seed}`);
  const { content } = item;
  if (content.form === 'inline') assert.equal(content.bytes.length, item.sizeBytes, `seed ${seed}`);
  if (content.form !== 'extents') return;
  let sum = 0;
  for (const extent of content.extents) {
    sum += extent.length;
    const runs = extent.kind === 'hole' ? [] : extent.kind === 'compressed-unit' ? extent.stored : [extent];
    for (const run of runs) assert.ok(run.sourceOffset >= 0 && run.sourceOffset + run.length <= volumeBytes, `seed ${seed}`);
  }
  assert.equal(sum, item.sizeBytes, `seed ${seed}`);
}

function readMany(damage: (seed: number) => Buffer, leastWithProblems: number): void {
  const outcomes = Array.from({ length: MUTANTS }, (_, i) => readDamaged(damage(i + 1), i + 1));
  const slowest = Math.max(...outcomes.map((outcome) => outcome.ms));
  assert.ok(slowest < MAX_MS, `slowest ${slowest} ms`);
  const opened = outcomes.filter((outcome) => outcome.opened).length;
  assert.ok(opened > MUTANTS * 0.9, `only ${opened} opened`);
  const told = outcomes.filter((outcome) => outcome.problems > 0).length;
  assert.ok(told > MUTANTS * leastWithProblems, `only ${told} with problems`);
}

test(`${MUTANTS} volumes damaged anywhere`, () => {
  readMany((seed) => mutate(image.bytes, seed), 0.05);
});

test(`${MUTANTS} volumes with damaged records whose update sequence is right`, () => {
  const entries = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  for (let entry = 64; entry < image.written.mftRecords; entry++) entries.push(entry);
  readMany((seed) => {
    const random = makeRandom(seed);
    const damaged = { bytes: Buffer.from(image.bytes), written: image.written };
    for (let i = random.below(4); i >= 0; i--) {
      editRecord(damaged, random.pick(entries), (record) => {
        // The update sequence and its place stay, or nothing behind it would be reached.
        const used = Math.max(64, Math.min(RECORD_BYTES, record.readUInt32LE(0x18)));
        mutate(record.subarray(0x38, used), seed + i * 1_000_003).copy(record, 0x38);
        if (random.chance(0.2)) record[0x10 + random.below(0x18)] = random.below(256);
      });
    }
    return damaged.bytes;
  }, 0.3);
});
