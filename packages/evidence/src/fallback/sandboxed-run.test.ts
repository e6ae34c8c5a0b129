import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSandboxedRun } from './sandboxed-run.ts';

const hasTools = ['bwrap', 'prlimit'].every((tool) => spawnSync('which', [tool]).status === 0);
if (!hasTools && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tools missing: bwrap, prlimit');
const skip = hasTools ? false : 'not installed: bwrap or prlimit (bubblewrap, util-linux)';
const RULES = { evidence: [], cpuSeconds: 5, maxFileBytes: 3_000_000 };

function outcome(script: string, timeoutMs = 20_000, input = ''): { text: string; waits: number; failure: string | null } {
  const run = startSandboxedRun(script, ['a b', '$x'], RULES, timeoutMs, input);
  let text = '';
  let waits = 0;
  for (const piece of run.output()) {
    if (typeof piece === 'string') text += piece;
    else waits += 1;
  }
  run.stop();
  return { text: text.replaceAll(run.word, 'WORD'), waits, failure: run.failure() };
}

test('output and end of a program arrive without a turn of the event loop', { skip }, () => {
  const { text, waits, failure } = outcome('sleep 0.2; printf "%s|" "$@"; cat; report end $?', 20_000, 'Ångström\n');
  assert.equal(text, 'a b|$x|Ångström\n\nWORD end 0\n');
  assert.ok(waits > 3);
  assert.equal(failure, null);
});

test('a failure, a missing end, a full listing and a program that never ends are told', { skip }, () => {
  assert.equal(outcome('(exit 3); report end $?').failure, 'ended with code 3');
  assert.equal(outcome('echo some').failure, 'was ended by a limit or a fault');
  assert.equal(outcome('echo "nothing end 0"').failure, 'was ended by a limit or a fault');
  const full = outcome('while :; do echo 0123456789012345678901234567890123456789; done; report end $?');
  assert.equal(full.failure, 'was ended by a limit or a fault');
  assert.ok(full.text.length <= RULES.maxFileBytes);
  const start = performance.now();
  assert.equal(outcome('sleep 60; report end $?', 500).failure, 'was ended after 1 seconds');
  assert.ok(performance.now() - start < 10_000);
});

test('leaving the output early ends the program and leaves nothing behind', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-run-'));
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  const mark = `${process.pid}.${Date.now()}`;
  const run = startSandboxedRun(`sleep 300.${mark.replace('.', '')}; report end $?`, [], RULES, 60_000);
  for (const _ of run.output()) break;
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  const isRunning = (): boolean => readdirSync('/proc').some((id) => /^\d+$/.test(id) && spawnSync('cat', [`/proc/${id}/cmdline`], { encoding: 'latin1' }).stdout.startsWith(`sleep\u{0}300.${mark.replace('.', '')}`));
  run.stop();
  for (let tries = 0; tries < 50 && isRunning(); tries += 1) await new Promise((resolve) => void setTimeout(resolve, 100));
  assert.equal(isRunning(), false);
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
});
