import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Report, ReportProblem } from './report-types.ts';
import { fakeSet, hexOf, rowOf } from './test-fakes.ts';
import { makeDevice, runOnce, testPlace, timeless } from './test-run.ts';
import { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

const MIB = 1024 * 1024;

/** Inverts one byte of a file; once more puts it back. */
function flip(path: string, offset: number): void {
  const descriptor = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, offset);
  writeSync(descriptor, Buffer.from([byte[0]! ^ 0xff]), 0, 1, offset);
  closeSync(descriptor);
}

function told(report: Report): ReportProblem[] {
  return report.problems.filter(({ code }) => code === 'source-reads-differ');
}

function holds({ where }: ReportProblem, offset: number): boolean {
  return where.offset! <= offset && offset < where.offset! + where.length!;
}

/** Three files of which the middle one lies behind the first MiB and before the last. */
function deviceWithHit(context: TestContext): { readonly setup: Parameters<typeof runOnce>[1]; readonly place: ReturnType<typeof testPlace>; readonly content: Buffer; readonly offset: number } {
  const device = makeDevice([1.5 * MIB, 50_000, 1.5 * MIB]);
  const content = device.contents[1]!;
  return { setup: { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(content, ['md5', 'sha1'])])] }, place: testPlace(context, device.bytes), content, offset: 1.5 * MIB };
}

test('a hit whose second read differs is told by path and place, and stands on the first read; taken up again it is the same', async (context) => {
  const { setup, place, content, offset } = deviceWithHit(context);
  // The second read of an item is the urgent one: only then the byte is another.
  const createPool = (options: WorkerPoolOptions): WorkerPool => {
    const pool = createWorkerPool(options);
    const run: WorkerPool['run'] = async (job, urgent) => {
      if (urgent !== true) return pool.run(job, urgent);
      flip(place.imagePath, offset + 100);
      const result = await pool.run(job, urgent);
      flip(place.imagePath, offset + 100);
      return result;
    };
    return { ...pool, run };
  };
  const { report } = await runOnce(place, setup, {}, { createPool });
  assert.deepEqual(told(report).map(({ kind, where, count }) => ({ kind, where, count })), [{ kind: 'medium', where: { path: 'p1/f1.jpg', offset }, count: 1 }]);
  assert.deepEqual(report.hits.map(({ path, strength, digests }) => ({ path, strength, digests })), [{ path: 'p1/f1.jpg', strength: 'confirmed', digests: { sha1: hexOf('sha1', content) } }]);
  assert.deepEqual(report.reasons.map(({ code }) => code), ['known-material', 'items-with-problems', 'source-reads-differ']);
  assert.equal(report.coverage.items.problems, 1);
  const again = await runOnce(place, setup);
  assert.equal(timeless(again.report), timeless(report));
});

test('where the second read of a hit gives the same, all its digests are there and nothing is told', async (context) => {
  const { setup, place, content } = deviceWithHit(context);
  const { report } = await runOnce(place, setup);
  assert.deepEqual(told(report), []);
  assert.deepEqual(report.hits.map(({ digests }) => digests), [{ md5: hexOf('md5', content), sha1: hexOf('sha1', content), sha256: hexOf('sha256', content) }]);
  assert.equal(report.source.edgeDigestAfter, report.source.edgeDigest);
  assert.ok(report.source.readsRepeated > 0);
});

/** A device on which nothing is known, all of it one file. */
const PLAIN = makeDevice([6 * MIB], 3);
const PLAIN_SETUP = { items: PLAIN.items, sets: [fakeSet('list', 'alert', [rowOf(Buffer.from('half time'), ['sha1'])], false)] };

/** Runs over it and does something when the sample has been read. */
async function runWith(place: ReturnType<typeof testPlace>, change: () => void): Promise<{ readonly report: Report; readonly repeated: { readonly offset: number; readonly length: number }[] }> {
  const repeated = [{ offset: 0, length: MIB }, { offset: PLAIN.bytes.length - MIB, length: MIB }];
  const { report } = await runOnce(place, PLAIN_SETUP, {
    onEvent: (event) => {
      if (event.type === 'stage' && event.stage === 'survey') change();
    },
    onKept: ({ survey }) => {
      const { plan } = survey!;
      assert.ok(plan.passes[0]!.reads <= 64, 'each read of the first pass is made again');
      for (let read = 0; read < plan.passes[0]!.reads; read++) repeated.push(plan.readAt(0, read));
    },
  });
  return { report, repeated };
}

test('whatever byte changes after it was read: told by its range and never “nothing known” where it is read again, and nothing told elsewhere', async (context) => {
  const outcomes = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(fc.noBias(fc.integer({ min: MIB, max: PLAIN.bytes.length - MIB - 1 })), async (offset) => {
      const place = testPlace(context, PLAIN.bytes);
      const { report, repeated } = await runWith(place, () => flip(place.imagePath, offset));
      const isRepeated = repeated.some((range) => range.offset <= offset && offset < range.offset + range.length);
      outcomes.add(isRepeated);
      assert.equal(report.verdict, isRepeated ? 'needs-examination' : 'nothing-known-found');
      assert.equal(told(report).length > 0, isRepeated);
      assert.ok(told(report).every((problem) => holds(problem, offset)));
      assert.deepEqual(report.reasons.map(({ code }) => code), [isRepeated ? 'source-reads-differ' : 'nothing-known-found']);
      assert.equal(report.source.edgeDigestAfter !== report.source.edgeDigest, offset < MIB || offset >= PLAIN.bytes.length - MIB);
    }),
    { numRuns: 8, seed: 5, examples: [[0], [PLAIN.bytes.length - 1]] },
  );
  assert.equal(outcomes.size, 2, 'bytes that are read again and bytes that are not were both tried');
});

test('a run taken up again is compared with what its first session read, and what differed once stays told', async (context) => {
  const place = testPlace(context, PLAIN.bytes);
  const first = await runWith(place, () => undefined);
  assert.equal(first.report.verdict, 'nothing-known-found');
  const range = first.repeated.find(({ offset, length }) => offset >= MIB && offset + length <= PLAIN.bytes.length - MIB)!;
  flip(place.imagePath, range.offset + 9);
  const second = await runOnce(place, PLAIN_SETUP);
  assert.equal(second.report.verdict, 'needs-examination');
  assert.deepEqual(told(second.report).map(({ where }) => where), [range]);
  assert.equal(timeless((await runOnce(place, PLAIN_SETUP)).report), timeless(second.report));
  flip(place.imagePath, range.offset + 9);
  assert.equal(timeless((await runOnce(place, PLAIN_SETUP)).report), timeless(second.report));
});

test('a source that is gone at the end is told and asked no more; back again, the run ends as if it had never gone', async (context) => {
  const place = testPlace(context, PLAIN.bytes);
  const aside = `${place.imagePath}.aside`;
  const gone = await runWith(place, () => renameSync(place.imagePath, aside));
  assert.equal(gone.report.verdict, 'needs-examination');
  assert.deepEqual(told(gone.report).map(({ where }) => where), [{ offset: 0, length: MIB }]);
  assert.equal(gone.report.source.readsRepeated, 0);
  renameSync(aside, place.imagePath);
  const back = await runOnce(place, PLAIN_SETUP);
  assert.equal(back.report.verdict, 'nothing-known-found');
  assert.equal(back.report.source.edgeDigestAfter, back.report.source.edgeDigest);
});
