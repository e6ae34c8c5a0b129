import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { requireProgram, sandboxedCommand, selfTestSandbox } from './sandboxed-command.ts';

const hasTools = ['bwrap', 'prlimit'].every((tool) => spawnSync('which', [tool]).status === 0);
if (!hasTools && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tools missing: bwrap, prlimit');
const skip = hasTools ? false : 'not installed: bwrap or prlimit (bubblewrap, util-linux)';

test('the sandbox passes its self-test', { skip }, () => {
  assert.deepEqual(selfTestSandbox(), []);
});

test('the probes do see an open world', { skip }, () => {
  // The same tests outside must succeed, or the self-test proves nothing.
  const outside = spawnSync('/bin/sh', ['-c', 'test -e /etc/passwd && echo host-files; test "$(ls /proc | grep -c "^[0-9]")" -lt 3 || echo host-processes'], { encoding: 'utf8' });
  assert.equal(outside.stdout, 'host-files\nhost-processes\n');
});

test('a sandboxed program is ended at its CPU limit', { skip }, () => {
  const { command, args } = sandboxedCommand('sh', ['-c', 'while :; do :; done'], { evidence: [], cpuSeconds: 1, maxFileBytes: 0 });
  const start = performance.now();
  const { status } = spawnSync(command, args, { timeout: 20_000, killSignal: 'SIGKILL' });
  assert.notEqual(status, 0);
  assert.ok(performance.now() - start < 15_000);
});

test('a missing program is named with what to install', () => {
  assert.throws(() => requireProgram('no-such-program'), { code: 'program-not-installed', message: /apt install/ });
});
