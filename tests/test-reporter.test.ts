import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

const PLANTED = `
import test from 'node:test';
test('needs a tool', { skip: 'fls not installed (sleuthkit)' }, () => {});
test('needs root', { skip: 'loop devices need root' }, () => {});
test('runs', () => {});
`;

/** Runs the planted tests as `./kerbside test` does. */
function runPlanted(requiresTools: boolean): { readonly status: number | null; readonly stdout: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-reporter-'));
  try {
    const path = join(folder, 'planted.test.mjs');
    writeFileSync(path, PLANTED);
    const { NODE_TEST_CONTEXT: _, KERBSIDE_REQUIRE_TOOLS: __, ...env } = process.env;
    return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--test', `--test-reporter=${join(import.meta.dirname, 'test-reporter.ts')}`, '--test-reporter-destination=stdout', path], { encoding: 'utf8', env: requiresTools ? { ...env, KERBSIDE_REQUIRE_TOOLS: '1' } : env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('where every tool is installed, a test skipped for want of one fails the run; what a kernel or user may not do stays a skip', () => {
  const strict = runPlanted(true);
  assert.notEqual(strict.status, 0);
  assert.match(strict.stdout, /FAILED .*needs a tool\n +was skipped: fls not installed/);
  assert.match(strict.stdout, /skipped .*needs root \(loop devices need root\)/);
  assert.match(strict.stdout, /\n1 passed, 1 failed, 1 skipped\n$/);
});

test('elsewhere both are skips with their reasons', () => {
  const plain = runPlanted(false);
  assert.equal(plain.status, 0);
  assert.match(plain.stdout, /\n1 passed, 0 failed, 2 skipped\n$/);
});
