import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteRange, Problem } from '@kerbside/bytes';
import type { ReadableSource } from '../hash-items.ts';
import { makeBlockSet, noise } from '../test-block-sets.ts';
import { buildGridMap, type GridPart } from './grid-map.ts';
import { createSurveyReader } from './survey-reader.ts';
import type { SurveyResult } from './survey-job.ts';

const BLOCK = 4096;
const KNOWN_BLOCKS = 40;
const known = noise('known', KNOWN_BLOCKS * BLOCK);

const set = (await makeBlockSet('unit', [known])).shared;

/** Bytes in memory, which may fail or change. */
function sourceOf(bytes: Buffer, change: (target: Buffer, offset: number) => readonly ByteRange[] = () => [], problems: readonly Problem[] = []): ReadableSource {
  return {
    sizeBytes: bytes.length,
    originOffset: 0,
    readInto(target, offset) {
      const view = Buffer.from(target.buffer, target.byteOffset, target.byteLength);
      bytes.copy(view, 0, offset, offset + view.length);
      return change(view, offset);
    },
    takeProblems: () => problems,
    close: () => undefined,
  };
}

function survey(source: ReadableSource, reads: readonly ByteRange[], parts: readonly GridPart[] = [], isStopped: () => boolean = () => false): SurveyResult {
  const reader = createSurveyReader(source, { sets: [set], grid: buildGridMap(source.sizeBytes, parts), manifestKeys: [] });
  return reader.read({ id: 1, isSample: false, reads: { offsets: Float64Array.from(reads, ({ offset }) => offset), lengths: Float64Array.from(reads, ({ length }) => length) } }, isStopped);
}

test('one block met leads to all that hang together with it, whatever read met it', () => {
  const bytes = noise('device', 512 * 1024);
  known.copy(bytes, 100 * 1024 + 512);
  for (const offset of [64 * 1024, 128 * 1024, 192 * 1024]) {
    const { runs } = survey(sourceOf(bytes), [{ offset, length: 64 * 1024 + 3584 }]);
    assert.deepEqual(runs.map(({ offset: at, endOffset, blocks }) => [at, endOffset, blocks]), [[100 * 1024 + 512, 100 * 1024 + 512 + known.length, KNOWN_BLOCKS]]);
  }
});

test('a block that begins at the end of one grid and goes on behind it is looked up', () => {
  const bytes = noise('device', 256 * 1024);
  const border = 128 * 1024;
  known.copy(bytes, border - 512, 0, BLOCK);
  const parts = [{ range: { offset: border, length: border }, mask: 1 }];
  const { runs } = survey(sourceOf(bytes), [{ offset: 64 * 1024, length: 64 * 1024 + 3584 }], parts);
  assert.deepEqual(runs.map(({ offset }) => offset), [border - 512]);
});

test('what reading around a hit cannot read is no loss of the read that led there', () => {
  const bytes = noise('device', 512 * 1024);
  known.copy(bytes, 96 * 1024);
  const bad = { offset: 300 * 1024, length: 512 };
  const failing = sourceOf(bytes, (target, offset) => (offset <= bad.offset && bad.offset < offset + target.length ? [bad] : []));
  const { runs, unread, unreadBeside } = survey(failing, [{ offset: 64 * 1024, length: 64 * 1024 }]);
  assert.equal(runs[0]!.blocks, KNOWN_BLOCKS);
  assert.deepEqual([unread, unreadBeside], [[], [bad]]);
});

test('a source that goes away makes a batch that does not count', () => {
  const gone: Problem = { kind: 'medium', code: 'medium-gone', message: 'away', where: {} };
  const result = survey(sourceOf(noise('device', 256 * 1024), (target, offset) => [{ offset, length: target.length }], [gone]), [{ offset: 0, length: 64 * 1024 }]);
  assert.deepEqual([result.whole, result.gone], [false, gone]);
});

test('a stop is heard while reading around hits, and nothing of the batch counts', () => {
  const bytes = Buffer.concat([known, known, known, known]);
  let reads = 0;
  const counting = sourceOf(bytes, () => {
    reads += 1;
    return [];
  });
  const { whole } = survey(counting, [{ offset: 0, length: 64 * 1024 }], [], () => reads >= 1);
  assert.equal(whole, false);
  assert.equal(reads, 1);
});

test('a header that points past the end of the source is nothing to read', () => {
  const bytes = noise('device', 64 * 1024);
  const header = Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  for (const before of [30, 40, 5000]) {
    header.copy(bytes, bytes.length - before);
    const { whole, runs } = survey(sourceOf(bytes), [{ offset: 0, length: bytes.length }]);
    assert.deepEqual([whole, runs], [true, []]);
  }
});
