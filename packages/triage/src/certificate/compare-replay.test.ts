import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareReplay } from './compare-replay.ts';
import { memoryLeaves } from './leaf-stages.ts';
import { replayWords } from './replay-words.ts';
import { testRun } from './test-certificate.ts';

const SOURCE = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7 + (at >> 8) * 13) & 0xff));

/** The chunk of `testRun` that holds a byte. */
function chunkOf(offset: number): { offset: number; length: number } {
  const start = offset - (offset % 4096);
  return { offset: start, length: Math.min(4096, SOURCE.length - start) };
}

test('a replay of the same bytes agrees', () => {
  const original = testRun(SOURCE);
  const comparison = compareReplay(original.certificate, original.leaves, testRun(SOURCE));
  assert.deepEqual(comparison, { agrees: true, sameRoot: true, sameVerdict: true, reads: 13, stages: [], differingRanges: [], differingRangesNotListed: 0, differingBytes: 0, rangesKnown: true, findings: [] });
  assert.match(replayWords(original.certificate, comparison).join('\n'), /13 reads in all: the same root and the same verdict/);
});

test('any one changed bit is found, and its read is named and no other', () => {
  const original = testRun(SOURCE);
  fc.assert(
    fc.property(fc.nat(SOURCE.length - 1), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(SOURCE);
      changed[at]! ^= 1 << bit;
      const comparison = compareReplay(original.certificate, original.leaves, testRun(changed));
      assert.ok(!comparison.agrees && !comparison.sameRoot && comparison.sameVerdict);
      assert.deepEqual(comparison.differingRanges, [chunkOf(at)]);
      assert.deepEqual(comparison.stages.map(({ differing, missing }) => ({ differing, missing })), [{ differing: 1, missing: 0 }]);
      assert.deepEqual(comparison.findings.map(({ code }) => code), ['source-edges']);
    }),
    { seed: 21, numRuns: 300 },
  );
});

test('any set of changed bytes gives exactly the reads that hold them, merged', () => {
  const original = testRun(SOURCE);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(SOURCE.length - 1), { minLength: 1, maxLength: 12 }), (places) => {
      const changed = Buffer.from(SOURCE);
      for (const at of places) changed[at]! ^= 0xff;
      const comparison = compareReplay(original.certificate, original.leaves, testRun(changed));
      const expected: { offset: number; length: number }[] = [];
      for (const start of [...new Set(places.map((at) => chunkOf(at).offset))].sort((a, b) => a - b)) {
        const last = expected.at(-1);
        if (last !== undefined && last.offset + last.length === start) last.length += chunkOf(start).length;
        else expected.push({ ...chunkOf(start) });
      }
      assert.deepEqual(comparison.differingRanges, expected);
      assert.equal(comparison.differingBytes, expected.reduce((sum, { length }) => sum + length, 0));
    }),
    { seed: 22, numRuns: 200 },
  );
});

test('a range that can no longer be read differs from zeros that can', () => {
  const zeros = Buffer.alloc(8192);
  const comparison = compareReplay(testRun(zeros).certificate, testRun(zeros).leaves, testRun(zeros, [{ offset: 4608, length: 512 }]));
  assert.ok(!comparison.sameRoot);
  assert.deepEqual(comparison.differingRanges, [{ offset: 4096, length: 4096 }]);
  assert.ok(comparison.findings.some(({ code }) => code === 'unreadable-differ'));
});

test('a source that has shrunk or grown is told, with the reads that have no counterpart', () => {
  const original = testRun(SOURCE);
  const shrunk = compareReplay(original.certificate, original.leaves, testRun(SOURCE.subarray(0, 40_960)));
  assert.ok(shrunk.findings.some(({ code, message }) => code === 'source-size' && message.includes('40960')));
  assert.deepEqual(shrunk.stages.map(({ name, differing, missing }) => ({ name, differing, missing })), [
    { name: 'systematic-0', differing: 0, missing: 2 },
    { name: 'rest', differing: 0, missing: 1 },
  ]);
  const grown = compareReplay(testRun(SOURCE.subarray(0, 40_960)).certificate, testRun(SOURCE.subarray(0, 40_960)).leaves, original);
  assert.deepEqual(grown.differingRanges, [{ offset: 40_960, length: 50_000 - 40_960 }]);
  assert.match(replayWords(original.certificate, shrunk).join('\n'), /7 reads then, 5 now\): 2 of then have no counterpart/);
});

test('stages that only one of the runs has differ as a whole', () => {
  const original = testRun(SOURCE);
  const { input } = original;
  const short = { ...original.certificate, reads: input.reads.slice(0, 1) };
  const comparison = compareReplay(short, memoryLeaves(original.stageLeaves.slice(0, 1)), original);
  assert.deepEqual(comparison.stages, [{ name: 'rest', originalReads: 0, replayedReads: 6, differing: 6, missing: 0 }]);
  assert.equal(comparison.differingRanges.length, 6);
});

test('without reads.bin the difference is told and its place is not', () => {
  const changed = Buffer.from(SOURCE);
  changed[9999]! ^= 1;
  const original = testRun(SOURCE);
  const comparison = compareReplay(original.certificate, null, testRun(changed));
  assert.ok(!comparison.agrees && !comparison.rangesKnown);
  assert.deepEqual(comparison.differingRanges, []);
  assert.match(replayWords(original.certificate, comparison).join('\n'), /cannot be said without reads\.bin/);
});

test('another verdict, other hits, other sets and another meter are each told though the bytes are the same', () => {
  const original = testRun(SOURCE);
  const { result, sets } = original.input;
  const codesOf = (change: Parameters<typeof testRun>[2]): string[] => {
    const comparison = compareReplay(original.certificate, original.leaves, testRun(SOURCE, [], change));
    assert.equal(comparison.agrees, comparison.findings.length === 0);
    return comparison.findings.map(({ code }) => code);
  };
  assert.deepEqual(codesOf({ result: { ...result, verdict: 'needs-examination' } }), ['verdict-differs']);
  assert.deepEqual(codesOf({ result: { ...result, hits: { ...result.hits, count: 1 } } }), ['hits-differ']);
  assert.deepEqual(codesOf({ result: { ...result, meter: { ...result.meter, unbrokenBytes: 1 } } }), ['meter-differs']);
  assert.deepEqual(codesOf({ sets: [{ ...sets[0]!, digest: '0'.repeat(64) }] }), ['sets-differ']);
  assert.deepEqual(codesOf({ times: { ...original.input.times, totalMs: 1 } }), []);
});

test('lists of reads that are not the same are compared by what they hold', () => {
  const original = testRun(SOURCE);
  const reordered = testRun(SOURCE, [], { reads: original.input.reads.map((reads) => ({ ...reads, generator: 'another', merkleRoot: 'f'.repeat(64) })) });
  const comparison = compareReplay(original.certificate, original.leaves, reordered);
  assert.deepEqual(comparison.stages.map(({ differing, missing }) => [differing, missing]), [[0, 0], [0, 0]]);
});

test('what a certificate states beside its reads is compared: plan, locked volumes, reasons', () => {
  const run = testRun(SOURCE);
  const { plan, gaps, result } = run.input;
  const stated = (change: Parameters<typeof testRun>[2]): string[] => compareReplay(testRun(SOURCE, [], change).certificate, null, run).findings.map(({ code }) => code);
  assert.deepEqual(stated({}), []);
  assert.deepEqual(stated({ plan: { ...plan, survey: { ...plan.survey!, parameters: { windowBytes: 0 } } } }), ['plan-differs']);
  assert.deepEqual(stated({ plan: { ...plan, survey: { ...plan.survey!, spacingBytes: 4096 } } }), ['plan-differs']);
  assert.deepEqual(stated({ gaps: { ...gaps, encryptedVolumes: [{ id: 'p2', name: 'LUKS', startOffset: 0, sizeBytes: 512 }] } }), ['encrypted-differ']);
  assert.deepEqual(stated({ result: { ...result, reasons: [] } }), ['reasons-differ']);
});
