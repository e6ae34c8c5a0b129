import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { fileURLToPath } from 'node:url';
import type { Report } from './report-types.ts';
import { fakeSet, rowOf } from './test-fakes.ts';
import { killableDevice, killableSetup } from './test-killable-device.ts';
import { makeDevice, runOnce, testPlace, timeless } from './test-run.ts';
import { openJournal } from './journal.ts';
import { createRandom } from './test-random.ts';
import { createWorkerPool } from './worker-pool.ts';

const PROGRAM = fileURLToPath(new URL('./test-killed-run.ts', import.meta.url));
const ARGUMENTS = ['--disable-warning=ExperimentalWarning', PROGRAM];

/** Runs the program and kills it after `killMs`; true when it was still running then. */
function killAfter(imagePath: string, outFolder: string, killMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...ARGUMENTS, imagePath, outFolder], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), killMs);
    child.on('exit', (_, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

test('after kill -9 at any moment the same call ends with the same report', { timeout: 300_000 }, async (context) => {
  const device = killableDevice();
  const setup = killableSetup(device);
  const place = testPlace(context, device.bytes);
  const startMs = performance.now();
  await killAfter(place.imagePath, join(place.folder, 'timing'), 60_000);
  const wholeMs = performance.now() - startMs;
  const whole = await runOnce({ ...place, outFolder: join(place.folder, 'whole') }, setup);
  const random = createRandom(3);
  const rounds = process.env['KERBSIDE_LONG'] === '1' ? 20 : 6;
  let killed = 0;
  for (let round = 0; round < rounds; round++) {
    const outFolder = join(place.folder, `kill-${round}`);
    // From the moment node has started until just before the end.
    const kills = 1 + random.below(2);
    for (let kill = 0; kill < kills; kill++) if (await killAfter(place.imagePath, outFolder, wholeMs * (0.3 + random.below(650) / 1000))) killed += 1;
    const resumed = await runOnce({ ...place, outFolder }, setup);
    assert.equal(timeless(resumed.report), timeless(whole.report), `round ${round}`);
  }
  assert.ok(killed >= rounds / 2, `${killed} kills`);
});

test('a fault at any write to the journal loses nothing that was recorded', async (context) => {
  const device = makeDevice(Array.from({ length: 200 }, (_, index) => 90_000 + index));
  const place = testPlace(context, device.bytes);
  const setup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(device.contents[150]!, ['sha1'])], false)] };
  const whole = await runOnce({ ...place, outFolder: join(place.folder, 'whole') }, setup);
  let faults = 0;
  for (let failAt = 0; failAt < 6; failAt++) {
    const outFolder = join(place.folder, `fault-${failAt}`);
    let writes = 0;
    const failing: typeof openJournal = (path, identity) => {
      const journal = openJournal(path, identity);
      return {
        ...journal,
        commit(batches, facts) {
          if (writes++ === failAt) throw new RefusedError('out-folder-full', 'No room');
          journal.commit(batches, facts);
        },
      };
    };
    await runOnce({ ...place, outFolder }, setup, {}, { openJournal: failing }).catch((error: unknown) => {
      assert.ok(error instanceof RefusedError);
      faults += 1;
    });
    assert.equal(timeless((await runOnce({ ...place, outFolder }, setup)).report), timeless(whole.report));
  }
  assert.ok(faults >= 3);
});

test('a full disk ends the run with what to do, and the same call goes on from there', { timeout: 300_000 }, async (context) => {
  const device = killableDevice();
  const place = testPlace(context, device.bytes);
  const limited = (blocks: number): ReturnType<typeof spawnSync> =>
    spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'bash', process.execPath, ...ARGUMENTS, place.imagePath, place.outFolder], { encoding: 'utf8' });
  for (const blocks of [16, 40, 60]) {
    const full = limited(blocks);
    assert.notEqual(full.status, 0);
    assert.match(String(full.stderr), /No room|could not be written|make room/);
    assert.equal(existsSync(join(place.outFolder, 'report.json')), false);
  }
  const whole = await runOnce({ ...place, outFolder: join(place.folder, 'whole') }, killableSetup(device));
  const resumed = await runOnce(place, killableSetup(device));
  assert.equal(timeless(resumed.report), timeless(whole.report));
  assert.equal(timeless(JSON.parse(readFileSync(resumed.reportPath, 'utf8')) as Report), timeless(whole.report));
});

test('an item that kills its reading thread is a problem; all others are read', { timeout: 300_000 }, async (context) => {
  const device = makeDevice([1000, 2000, 666, 3000, 4000]);
  const setup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(device.contents[4]!, ['sha1'])], false)] };
  const program = new URL('./test-dying-worker.ts', import.meta.url);
  const { report } = await runOnce(testPlace(context, device.bytes), setup, {}, { createPool: (options) => createWorkerPool({ ...options, program }) });
  assert.deepEqual(report.problems.map((problem) => [problem.code, problem.where.path]), [['reader-died', 'p1/f2.jpg']]);
  assert.equal(report.hits.length, 1);
  assert.deepEqual([report.coverage.items.read, report.coverage.items.problems], [4, 1]);
});

test('reading threads that cannot start end the run as not finished, not as nothing found', async (context) => {
  const device = makeDevice([1000]);
  const setup = { items: device.items, sets: [fakeSet('list', 'alert', [rowOf(Buffer.from('x'), ['sha1'])], false)] };
  const { report } = await runOnce(testPlace(context, device.bytes), setup, {}, { createPool: (options) => createWorkerPool({ ...options, program: new URL('./no-such-program.ts', import.meta.url) }) });
  assert.equal(report.verdict, 'not-finished');
  assert.deepEqual(report.problems.map((problem) => problem.code), ['reader-not-started']);
});
