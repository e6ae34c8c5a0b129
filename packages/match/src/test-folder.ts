import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder for one test, removed when it is disposed of (`using`). */
export interface TestFolder extends Disposable {
  readonly path: string;
  /** Path of a name in the folder. */
  at(name: string): string;
  /** Writes a file in the folder and returns its path. */
  write(name: string, content: string | Uint8Array): string;
}

/** Makes a temporary folder for one test. */
export function makeTestFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'kerbside-match-'));
  return {
    path,
    at: (name) => join(path, name),
    write(name, content) {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
