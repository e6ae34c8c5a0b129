import { LimitError, type KerbsideError } from '@kerbside/bytes';
import { displayName } from '../display-name.ts';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Item } from '../item.ts';
import type { FatVolume, WalkState } from './fat-volume.ts';
import { makeLongNameCollector, type LongNameCollector } from './long-name.ts';

/** Directories are read in pieces of this size. */
export const PIECE_BYTES = 1 << 20;
/** Directories whose place is remembered, to give lost ones their path back; about 50 MB at worst. */
const MAX_REMEMBERED_DIRECTORIES = 200_000;
/** Directory entries that lead nowhere, remembered for the same reason: directories that have some, and entries in each. */
const MAX_BROKEN_DIRECTORIES = 10_000;
const MAX_BROKEN_ENTRIES_EACH = 100;

/** A directory still to be read. */
export interface DirectoryTask {
  /** Null for the root. */
  readonly node: DirectoryNode | null;
  /** 0 for the fixed root of FAT12/16. */
  readonly firstCluster: number;
  /** First cluster of the directory above, 0 for the root. */
  readonly parentCluster: number;
  /** What its entries are at best: a deleted directory has only deleted ones. */
  readonly state: Item['state'];
  /** True when the table still holds its chain and those of its files. */
  readonly hasChains: boolean;
  /** True when its first cluster is marked as read already. */
  readonly isMarked: boolean;
}

/** A directory entry that does not lead to its directory. */
export interface BrokenEntry {
  readonly node: DirectoryNode;
  readonly created: number;
  readonly modified: number;
}

/** Everything that one walk carries from directory to directory. */
export interface Walker {
  readonly fat: FatVolume;
  readonly state: WalkState;
  readonly longNames: LongNameCollector;
  readonly buffer: Buffer;
  /** Directories read so far by first cluster; null is the root. */
  readonly directories: Map<number, DirectoryNode | null>;
  /** Entries that lead nowhere by the first cluster of their directory. */
  readonly brokenEntries: Map<number, BrokenEntry[]>;
  /** True once the budget of items is used up: nothing more is yielded. */
  isOverLimit: boolean;
}

/** Makes a walker with nothing read yet. */
export function makeWalker(fat: FatVolume, state: WalkState): Walker {
  return {
    fat,
    state,
    longNames: makeLongNameCollector(),
    buffer: Buffer.allocUnsafe(PIECE_BYTES),
    directories: new Map(),
    brokenEntries: new Map(),
    isOverLimit: false,
  };
}

/** Counts one item; the error when there may be no more, once. */
export function takeItemFromBudget(walker: Walker): KerbsideError | null {
  if (--walker.state.itemsLeft >= 0) return null;
  walker.isOverLimit = true;
  return new LimitError('fat-entry-limit', 'the volume lists more items than the limit; the rest was not read');
}

/** Keeps where a directory was read, for those that name it as their parent. */
export function remember(walker: Walker, task: DirectoryTask): void {
  const key = task.node === null ? 0 : task.firstCluster;
  if (walker.directories.size < MAX_REMEMBERED_DIRECTORIES) walker.directories.set(key, task.node);
}

/** Keeps an entry that leads nowhere, so that what it led to can get its name back. */
export function rememberBroken(walker: Walker, node: DirectoryNode | null, parentCluster: number, created: number, modified: number): void {
  if (node === null) return;
  const there = walker.brokenEntries.get(parentCluster);
  const entry = { node, created, modified };
  if (there === undefined) {
    if (walker.brokenEntries.size < MAX_BROKEN_DIRECTORIES) walker.brokenEntries.set(parentCluster, [entry]);
  } else if (there.length < MAX_BROKEN_ENTRIES_EACH) {
    there.push(entry);
  }
}

/** Display path of the directory of a task. */
export function directoryPath(walker: Walker, task: DirectoryTask): string {
  const names: string[] = [];
  for (let node = task.node; node !== null; node = node.parent) names.push(displayName(node.name));
  return [walker.fat.volume.id, ...names.reverse()].filter((part) => part !== '').join('/');
}

/** Display path of an item in it. */
export function itemPath(walker: Walker, task: DirectoryTask, name: EvidenceName): string {
  const above = directoryPath(walker, task);
  return above === '' ? displayName(name) : `${above}/${displayName(name)}`;
}
