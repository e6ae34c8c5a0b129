import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { REPOSITORY } from './source-files.ts';

const PACKAGES = ['bytes', 'evidence', 'match', 'ledger', 'triage', 'cli'];

function runTool(tool: 'tsc' | 'oxlint', folder: string): { status: number | null; output: string } {
  const script = tool === 'tsc' ? ['typescript', 'bin', 'tsc'] : ['oxlint', 'bin', 'oxlint'];
  const options = tool === 'tsc' ? ['--noEmit', '--listFiles'] : ['--type-aware', '--deny-warnings'];
  const run = spawnSync(process.execPath, [join(REPOSITORY, 'node_modules', ...script), ...options], { cwd: folder, encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
}

/** A copy of the checkout's settings with given files, so that a planted fault never touches the checkout. */
function plant(files: Record<string, string>): { folder: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-gate-'));
  for (const setting of ['package.json', 'tsconfig.json', '.oxlintrc.json']) cpSync(join(REPOSITORY, setting), join(folder, setting));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test('the whole checkout type-checks', () => {
  const run = runTool('tsc', REPOSITORY);
  assert.equal(run.status, 0, run.output.split('\n').filter((line) => line.includes('error')).join('\n'));
  assert.ok(run.output.split('\n').filter((line) => line.includes('/packages/')).length > 50, 'the type check saw too few files');
});

test('the whole checkout is lint-free', () => {
  const run = runTool('oxlint', REPOSITORY);
  assert.equal(run.status, 0, run.output);
  assert.ok(Number(/on (\d+) files/.exec(run.output)?.[1]) > 50, `the linter saw too few files: ${run.output}`);
});

for (const name of PACKAGES) {
  test(`planted type error in ${name} fails the type check`, () => {
    using planted = plant({ [`packages/${name}/src/planted.ts`]: "export const wrong: number = 'text';\n" });
    const run = runTool('tsc', planted.folder);
    assert.notEqual(run.status, 0);
    assert.match(run.output, /planted\.ts.*TS2322/);
  });
}

const FAULTS: Record<string, { files: Record<string, string>; rule: RegExp }> = {
  'a floating promise': {
    files: { 'packages/match/src/a.ts': 'async function f(): Promise<void> {}\nexport function g(): void { f(); }\n' },
    rule: /no-floating-promises/,
  },
  'a switch that misses a case': {
    files: { 'packages/match/src/a.ts': "export function g(k: 'a' | 'b'): number { switch (k) { case 'a': return 1; }\n return 2; }\n" },
    rule: /switch-exhaustiveness-check/,
  },
  'an import cycle': {
    files: {
      'packages/match/src/a.ts': "import { b } from './b.ts';\nexport const a = (): number => b();\n",
      'packages/match/src/b.ts': "import { a } from './a.ts';\nexport const b = (): number => a();\n",
    },
    rule: /no-cycle/,
  },
  'an import against the layers': {
    files: { 'packages/bytes/src/a.ts': "import { displayName } from '@kerbside/evidence';\nexport const a = displayName;\n" },
    rule: /no-restricted-imports/,
  },
  'an import against the layers in ledger': {
    files: { 'packages/ledger/src/a.ts': "import { openSet } from '@kerbside/match';\nexport const a = openSet;\n" },
    rule: /no-restricted-imports/,
  },
  'an any': { files: { 'packages/match/src/a.ts': 'export function g(x: any): void { void x; }\n' }, rule: /no-explicit-any/ },
  'a file over 500 lines': {
    files: { 'packages/match/src/a.ts': Array.from({ length: 501 }, (_, i) => `export const a${i} = ${i};\n`).join('') },
    rule: /max-lines/,
  },
};

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`planted ${name} fails the linter`, () => {
    using planted = plant(fault.files);
    const run = runTool('oxlint', planted.folder);
    assert.notEqual(run.status, 0);
    assert.match(run.output, fault.rule);
  });
}
