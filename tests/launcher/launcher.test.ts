import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import test from 'node:test';
import { REPOSITORY } from '../gates/source-files.ts';

const LAUNCHER = join(REPOSITORY, 'kerbside');

/** A PATH with the named programs of this machine and nothing else, plus scripts standing in for others. */
function makePath(programs: readonly string[], scripts: Readonly<Record<string, string>>): { folder: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-path-'));
  for (const program of programs) {
    const found = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin'].map((place) => join(place, program)).find((path) => existsSync(path));
    assert.ok(found, `${program} is not on this machine`);
    symlinkSync(found, join(folder, program));
  }
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

const BASIC = ['bash', 'env', 'readlink', 'dirname', 'cmp', 'find', 'sort'];

test('without root the exact line to run is printed, and nothing is installed', () => {
  using path = makePath(BASIC, { id: 'echo 1000', 'apt-get': 'echo installed >&2; exit 0' });
  const run = spawnSync(LAUNCHER, ['test'], { encoding: 'utf8', env: { PATH: path.folder, HOME: path.folder } });
  assert.equal(run.status, 2);
  assert.match(run.stderr, /^ {2}sudo apt-get update && sudo apt-get install -y --no-install-recommends .*sleuthkit/m);
  assert.match(run.stderr, /needs sleuthkit: oracle and peer/);
  assert.doesNotMatch(run.stderr, /^installed/m);
});

test('triage and list ask for no Debian package', () => {
  using path = makePath(BASIC, { 'apt-get': 'echo installed >&2; exit 1' });
  const run = spawnSync(LAUNCHER, ['help'], { encoding: 'utf8', env: { PATH: path.folder, HOME: path.folder } });
  assert.equal(run.status, 0, run.stderr);
  assert.equal(run.stderr, '');
});

test('every package the launcher installs has its reason in the dependencies page', () => {
  const packages = [...readFileSync(LAUNCHER, 'utf8').matchAll(/^[\w.-]+\|([\w-]+)\|[\w ]+\|/gm)].map((match) => match[1]!);
  const page = readFileSync(join(REPOSITORY, 'docs/reference/dependencies.md'), 'utf8');
  assert.ok(packages.length > 8);
  assert.deepEqual(packages.filter((name) => !page.includes(name)), []);
});
