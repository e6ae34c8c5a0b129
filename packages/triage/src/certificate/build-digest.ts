import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the program's folder. */
const PROGRAM = join(import.meta.dirname, '..', '..', '..', '..');

let known: string | null = null;

/**
 * SHA-256, hex, over the list of source files that run: a line `SHA-256, two spaces, path` for each
 * of the TypeScript files in the `src` of each package, without tests, and for package-lock.json, sorted by path bytewise. Anybody can make the same
 * list with sha256sum (docs/reference/certificate.md has the line). Computed once a process, on first use.
 */
export function buildDigest(): string {
  known ??= digestOfProgram(PROGRAM);
  return known;
}

/** The same for any checkout. @param folder its root */
export function digestOfProgram(folder: string): string {
  const paths = sourcePaths(folder).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return hash('sha256', paths.map((path) => `${hash('sha256', readFileSync(join(folder, path)), 'hex')}  ${path}\n`).join(''), 'hex');
}

function sourcePaths(folder: string): string[] {
  const paths = ['package-lock.json'];
  for (const room of readdirSync(join(folder, 'packages'), { withFileTypes: true })) {
    if (!room.isDirectory()) continue;
    const source = join('packages', room.name, 'src');
    for (const entry of readdirSync(join(folder, source), { withFileTypes: true, recursive: true })) {
      if (entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) paths.push(join(entry.parentPath.slice(folder.length + 1), entry.name));
    }
  }
  return paths;
}
