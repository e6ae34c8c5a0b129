import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { MemorySource, type ByteRange } from '@kerbside/bytes';
import { rawPublicKey } from '@kerbside/ledger';
import { buildBlockSet, openBlockSet, type SharedBlockSet } from '@kerbside/match';
import fc from 'fast-check';
import { makeFolder, OTHER_UNIT } from '../manifest/test-manifests.ts';
import { createRandom } from '../test-random.ts';
import { computeVerdict } from '../verdict.ts';
import { buildGridMap } from './grid-map.ts';
import type { FoundRun, SurveyJob, SurveyResult } from './survey-job.ts';
import { createSurveyReader } from './survey-reader.ts';

const BLOCK = 4096;
const KNOWN = createRandom(7).bytes(48 * BLOCK);
const BEFORE = 24 * BLOCK;
/** Known material in the midst of other bytes. */
const DEVICE = Buffer.concat([createRandom(8).bytes(BEFORE), KNOWN, createRandom(9).bytes(24 * BLOCK)]);
const CHUNK: ByteRange = { offset: BEFORE - 4 * BLOCK, length: 16 * BLOCK };

async function makeSet(): Promise<SharedBlockSet> {
  using folder = makeFolder();
  mkdirSync(folder.at('known'));
  writeFileSync(folder.at('known/goal'), KNOWN);
  const { owner, codeKey, privateKey, publicKey } = OTHER_UNIT;
  const key = { owner, codeKey: codeKey!, publicKey: rawPublicKey(publicKey) };
  const { path } = await buildBlockSet({ out: folder.at('set.kblocks'), from: [folder.at('known')], name: 'Known', category: 'A', signer: { ...key, privateKey: privateKey! } });
  const set = openBlockSet(path, [key], new Date());
  assert.equal(set.facts.indexedShare, 1);
  set.close();
  return set.shared;
}

const SET = await makeSet();

/** Bytes that change when so many reads were made. */
class ChangingSource extends MemorySource {
  readonly #bytes: Buffer;
  readonly #afterReads: number;
  readonly #change: (bytes: Buffer) => void;
  #reads = 0;

  constructor(bytes: Buffer, afterReads: number, change: (bytes: Buffer) => void) {
    super(bytes);
    this.#bytes = bytes;
    this.#afterReads = afterReads;
    this.#change = change;
  }

  override readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    if (this.#reads === this.#afterReads) this.#change(this.#bytes);
    this.#reads += 1;
    return super.readInto(target, offset);
  }
}

function readChunks(afterReads: number, change: (bytes: Buffer) => void, chunks: readonly ByteRange[] = [CHUNK]): SurveyResult {
  const source = new ChangingSource(Buffer.from(DEVICE), afterReads, change);
  const reader = createSurveyReader(source, { sets: [SET], grid: buildGridMap(DEVICE.length, [{ range: { offset: 0, length: DEVICE.length }, mask: 1 }]), manifestKeys: [] });
  const job: SurveyJob = { id: 0, isSample: false, reads: { offsets: Float64Array.from(chunks, ({ offset }) => offset), lengths: Float64Array.from(chunks, ({ length }) => length) } };
  return reader.read(job, () => false);
}

function toldOffsets({ problems }: SurveyResult): number[] {
  assert.ok(problems.every(({ code, kind, where }) => code === 'source-reads-differ' && kind === 'medium' && where.length === BLOCK));
  return problems.map(({ where }) => where.offset!).sort((a, b) => a - b);
}

/** Known blocks that a read of the chunk holds. */
const MET = Array.from({ length: 12 }, (_, index) => BEFORE + index * BLOCK);

function isCounted(runs: readonly FoundRun[], offset: number): boolean {
  return runs.some((run) => run.offset <= offset && offset < run.endOffset);
}

test('a source that stays as it is: one run, nothing told', () => {
  const result = readChunks(-1, () => undefined);
  assert.deepEqual(result.problems, []);
  assert.deepEqual(result.runs.map(({ offset, blocks }) => [offset, blocks]), [[BEFORE, 48]]);
});

test('all that was known is gone at the second read: each block is told and stays, alone', () => {
  const result = readChunks(1, (bytes) => bytes.fill(0));
  assert.deepEqual(toldOffsets(result), MET);
  assert.deepEqual(result.runs.map(({ offset, blocks }) => [offset, blocks]), MET.map((offset) => [offset, 1]));
});

test('whichever blocks change between the first read and those around it: every known one of the first read is told, and still counts', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(DEVICE.length / BLOCK - 1), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (blocks, afterReads) => {
      const result = readChunks(afterReads, (bytes) => {
        for (const block of blocks) bytes.fill(0x55, block * BLOCK, (block + 1) * BLOCK);
      });
      const changed = new Set(blocks.map((block) => block * BLOCK));
      const told = toldOffsets(result);
      assert.equal(new Set(told).size, told.length, 'each once');
      assert.ok(told.every((offset) => changed.has(offset) && MET.includes(offset)));
      if (afterReads === 1) assert.deepEqual(told, MET.filter((offset) => changed.has(offset)));
      for (const offset of MET) assert.ok(isCounted(result.runs, offset));
    }),
    { numRuns: 150 },
  );
});

test('a block that was gone while its surroundings were read, and is back for its own read, is told', () => {
  const gone = BEFORE + 20 * BLOCK;
  const source = Buffer.from(DEVICE);
  source.fill(0, gone, gone + BLOCK);
  // Reads: the first chunk, down and up around it (one each), then the chunk that holds the block.
  const chunks = [CHUNK, { offset: CHUNK.offset + CHUNK.length, length: 16 * BLOCK }];
  const result = readChunks(0, (bytes) => source.copy(bytes), chunks);
  assert.deepEqual(result.problems, [], 'gone in both reads is no difference');
  let reads = 0;
  const back = new (class extends MemorySource {
    override readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
      reads += 1;
      if (offset === chunks[1]!.offset) DEVICE.copy(source);
      return super.readInto(target, offset);
    }
  })(source);
  source.fill(0, gone, gone + BLOCK);
  const reader = createSurveyReader(back, { sets: [SET], grid: buildGridMap(DEVICE.length, [{ range: { offset: 0, length: DEVICE.length }, mask: 1 }]), manifestKeys: [] });
  const again = reader.read({ id: 0, isSample: false, reads: { offsets: Float64Array.from(chunks, ({ offset }) => offset), lengths: Float64Array.from(chunks, ({ length }) => length) } }, () => false);
  assert.ok(reads >= 3);
  assert.deepEqual(toldOffsets(again), [gone]);
  assert.ok(isCounted(again.runs, gone));
});

test('the verdict of any run with such a difference is never “nothing known”', () => {
  const items = { seen: 1, read: 1, gated: 0, skippedByPlan: 0, problems: 0, skipped: { 'no-runs': 0, empty: 0, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 }, directories: 0, others: 0 };
  const input = { state: 'finished', sets: 1, isScreen: false, leftWithoutBlocks: 0, hits: [], items, unreadableBytes: 0, volumes: [], gaps: [], unfinishedStages: [], controls: { state: 'passed', failedMarkers: [] }, disagreements: [], similar: 0, content: null, meter: null, blockHits: [] } as const;
  const result = readChunks(1, (bytes) => bytes.fill(0));
  const answer = computeVerdict({ ...input, problems: [{ code: result.problems[0]!.code, kind: 'medium', count: result.problems.length }] });
  assert.equal(answer.verdict, 'needs-examination');
  assert.deepEqual(answer.reasons.map(({ code, count }) => [code, count]), [['source-reads-differ', 12]]);
});
