/* The live view on a real terminal (tmux): hits and progress while it runs, Ctrl-C, and going on afterwards. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { makePicture } from '@kerbside/corpus';
import { buildSet } from '@kerbside/match';
import { KERBSIDE, makeFolder, readReport } from './support/run-kerbside.ts';

const NO_TMUX = spawnSync('tmux', ['-V']).status === 0 || process.env['KERBSIDE_REQUIRE_TOOLS'] === '1' ? false : 'tmux is not installed (Debian package tmux)';

const COLUMNS = 80;
const ROWS = 24;
const GIB = 1024 ** 3;

const folder = makeFolder();
const source = join(folder.path, 'source');
const zeros = join(source, 'zeros.bin');
const setPath = join(folder.path, 'list.kset');
const socket = join(folder.path, 'tmux');
const session = ['-S', socket];

/** A name that would clear the screen and turn the text, were it written out raw. */
const HOSTILE = 'goal \u001b[2J\u001b]0;owned\u0007 \u202egpj.jpg';

/** A folder with one known picture of a hostile name, and a sparse file that takes far longer to hash than the test lasts. */
before(async () => {
  mkdirSync(source);
  const picture = makePicture({ kind: 'jpeg', seed: 5, widthPx: 160, heightPx: 120 });
  writeFileSync(join(source, HOSTILE), picture);
  writeFileSync(zeros, '');
  truncateSync(zeros, 256 * GIB);
  const list = join(folder.path, 'list.md5');
  writeFileSync(list, `${createHash('md5').update(picture).digest('hex')}\n`);
  await buildSet({ out: setPath, inputs: [list], meaning: 'alert', name: 'Old list' });
});

after(() => {
  tmux('kill-server');
  folder[Symbol.dispose]();
});

function tmux(...argv: string[]): string {
  return spawnSync('tmux', [...session, ...argv], { encoding: 'utf8' }).stdout;
}

/** Starts the command in a terminal of 80 × 24; the exit code is printed at its end. */
function startInTerminal(name: string, argv: readonly string[]): void {
  const command = [KERBSIDE, ...argv].map((word) => `'${word}'`).join(' ');
  tmux('new-session', '-d', '-s', name, '-x', String(COLUMNS), '-y', String(ROWS), `${command}; echo "exit code $?"; sleep 600`);
}

/** What stands on the screen, once it matches. */
async function screenWith(name: string, pattern: RegExp, timeoutMs = 30_000): Promise<string> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const screen = tmux('capture-pane', '-p', '-t', name);
    if (pattern.test(screen)) return screen;
    if (performance.now() > end) assert.fail(`the terminal never showed ${String(pattern)}:\n${screen}`);
    await wait(50);
  }
}

test('live: the answer so far, what is read, share, time left, hits as facts; Ctrl-C keeps what is done and says how to go on', { skip: NO_TMUX }, async () => {
  const out = join(folder.path, 'run');
  startInTerminal('live', ['triage', source, '--set', setPath, '--out', out]);
  const live = await screenWith('live', /left[\s\S]*MD5 alone/);
  assert.match(live, /■ KNOWN MATERIAL FOUND +reading goes on/);
  assert.match(live, /\[-+\] +0 % +\d\d:\d\d +.+ to .+ left/);
  assert.match(live, /Reading contents: zeros\.bin/);
  assert.match(live, /Items +2 seen, 1 of 2 to read, .+ of 275 GB/);
  assert.match(live, /Hits +1 \(alert: 1 not mapped\) +Problems +0/);
  assert.match(live, /00:\d\d +goal \\u\{1b\}\[2J\\u\{1b\}\]0;owned\\u\{7\} \\u\{202e\}gpj\.jpg\n +Old list: category not mapped, MD5 alone: a weak match/);
  assert.equal(live.match(/Kerbside {2}/g)?.length, 1, 'each frame is drawn over the last');
  assert.equal(tmux('display-message', '-p', '-t', 'live', '#{pane_title}').includes('owned'), false, 'no name reached the terminal raw');

  tmux('send-keys', '-t', 'live', 'C-c');
  const ended = await screenWith('live', /exit code/);
  assert.match(ended, /exit code 10/);
  assert.match(ended, /■ KNOWN MATERIAL FOUND\s/);
  assert.match(ended, /The run was not finished; more may be found\./);
  assert.match(ended, /2 = 1 read \+ 0 of a length in no set \+ 0 with nothing to read \+ 1\s+not reached \+ 0 with problems/);
  assert.match(ended, /Not finished: the same command goes on from here\./);
  assert.equal(ended.match(/KNOWN MATERIAL FOUND/g)?.length, 1, 'the live view has made room for the summary');
  const report = readReport(out);
  assert.deepEqual([report.verdict, report.hits.length, report.coverage.items.skipped['not-reached']], ['known-material-found', 1, 1]);

  startInTerminal('again', ['triage', source, '--set', setPath, '--out', out]);
  assert.match(await screenWith('again', /1 of 2 to read/), /taken up again[\s\S]*Hits +1/);
  tmux('send-keys', '-t', 'again', 'C-c');
  await screenWith('again', /exit code 10/);
  assert.equal(readReport(out).timings.resumed, 1);
});

test('stopped before anything was found: not finished, never an answer', { skip: NO_TMUX }, async () => {
  const out = join(folder.path, 'nothing');
  rmSync(join(source, HOSTILE));
  startInTerminal('nothing', ['triage', source, '--set', setPath, '--out', out]);
  await screenWith('nothing', /Reading contents: zeros\.bin/);
  tmux('send-keys', '-t', 'nothing', 'C-c');
  const ended = await screenWith('nothing', /exit code/);
  assert.match(ended, /exit code 30/);
  assert.match(ended, /○ NOT FINISHED/);
  assert.doesNotMatch(ended, /NOTHING KNOWN FOUND/);
});

test('set build asks what a hit means, takes no guess for an answer, and builds with the answer given', { skip: NO_TMUX }, async () => {
  startInTerminal('ask', ['set', 'build', join(folder.path, 'asked.kset'), '--from', join(folder.path, 'list.md5')]);
  assert.match(await screenWith('ask', /Answer 1, 2 or 3:/), /never guessed[\s\S]*alert[\s\S]*ignorable[\s\S]*reference/);
  tmux('send-keys', '-t', 'ask', 'maybe', 'Enter');
  await screenWith('ask', /maybe\s+Answer 1, 2 or 3:/);
  tmux('send-keys', '-t', 'ask', '3', 'Enter');
  assert.match(await screenWith('ask', /exit code/), /Meaning of a hit: reference[\s\S]*exit code 0/);

  startInTerminal('left', ['set', 'build', join(folder.path, 'left.kset'), '--from', join(folder.path, 'list.md5')]);
  await screenWith('left', /Answer 1, 2 or 3:/);
  tmux('send-keys', '-t', 'left', 'C-d');
  assert.match(await screenWith('left', /exit code/), /give\s+--meaning alert[\s\S]*exit code 2/);
});
