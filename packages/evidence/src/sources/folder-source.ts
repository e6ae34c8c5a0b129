import { MAX_PATH_DEPTH, problemFrom, MediumError, LimitError, UnsupportedError, type KerbsideError } from '@kerbside/bytes';
import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import { errnoOf } from './evidence-files.ts';
import { asPlainText } from './plain-text.ts';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Item, ItemKind, ItemTimes, Timestamp, WalkEvent } from '../item.ts';

/** Entries of one folder held at once for sorting: about 200 MB at worst. */
const MAX_FOLDER_ENTRIES = 1_000_000;
/** Entries in all; the same bound as for a volume. */
const MAX_ENTRIES = 5_000_000;

const SLASH = Buffer.from('/');

interface OpenDirectory {
  readonly path: Buffer;
  readonly node: DirectoryNode | null;
  readonly names: readonly Buffer[];
  next: number;
}

/**
 * Walks a folder of the host as a source: depth first, names sorted by bytes. Links are items of
 * kind `other` and are never followed; folders on another file system are left out with a problem.
 * Host paths stay bytes from beginning to end.
 */
export function* walkFolder(root: Buffer): Generator<WalkEvent, void, undefined> {
  const device = lstatSync(root, { bigint: true }).dev;
  const stack: OpenDirectory[] = [];
  const opened = openDirectory(root, null);
  if (opened.problem !== null) yield opened.problem;
  stack.push(opened.directory);
  let entries = 0;
  for (let directory = stack.at(-1); directory !== undefined; directory = stack.at(-1)) {
    const nameBytes = directory.names[directory.next++];
    if (nameBytes === undefined) {
      stack.pop();
      continue;
    }
    if (++entries > MAX_ENTRIES) {
      yield problemEvent(new LimitError('folder-entries-limit', `the folder holds more than ${MAX_ENTRIES} entries; the rest was not listed`), root);
      return;
    }
    const path = Buffer.concat([directory.path, SLASH, nameBytes]);
    const stats = statOrProblem(path);
    if ('problem' in stats) {
      yield stats;
      continue;
    }
    const name: EvidenceName = { bytes: nameBytes, encoding: 'utf-8' };
    yield { type: 'item', item: makeItem(directory.node, name, path, stats) };
    if (!stats.isDirectory()) continue;
    if (stats.dev !== device) {
      yield problemEvent(new UnsupportedError('folder-other-file-system', 'another file system is mounted here; it was not walked: give it as a source of its own'), path);
      continue;
    }
    const depth = (directory.node?.depth ?? -1) + 1;
    if (depth >= MAX_PATH_DEPTH) {
      yield problemEvent(new LimitError('path-depth-limit', `folders are nested deeper than ${MAX_PATH_DEPTH}; what is below was not listed`), path);
      continue;
    }
    const below = openDirectory(path, { parent: directory.node, name, depth });
    if (below.problem !== null) yield below.problem;
    stack.push(below.directory);
  }
}

function openDirectory(path: Buffer, node: DirectoryNode | null): { directory: OpenDirectory; problem: WalkEvent | null } {
  try {
    const names = readdirSync(path, { encoding: 'buffer' });
    names.sort((a, b) => a.compare(b));
    const isTooLong = names.length > MAX_FOLDER_ENTRIES;
    const directory = { path, node, names: isTooLong ? names.slice(0, MAX_FOLDER_ENTRIES) : names, next: 0 };
    if (!isTooLong) return { directory, problem: null };
    const error = new LimitError('folder-entries-limit', `one folder holds ${names.length} entries (limit ${MAX_FOLDER_ENTRIES}); the rest was not listed`);
    return { directory, problem: problemEvent(error, path) };
  } catch (error) {
    const refused = new MediumError('folder-unreadable', `a folder could not be listed (${errnoOf(error)})`);
    return { directory: { path, node, names: [], next: 0 }, problem: problemEvent(refused, path) };
  }
}

function statOrProblem(path: Buffer): BigIntStats | Extract<WalkEvent, { type: 'problem' }> {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    return problemEvent(new MediumError('folder-entry-unreadable', `an entry could not be looked at (${errnoOf(error)})`), path);
  }
}

function makeItem(parent: DirectoryNode | null, name: EvidenceName, path: Buffer, stats: BigIntStats): Item {
  const kind: ItemKind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  return {
    kind,
    parent,
    name,
    streamName: null,
    sizeBytes: kind === 'directory' ? 0 : Number(stats.size),
    state: 'allocated',
    id: String(stats.ino),
    times: timesOf(stats),
    content: kind === 'file' ? { form: 'host-file', hostPath: path } : { form: 'none', reason: 'not-content' },
    recovery: null,
    partial: false,
  };
}

function timesOf(stats: BigIntStats): ItemTimes {
  return {
    created: stats.birthtimeNs > 0n ? timestamp(stats.birthtimeNs) : null,
    modified: timestamp(stats.mtimeNs),
    accessed: timestamp(stats.atimeNs),
    changed: timestamp(stats.ctimeNs),
  };
}

function timestamp(nanoseconds: bigint): Timestamp {
  const seconds = nanoseconds >= 0n ? nanoseconds / 1_000_000_000n : -((-nanoseconds + 999_999_999n) / 1_000_000_000n);
  return { seconds: Number(seconds), nanoseconds: Number(nanoseconds - seconds * 1_000_000_000n), zone: 'utc' };
}

function problemEvent(error: KerbsideError, path: Buffer): Extract<WalkEvent, { type: 'problem' }> {
  return { type: 'problem', problem: problemFrom(error, { path: asPlainText(path.toString('utf8')) }) };
}
