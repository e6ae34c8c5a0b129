import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { generatedBytes, makeFatVolume, writeE01 } from '@kerbside/corpus';
import { findLayout } from '@kerbside/evidence';
import { fakeSet } from './test-fakes.ts';
import { testDoors, timeless } from './test-run.ts';
import { runTriageWith, type RunResult, type TriageOptions } from './run-with-doors.ts';

const CHUNK_BYTES = 32 * 1024;

/** An E01 of many small files, several to a chunk, with some chunks damaged. */
function makeDamagedImage(context: TestContext): { folder: string; imagePath: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-damaged-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const tree = Array.from({ length: 300 }, (_, index) => ({ path: `dcim/f${index}.${index % 3 === 0 ? 'dat' : 'jpg'}`, content: generatedBytes(index, 9000 + index) }));
  const { image } = makeFatVolume({ fatBits: 16, sizeBytes: 8 << 20, clusterSizeBytes: 1024, label: 'CARD', seed: 1, tree });
  const imagePath = join(folder, 'card.E01');
  writeE01({ source: [image], sizeBytes: image.length, outBasePath: join(folder, 'card') });
  const bytes = readFileSync(imagePath);
  for (let chunk = 6; chunk < 70; chunk += 7) bytes[chunk * CHUNK_BYTES + 20_000]! ^= 1;
  writeFileSync(imagePath, bytes);
  return { folder, imagePath };
}

function run(image: { folder: string; imagePath: string }, name: string, options: Partial<TriageOptions> = {}): Promise<RunResult> {
  const doors = testDoors({ items: [], sets: [fakeSet('list', 'alert', [], false)] }, { findLayout });
  return runTriageWith(doors, { sourcePath: image.imagePath, setPaths: ['0'], outFolder: join(image.folder, name), surveySeed: '5eed'.repeat(16), ...options });
}

test('a damaged image gives the same report whichever reader meets the damage first, and after a stop', async (context) => {
  const image = makeDamagedImage(context);
  const { report } = await run(image, 'one', { workers: 1 });
  const failed = report.problems.filter(({ code }) => code === 'unreadable-bytes').map(({ where }) => where.path);
  assert.ok(failed.length > 20);
  assert.equal(report.verdict, 'needs-examination');
  assert.equal(report.coverage.items.problems, failed.length);
  // Every item that lost bytes says why, also where another item met the same chunk before.
  const explained = new Set(report.problems.filter(({ code }) => code === 'ewf-chunk-damaged').map(({ where }) => where.path));
  for (const path of failed) assert.ok(explained.has(path), path);
  for (const workers of [2, 4]) assert.equal(timeless((await run(image, `with ${workers}`, { workers })).report), timeless(report));

  const stop = new AbortController();
  const stopped = await run(image, 'stopped', {
    workers: 2,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'problem' && event.problem.code === 'unreadable-bytes') stop.abort();
    },
  });
  assert.equal(stopped.report.verdict, 'not-finished');
  assert.equal(timeless((await run(image, 'stopped', { workers: 4 })).report), timeless(report));
});
