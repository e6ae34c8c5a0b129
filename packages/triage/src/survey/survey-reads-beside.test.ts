import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ByteRange, Problem } from '@kerbside/bytes';
import { makeUnitKeys, rawPublicKey } from '@kerbside/ledger';
import { buildBlockSet, openBlockSet, type SharedBlockSet } from '@kerbside/match';
import type { ReadableSource } from '../hash-items.ts';
import { buildGridMap, type GridPart } from './grid-map.ts';
import { createSurveyReader } from './survey-reader.ts';
import type { SurveyResult } from './survey-job.ts';

const BLOCK = 4096;
const KNOWN_BLOCKS = 40;
const folder = mkdtempSync(join(tmpdir(), 'kerbside-survey-reader-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function noise(name: string, length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) pieces.push(createHash('sha256').update(`${name} ${i}`).digest());
  return Buffer.concat(pieces).subarray(0, length);
}

const known = noise('known', KNOWN_BLOCKS * BLOCK);

async function setOf(name: string): Promise<SharedBlockSet> {
  const from = join(folder, name);
  mkdirSync(from);
  writeFileSync(join(from, 'known.bin'), known);
  const { owner, codeKey, privateKey, publicKey } = makeUnitKeys(name);
  const signer = { owner, codeKey: codeKey!, privateKey: privateKey!, publicKey: rawPublicKey(publicKey) };
  const out = join(folder, `${name}.kblocks`);
  await buildBlockSet({ out, from: [from], name, signer });
  return openBlockSet(out, [{ owner, publicKey: signer.publicKey, codeKey: signer.codeKey }], new Date()).shared;
}

const set = await setOf('unit');

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
  return reader.read({ id: 1, isSample: true, reads: { offsets: Float64Array.from(reads, ({ offset }) => offset), lengths: Float64Array.from(reads, ({ length }) => length) } }, isStopped);
}

test('one block met leads to all that hang together with it, whatever read met it', () => {
  const bytes = noise('device', 512 * 1024);
  known.copy(bytes, 100 * 1024 + 512);
  for (const offset of [64 * 1024, 128 * 1024, 192 * 1024]) {
    const { runs } = survey(sourceOf(bytes), [{ offset, length: 64 * 1024 + 3584 }]);
    assert.deepEqual(runs.map(({ offset: at, endOffset, blocks }) => [at, endOffset, blocks]), [[100 * 1024 + 512, 100 * 1024 + 512 + known.length, KNOWN_BLOCKS]]);
  }
});

test('a stored member whose header stands at the end of a read is found, though no read after it shows the header', () => {
  const chunk = 64 * 1024;
  for (const before of [31, 500, 4000]) {
    const bytes = noise('device', 6 * chunk);
    const header = Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x61]);
    header.writeUInt32LE(known.length, 18);
    const at = 2 * chunk - before;
    Buffer.concat([header, known]).copy(bytes, at);
    // Every chunk once, with its tail, on one grid: as a full pass reads a volume of 4 KiB clusters.
    const reads = Array.from({ length: 6 }, (_, index) => ({ offset: index * chunk, length: Math.min(chunk + 3584, bytes.length - index * chunk) }));
    const { runs } = survey(sourceOf(bytes), reads, [{ range: { offset: 0, length: bytes.length }, mask: 1 }]);
    assert.deepEqual(runs.map(({ offset, blocks }) => [offset, blocks]), [[at + 31, KNOWN_BLOCKS]], `header ${before} bytes before the end of a chunk`);
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

test('a known block that is not there when read again was met all the same, and that is told', () => {
  const bytes = noise('device', 256 * 1024);
  known.copy(bytes, 64 * 1024, 0, BLOCK);
  let reads = 0;
  const fading = sourceOf(bytes, (target) => {
    reads += 1;
    if (reads > 1) target.fill(1);
    return [];
  });
  const { runs, problems, whole } = survey(fading, [{ offset: 64 * 1024, length: 64 * 1024 }]);
  assert.deepEqual(runs.map(({ offset, blocks }) => [offset, blocks]), [[64 * 1024, 1]]);
  assert.deepEqual(problems.map(({ code, where }) => [code, where.offset]), [['source-reads-differ', 64 * 1024]]);
  assert.equal(whole, true);
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
