import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the checkout. */
export const REPOSITORY = join(import.meta.dirname, '..', '..');

/** Text of every TypeScript file of the given folders, keyed by its path from the root, in a fixed order. */
export function readSourceFiles(patterns: readonly string[]): Map<string, string> {
  const files = globSync([...patterns], { cwd: REPOSITORY, exclude: (name) => name === 'node_modules' }).sort();
  return new Map(files.map((file) => [file, readFileSync(join(REPOSITORY, file), 'utf8')]));
}
