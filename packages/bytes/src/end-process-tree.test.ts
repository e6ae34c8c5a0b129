import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { endProcessTree } from './end-process-tree.ts';

const hasTools = spawnSync('which', ['bwrap']).status === 0;
if (!hasTools && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tool missing: bwrap');
const STARTS = 60;
/** Longer than bubblewrap's set-up, so that each part of it is met. */
const MAX_WAIT_MS = 30;

const pause = (timeMs: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, timeMs));

/** Processes in whose command line the word stands. */
function survivors(word: string): number {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && Number(id) !== process.pid && readFileSync(`/proc/${id}/cmdline`, 'latin1').includes(word);
    } catch {
      return false;
    }
  }).length;
}

test('a sandbox ended at any moment of its start leaves nothing running', { skip: hasTools ? false : 'not installed: bwrap' }, async () => {
  const word = `300.${process.pid}${Date.now()}`;
  for (let start = 0; start < STARTS; start += 1) {
    const child = spawn('bwrap', ['--unshare-all', '--die-with-parent', '--new-session', '--ro-bind', '/', '/', 'sleep', word], { stdio: 'ignore' });
    const closed = new Promise((resolve) => child.once('close', resolve));
    await pause((start * MAX_WAIT_MS) / STARTS);
    endProcessTree(child);
    await closed;
  }
  for (let tries = 0; tries < 50 && survivors(word) > 0; tries += 1) await pause(20);
  assert.equal(survivors(word), 0);
});

test('one that is over or never started is left alone', async () => {
  const missing = spawn('/no/such/program');
  missing.on('error', () => {});
  endProcessTree(missing);
  const over = spawn('true');
  await new Promise((resolve) => over.once('close', resolve));
  endProcessTree(over);
});
