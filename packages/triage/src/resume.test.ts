import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
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

/** A made-up device in two files, the second of which can be taken away and put back. */
function splitDevice(context: TestContext): { imagePath: string; outFolder: string; folder: string; setup: ReturnType<typeof killableSetup>; takeAway(): void; putBack(): void } {
  const device = killableDevice();
  const place = testPlace(context, device.bytes);
  const half = Math.ceil(device.bytes.length / 1024) * 512;
  const [first, second, away] = [join(place.folder, 'split.001'), join(place.folder, 'split.002'), join(place.folder, 'away')];
  writeFileSync(first, device.bytes.subarray(0, half));
  writeFileSync(second, device.bytes.subarray(half));
  return { ...place, imagePath: first, setup: killableSetup(device), takeAway: () => renameSync(second, away), putBack: () => renameSync(away, second) };
}

test('a source that goes away in the middle leaves its items unread, not damaged; put back, the same call ends with the same report', async (context) => {
  const device = splitDevice(context);
  const whole = await runOnce({ ...device, outFolder: join(device.folder, 'whole') }, device.setup);
  assert.equal(whole.report.coverage.items.problems, 1);
  const pulled: typeof createWorkerPool = (options) => {
    // The reading threads open the second file when they come to it.
    device.takeAway();
    return createWorkerPool(options);
  };
  const { report } = await runOnce(device, device.setup, {}, { createPool: pulled });
  assert.ok(report.problems.some(({ code }) => code === 'medium-gone'), JSON.stringify(report.problems.map(({ code }) => code)));
  assert.ok(report.coverage.items.problems <= 1, `${report.coverage.items.problems} items told as damaged`);
  assert.ok(report.coverage.items.read < whole.report.coverage.items.read);
  device.putBack();
  assert.equal(timeless((await runOnce(device, device.setup)).report), timeless(whole.report));
});

test('the same in the content lane', async (context) => {
  const device = splitDevice(context);
  const options = { profile: 'everything' } as const;
  const whole = await runOnce({ ...device, outFolder: join(device.folder, 'whole') }, device.setup, options);
  let isAway = false;
  const { report } = await runOnce(device, device.setup, {
    ...options,
    onEvent(event) {
      if (event.type !== 'stage' || event.stage !== 'content-lane' || isAway) return;
      device.takeAway();
      isAway = true;
    },
  });
  assert.deepEqual(report.problems.filter(({ code }) => code === 'medium-gone').length, 1, JSON.stringify(report.problems));
  assert.ok(report.coverage.stages.some(({ name, finished }) => name === 'content-lane' && !finished));
  device.putBack();
  assert.equal(timeless((await runOnce(device, device.setup, options)).report), timeless(whole.report));
});
