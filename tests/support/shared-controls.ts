import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** What the control files and their sets are made by: another version of any of it makes others. */
const MAKERS = ['corpus/src/**/*.ts', 'packages/{bytes,decode,ledger,match}/src/**/*.ts', 'packages/triage/src/controls/*.ts', 'packages/cli/src/controls/*.ts', 'packages/cli/src/control-run.ts'];

/** Whole only when the maker has ended; `prepareControls` itself lets two make them at once. */
const MAKER = join(import.meta.dirname, 'make-controls.ts');

/**
 * Puts the control files into the home of a test file. They take three seconds to make and are always the same bytes, so that
 * all test files copy one making of this version of the program; every run checks their seals as ever. How they are
 * made on first use is tested by packages/triage/src/controls and tests/gates/controls.test.ts, in homes of their own.
 */
export function giveControls(home: string): void {
  const shared = join(tmpdir(), `kerbside-test-controls-${userInfo().uid}-${versionOfMakers()}`);
  mkdirSync(shared, { recursive: true, mode: 0o700 });
  if (statSync(shared).uid !== userInfo().uid) return;
  if (!readdirSync(shared).includes('made')) {
    const made = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', MAKER, shared], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`the control files could not be made: ${made.stderr}`);
  }
  for (const name of readdirSync(shared)) if (/^controls-[0-9a-f]+$/.test(name)) cpSync(join(shared, name), join(home, name), { recursive: true });
}

function versionOfMakers(): string {
  const digest = createHash('sha256');
  for (const file of globSync(MAKERS, { cwd: REPOSITORY }).sort()) digest.update(`${file}\0`).update(readFileSync(join(REPOSITORY, file)));
  return digest.digest('hex').slice(0, 16);
}
