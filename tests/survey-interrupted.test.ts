/*
 * A survey that does not come to its end: killed, stopped, out of room, or its source shrinks or fails under it.
 * Taken up again it ends with the same roots and the same report; where the source is to blame, that is told,
 * and never "nothing known found".
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { makeRandom, writeDisk, writeFatVolume, type CorpusFile } from '@kerbside/corpus';
import type { Report } from '@kerbside/triage';
import { kerbsideInThread } from './support/kerbside-in-thread.ts';
import { digestFile, KERBSIDE, makeFolder, readReport } from './support/run-kerbside.ts';
import { bytesOf, makeBlockSet } from './support/survey-device.ts';
import { assertSameReport } from './support/without-times.ts';

const folder = makeFolder();
const small = join(folder.path, 'small');
mkdirSync(small);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small]).status === 0;
const loops: string[] = [];
after(() => {
  if (isMounted) spawnSync('umount', ['-l', small]);
  for (const loop of loops) spawnSync('losetup', ['-d', loop], { env });
  folder[Symbol.dispose]();
});
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const at = (...names: string[]): string => join(folder.path, ...names);

const MIB = 1024 * 1024;
const KILLS = process.env['KERBSIDE_LONG'] === '1' ? 60 : 5;
const MAX_SESSIONS = 400;

/** A small volume, and behind it much that is on no grid, so that the survey takes its time. */
mkdirSync(at('known'));
mkdirSync(at('strange'));
writeFileSync(at('strange', 'a.jpg'), bytesOf(1, 90_000));
const known = Array.from({ length: 12 }, (_, n) => bytesOf(800 + n, 60_000 + n));
for (const [n, content] of known.entries()) writeFileSync(at('known', `${n}.jpg`), content);
const knownSet = makeBlockSet(at('known.kblocks'), at('known'));
const strangeSet = makeBlockSet(at('strange.kblocks'), at('strange'));
const tree: CorpusFile[] = known.slice(0, 4).map((content, n) => ({ path: `IMG_${n}.JPG`, content }));
const imagePath = at('device.img');
const TAIL_BYTES = 128 * MIB;
const { sizeBytes } = writeDisk({ path: imagePath, scheme: 'mbr', seed: 4, tailBytes: TAIL_BYTES, volumes: [{ fileSystem: 'fat', sizeBytes: 8 * MIB, write: (sink) => writeFatVolume({ fatBits: 16, sizeBytes: 8 * MIB, clusterSizeBytes: 1024, seed: 5, tree, sink }) }] });
const tailAt = sizeBytes - TAIL_BYTES;
const file = openSync(imagePath, 'r+');
writeSync(file, bytesOf(2, TAIL_BYTES), 0, TAIL_BYTES, tailAt);
for (const [n, content] of known.slice(4).entries()) writeSync(file, content, 0, content.length, tailAt + n * 15 * MIB + 512 * (n + 3));
closeSync(file);
const imageDigest = digestFile(imagePath);

interface Session {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** From the survey's first moment to the end of the session; null when it did not begin. */
  readonly surveyMs: number | null;
}

type SignalGroup = (signal: NodeJS.Signals) => void;

function argvOf(out: string, source = imagePath, set = knownSet): readonly string[] {
  return ['triage', source, '--set', set, '--out', out, '--json', '--seed', 'a7'.repeat(32)];
}

/** Takes a run up that was stopped, to its end: the process it ran in has no part in that. */
function takeUp(out: string): Report {
  const ended = kerbsideInThread(argvOf(out));
  assert.equal(ended.status, 10, ended.stderr);
  return readReport(out);
}

/** Runs triage; `onSurvey` is called once, when the survey begins. */
function runSession(out: string, onSurvey: (signalGroup: SignalGroup) => void = () => undefined, source = imagePath, set = knownSet): Promise<Session> {
  const child = spawn(KERBSIDE, argvOf(out, source, set), { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const signalGroup: SignalGroup = (signal) => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // It has ended already.
    }
  };
  let stdout = '';
  let stderr = '';
  let surveyAt: number | null = null;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (surveyAt !== null || !stdout.includes('"stage":"survey"')) return;
    surveyAt = performance.now();
    onSurvey(signalGroup);
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stderr, surveyMs: surveyAt === null ? null : performance.now() - surveyAt }));
  });
}

const killAfter = (delayMs: number) => (signalGroup: SignalGroup): void => void setTimeout(() => signalGroup('SIGKILL'), delayMs).unref();

const unbroken = await runSession(at('whole'));
const whole = unbroken.status === 10 ? readReport(at('whole')) : null;

test('the unbroken survey meets what is known', () => {
  assert.ok(whole !== null, unbroken.stderr);
  assert.equal(whole.blockHits.length, known.length);
  assert.ok(whole.certificate!.roots.some(({ lane, count }) => lane === 'survey' && count > 0));
  assert.ok(whole.meter!.unbrokenBytes! <= whole.plan.survey!.chunkBytes * 2, `the survey did not come to its end: ${whole.meter!.unbrokenBytes}`);
});

test(`${KILLS} kills in mid-survey: the same roots, the same report`, async (t) => {
  assert.ok(whole !== null);
  const random = makeRandom(91);
  let kills = 0;
  let ends = 0;
  let takenUp = 0;
  let out = at('killed-0');
  for (let session = 0; kills < KILLS || existsSync(out); session++) {
    assert.ok(session < MAX_SESSIONS, 'the run does not get on');
    const delayMs = unbroken.surveyMs! * 0.7 * random.fraction();
    const ended = await runSession(out, kills < KILLS ? killAfter(delayMs) : undefined);
    if (ended.signal === 'SIGKILL') {
      kills += 1;
      continue;
    }
    assert.equal(ended.status, 10, `after ${kills} kills: ${ended.stderr}`);
    const report = readReport(out);
    assertSameReport(report, whole);
    takenUp = Math.max(takenUp, report.timings.resumed);
    ends += 1;
    out = at(`killed-${ends}`);
  }
  t.diagnostic(`${kills} kills, ${ends} runs came to their end, one of them taken up ${takenUp} times`);
  assert.ok(takenUp > 0, 'no run was ever taken up');
  assert.equal(digestFile(imagePath), imageDigest, 'the source was changed');
});

/** What a survey that was not finished may say. */
function assertUnfinished(report: Report): void {
  assert.ok(report.reasons.some(({ code }) => code === 'not-finished'), JSON.stringify(report.reasons));
  const survey = report.coverage.stages.find(({ name }) => name === 'survey');
  assert.equal(survey?.finished, false);
  const { meter } = report;
  assert.ok(meter !== null && meter.scattered.every(({ probability }) => probability < 1), JSON.stringify(meter));
  assert.ok((meter.unbrokenBytes ?? Infinity) > whole!.meter!.unbrokenBytes!);
  assert.ok(report.coverageMap.some(({ state }) => state === 'not-read'));
}

test('Ctrl-C in mid-survey: told as not finished, with figures that hold; then the same end', async () => {
  assert.ok(whole !== null);
  const out = at('stopped');
  const stopped = await runSession(out, (signalGroup) => void setTimeout(() => signalGroup('SIGINT'), unbroken.surveyMs! * 0.2));
  assert.equal(stopped.status, 10, stopped.stderr);
  assertUnfinished(readReport(out));
  assertSameReport(takeUp(out), whole);
});

test('no room left in mid-survey: told, exit 2, and the same end once there is room', { skip: isMounted ? false : 'a small file system can only be mounted by root' }, async () => {
  assert.ok(whole !== null);
  const out = join(small, 'out');
  const ballast = join(small, 'ballast');
  const full = await runSession(out, () => void spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096'], { stdio: 'ignore' }));
  assert.equal(full.status, 2, `${full.status} ${full.stderr}`);
  assert.match(full.stderr, /\(out-folder-full\)/);
  assert.doesNotMatch(full.stderr, /\n\s+at |fault of this program/);
  rmSync(ballast);
  assertSameReport(takeUp(out), whole);
});

/** What must be said of a source that failed on the way, with a set that knows nothing of it. */
function assertTold(session: Session, out: string, what: string): void {
  assert.ok(session.status === 20 || session.status === 30, `${what}: ${session.status} ${session.stderr}`);
  const report = readReport(out);
  const codes = report.reasons.map(({ code }) => code);
  assert.ok(codes.includes('unreadable-bytes') || codes.includes('not-finished'), `${what}: ${codes.join()}`);
  assert.ok(report.coverage.unreadableBytes > 0 || report.problems.length > 0, what);
  assert.ok(report.meter === null || report.meter.scattered.every(({ probability }) => probability < 1), `${what}: certain of what is gone`);
}

test('a source that shrinks in mid-survey: what is gone is unread, and told', async () => {
  const path = at('shrinking.img');
  copyFileSync(imagePath, path);
  const session = await runSession(at('shrunk'), () => truncateSync(path, sizeBytes / 2), path, strangeSet);
  assertTold(session, at('shrunk'), 'shrunk');
});

test('a device that fails in mid-survey, as one that is pulled: told', async (t) => {
  const path = at('failing.img');
  copyFileSync(imagePath, path);
  const made = spawnSync('losetup', ['-f', '--show', '-r', path], { encoding: 'utf8', env });
  if (made.status !== 0) return t.skip('loop devices need root and a kernel that has them');
  const loop = made.stdout.trim();
  loops.push(loop);
  // With nothing behind it every read fails, but for what the kernel has in its memory.
  const session = await runSession(at('failed'), () => {
    truncateSync(path, 0);
    spawnSync('blockdev', ['--flushbufs', loop], { env });
  }, loop, strangeSet);
  assertTold(session, at('failed'), 'failed');
  assert.ok(readFileSync(join(at('failed'), 'report.html'), 'utf8').length > 0);
});
