import { lstatSync, readdirSync } from 'node:fs';

/** Folders inside folders followed; deeper trees are a loop or an attack. */
const MOST_DEPTH = 200;

/** A file or folder that could not be taken. */
export interface FolderProblem {
  readonly path: string;
  readonly reason: string;
}

/**
 * The regular files of a folder and all folders in it, in the order of their names' bytes. Names are
 * bytes, so one that is no UTF-8 is found all the same. Links are not followed, and devices, pipes and
 * sockets are passed over.
 */
export function* walkFolder(folder: string, onProblem: (problem: FolderProblem) => void): Generator<Buffer, void, void> {
  yield* walk(Buffer.from(folder), 0, onProblem);
}

function* walk(folder: Buffer, depth: number, onProblem: (problem: FolderProblem) => void): Generator<Buffer, void, void> {
  if (depth > MOST_DEPTH) {
    onProblem({ path: folder.toString(), reason: `more than ${MOST_DEPTH} folders inside one another` });
    return;
  }
  let names: Buffer[];
  try {
    names = readdirSync(folder, { encoding: 'buffer' }).sort((a, b) => Buffer.compare(a, b));
  } catch (error) {
    onProblem({ path: folder.toString(), reason: (error as Error).message });
    return;
  }
  for (const name of names) {
    const path = Buffer.concat([folder, Buffer.from('/'), name]);
    try {
      const stat = lstatSync(path);
      if (stat.isDirectory()) yield* walk(path, depth + 1, onProblem);
      else if (stat.isFile()) yield path;
    } catch (error) {
      onProblem({ path: path.toString(), reason: (error as Error).message });
    }
  }
}
