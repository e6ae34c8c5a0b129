import { join } from 'node:path';
import { closeSync, openSync, readSync } from 'node:fs';
import { measureCommand, type Measure, type MeasureOptions } from './measure.ts';

const repository = join(import.meta.dirname, '..');

/** Exit codes of `triage` that are answers and no failures. */
const VERDICT_EXITS = [0, 10, 20];

/** As the launcher sets it: the same cache of compiled code, the same rules for memory. */
function environment(): Record<string, string> {
  return {
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(repository, 'node_modules', '.cache', 'kerbside'),
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '262144',
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  };
}

/** As the launcher starts Node. */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8'] as const;

/** The words that start Kerbside. */
export function kerbsideArguments(...words: readonly string[]): string[] {
  return [process.execPath, ...NODE_FLAGS, join(repository, 'packages', 'cli', 'src', 'main.ts'), ...words];
}

export function kerbsideEnvironment(): Record<string, string> {
  return environment();
}

/** Runs Kerbside to its end and says what it cost. Findings are no failure. */
export function measureKerbside(words: readonly string[], options: MeasureOptions = {}): Measure {
  return measureCommand(kerbsideArguments(...words), { acceptExitCodes: VERDICT_EXITS, env: environment(), ...options });
}

/** Runs a script of this folder, with its arguments. */
export function measureScript(name: string, words: readonly string[], options: MeasureOptions = {}): Measure {
  return measureCommand([process.execPath, ...NODE_FLAGS, join(import.meta.dirname, name), ...words], { env: environment(), ...options });
}

/** Reads files once, so that every run of a pair finds them in the page cache. */
export function warm(...paths: readonly string[]): void {
  const buffer = Buffer.allocUnsafe(8 << 20);
  for (const path of paths) {
    const file = openSync(path, 'r');
    while (readSync(file, buffer) > 0);
    closeSync(file);
  }
}
