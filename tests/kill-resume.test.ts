/*
 * A run that is killed at any moment and started again with the same command ends with the same
 * report as an unbroken one, but for its times. The whole process group is killed, as a pulled plug
 * would do it; Ctrl-C is tried too, which leaves a truthful partial answer.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { makeRandom } from '@kerbside/corpus';
import type { Report } from '@kerbside/triage';
import { kerbsideInThread } from './support/kerbside-in-thread.ts';
import { makeDevice } from './support/make-device.ts';
import { digestFile, KERBSIDE, makeFolder, readReport } from './support/run-kerbside.ts';
import { FIXED_SEED, withoutTimes } from './support/without-times.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());

const IS_LONG = process.env['KERBSIDE_LONG'] === '1';
const KILLS = IS_LONG ? 100 : 6;

/** Kills between the first and the last byte of a report. */
const REPORT_KILLS = IS_LONG ? 10 : 2;

/** Parts of the run after which Ctrl-C comes. */
const STOP_SHARES = IS_LONG ? Array.from({ length: 19 }, (_, n) => (n + 1) / 20) : [0.2, 0.5, 0.8];

/** Sessions after which a run that is killed again and again must have ended. */
const MAX_SESSIONS = 400;

const device = makeDevice({ folder: folder.path, filesPerVolume: 220, fileSizeBytes: 120_000, seed: 21 });
const sourceDigest = digestFile(device.imagePath);

interface Session {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** From the first event on, which comes when the controls have passed and the run itself begins. */
  readonly ranMs: number;
}

function argvOf(out: string): readonly string[] {
  return ['triage', device.imagePath, '--set', device.setPath, '--out', out, '--seed', FIXED_SEED, '--json'];
}

/** Takes a run up that was killed or stopped, to its end: the process it ran in has no part in that. */
function takeUp(out: string): Report {
  const ended = kerbsideInThread(argvOf(out));
  assert.equal(ended.status, 10, ended.stderr);
  return readReport(out);
}

/** Runs triage into a folder; `interfere` is called when the run itself begins and gets a way to signal the whole process group. */
function runSession(out: string, interfere?: (signalGroup: (signal: NodeJS.Signals) => void) => () => void): Promise<Session> {
  let began = Number.NaN;
  let end: (() => void) | undefined;
  const child = spawn(KERBSIDE, argvOf(out), { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // It has ended already.
    }
  };
  child.stdout.once('data', () => {
    began = performance.now();
    end = interfere?.(signalGroup);
  });
  child.stdout.resume();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      end?.();
      resolve({ status, signal, stderr, ranMs: performance.now() - began });
    });
  });
}

/** Kills after a time. */
function killAfter(delayMs: number): (signalGroup: (signal: NodeJS.Signals) => void) => () => void {
  return (signalGroup) => {
    const timer = setTimeout(() => signalGroup('SIGKILL'), delayMs);
    return () => clearTimeout(timer);
  };
}

function assertNoItemTwice(report: Report): void {
  const keys = report.hits.map((hit) => JSON.stringify([hit.path, hit.id, hit.view, hit.set, hit.digest]));
  assert.equal(new Set(keys).size, keys.length, 'an item is listed twice');
  assert.deepEqual(report.hits.map((hit) => hit.path).sort(), device.knownPaths);
  const { seen, read, gated, skippedByPlan, problems } = report.coverage.items;
  assert.equal(seen, read + gated + skippedByPlan + problems);
}

const wholeOut = join(folder.path, 'unbroken');
const unbroken = await runSession(wholeOut);
const whole = unbroken.status === 10 ? readReport(wholeOut) : null;

/** How long a run takes from its first event. The first one finds cold caches: a later one that came to its end says better. */
let runMs = unbroken.ranMs;

/** A session that was to be killed and came to its end, in a folder that was empty, corrects the length of a run. */
function learnFrom(ended: Session): void {
  if (ended.signal === null) runMs = Math.min(runMs, ended.ranMs);
}

test('the unbroken run finds what is known', () => {
  assert.equal(unbroken.status, 10, unbroken.stderr);
  assert.ok(whole !== null && whole.verdict === 'known-material-found');
  assertNoItemTwice(whole);
  assert.equal(whole.timings.resumed, 0);
});

test(`${KILLS} kills at random moments: the same report, nothing twice, the source untouched`, async (t) => {
  assert.ok(whole !== null);
  const random = makeRandom(77);
  let kills = 0;
  let ends = 0;
  let takenUp = 0;
  let out = join(folder.path, 'killed-0');
  for (let session = 0; kills < KILLS || existsSync(out); session++) {
    assert.ok(session < MAX_SESSIONS, 'the run does not get on');
    const isNew = !existsSync(out);
    const ended = await runSession(out, killAfter(kills < KILLS ? runMs * random.fraction() : 60_000));
    if (isNew) learnFrom(ended);
    if (ended.signal === 'SIGKILL') {
      kills += 1;
      continue;
    }
    assert.equal(ended.status, 10, `after ${kills} kills: ${ended.stderr}`);
    const report = readReport(out);
    assert.deepEqual(withoutTimes(report), withoutTimes(whole));
    assertNoItemTwice(report);
    takenUp = Math.max(takenUp, report.timings.resumed);
    ends += 1;
    out = join(folder.path, `killed-${ends}`);
  }
  t.diagnostic(`${kills} kills, ${ends} runs came to their end, one of them taken up ${takenUp} times`);
  assert.ok(takenUp > 0, 'no run was ever taken up');
  assert.equal(digestFile(device.imagePath), sourceDigest, 'the source was changed');
});

test('a kill while the report is being written: the next start writes it whole', async (t) => {
  assert.ok(whole !== null);
  let between = 0;
  for (let round = 0; round < 25 * REPORT_KILLS && between < REPORT_KILLS; round++) {
    const out = join(folder.path, `report-${round}`);
    // The folder and its journal first, so that there is something to watch.
    learnFrom(await runSession(out, killAfter(runMs * 0.5)));
    if (!existsSync(out) || existsSync(join(out, 'report.json'))) continue;
    const killed = await runSession(out, (signalGroup) => {
      const watcher = watch(out, (_event, name) => {
        if (name?.startsWith('report.') === true) signalGroup('SIGKILL');
      });
      return () => watcher.close();
    });
    if (killed.signal !== 'SIGKILL') continue;
    if (!existsSync(join(out, 'report.json'))) between += 1;
    assert.deepEqual(withoutTimes(takeUp(out)), withoutTimes(whole));
    assert.deepEqual(readdirSync(out).filter((name) => name.endsWith('.part')), []);
  }
  t.diagnostic(`${between} kills between the first and the last byte of the report`);
  assert.ok(between > 0, 'no kill met the writing of the report');
  assert.equal(digestFile(device.imagePath), sourceDigest, 'the source was changed');
});

test('Ctrl-C: exit 30, or 10 once there are hits; a truthful partial report; then the same end', async () => {
  assert.ok(whole !== null);
  const seen = new Set<number | null>();
  for (const [round, share] of STOP_SHARES.entries()) {
    const out = join(folder.path, `stopped-${round}`);
    const stopped = await runSession(out, (signalGroup) => {
      const timer = setTimeout(() => signalGroup('SIGINT'), runMs * share);
      return () => clearTimeout(timer);
    });
    // Before Node listens for it, Ctrl-C ends the process as it ends any other.
    if (stopped.signal === 'SIGINT') continue;
    assert.ok(stopped.status === 30 || stopped.status === 10, `${stopped.status}: ${stopped.stderr}`);
    const report = readReport(out);
    const { seen: items, read, gated, skippedByPlan, problems, skipped } = report.coverage.items;
    assert.equal(items, read + gated + skippedByPlan + problems);
    assert.ok(report.hits.every((hit) => device.knownPaths.includes(hit.path)));
    assert.equal(report.verdict, report.hits.length > 0 ? 'known-material-found' : 'not-finished');
    assert.equal(stopped.status, report.hits.length > 0 ? 10 : 30);
    if (report.hits.length < whole.hits.length) {
      assert.ok(report.reasons.some((reason) => reason.code === 'not-finished'), JSON.stringify(report.reasons));
      assert.ok(items < whole.coverage.items.seen || skipped['not-reached'] > 0 || report.coverage.stages.some((stage) => !stage.finished), 'what was left out is not told');
      seen.add(stopped.status);
    }
    assert.deepEqual(withoutTimes(takeUp(out)), withoutTimes(whole));
  }
  assert.ok(seen.size > 0, 'no run was stopped on its way');
  assert.equal(digestFile(device.imagePath), sourceDigest, 'the source was changed');
});
