import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ESCAPE_PROBES } from './escape-probes.ts';
import { PROGRAM_PROBES } from './program-probes.ts';
import { describeOutside, requireSoundSandbox, selfTestSandbox } from './self-test.ts';

const hasTools = ['bwrap', 'prlimit'].every((tool) => spawnSync('which', [tool]).status === 0);
if (!hasTools && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tools missing: bwrap, prlimit');
const skip = hasTools ? false : 'not installed: bwrap or prlimit (bubblewrap, util-linux)';

test('both profiles pass their self-test', { skip }, async () => {
  assert.deepEqual(await selfTestSandbox('picture'), []);
  assert.deepEqual(await selfTestSandbox('tools'), []);
  await requireSoundSandbox('picture');
});

test('every probe that Node runs succeeds in the open, so each one tests something', { skip: process.platform !== 'linux' }, async () => {
  const server = createServer((socket) => socket.destroy());
  try {
    const outside = await describeOutside(server);
    // The application lies elsewhere here, and a host may have few files, processes and disks of the names looked for.
    const here = { ...outside, appFolder: import.meta.dirname, maxProcesses: 1, maxDataBytes: 64 * 1024 * 1024 };
    const notHere = new Set(['reach a disk or the memory of the host']);
    for (const [name, probe] of Object.entries(ESCAPE_PROBES)) {
      if (!notHere.has(name)) assert.equal(await probe(here), true, `in the open it fails to ${name}`);
    }
  } finally {
    server.close();
  }
  assert.ok(Object.keys(ESCAPE_PROBES).length + PROGRAM_PROBES.length >= 8);
});

test('every probe that a program runs ends with 0 in the open', { skip }, () => {
  for (const { name, command: [program = '', ...args] } of PROGRAM_PROBES) {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    // A hardened host may forbid its users namespaces of their own; then bubblewrap does not start either.
    assert.equal(status, 0, `in the open it fails to ${name}: ${stderr}`);
  }
});

test('without bubblewrap, or with one that lets all through, nothing is decoded', { skip }, () => {
  const run = (bwrap: string): string => {
    const script = `const { whyUnsound } = await import(${JSON.stringify(join(import.meta.dirname, 'self-test.ts'))}); console.log(await whyUnsound('picture'));`;
    // A mount namespace of the test's own, in which bubblewrap is another program.
    const { stdout, stderr } = spawnSync('/usr/bin/bwrap', ['--bind', '/', '/', '--dev-bind', '/dev', '/dev', '--ro-bind', bwrap, '/usr/bin/bwrap', '--ro-bind', '/usr/bin/bwrap', '/usr/bin/newgrp', process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { encoding: 'utf8' });
    return stdout + stderr;
  };
  assert.match(run('/bin/false'), /failed its self-test \(the probes did not run to their end/);
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-bwrap-'));
  const lax = join(folder, 'bwrap');
  // The real one stands at another name; all namespaces but that of users and mounts, and the filter, are left out.
  writeFileSync(lax, '#!/bin/bash\nkept=()\nfor word; do case $word in --unshare-all|--hostname|kerbside) ;; --seccomp) ;; 4) ;; *) kept+=("$word") ;; esac; done\nexec /usr/bin/newgrp "${kept[@]}"\n', { mode: 0o755 });
  assert.match(run(lax), /failed its self-test \(connect to the host over the network; see processes of the host; signal the parent; keep rights or go unfiltered\)/);
  rmSync(folder, { recursive: true });
  assert.match(run('/dev/null'), /bwrap is needed to decode safely and is not installed: apt install bubblewrap/);
});
