import { MAX_ENTRIES_PER_VOLUME, MAX_PATH_DEPTH, type Problem } from '@kerbside/bytes';
import { displayName, displayPath } from '../display-name.ts';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Item, WalkEvent } from '../item.ts';
import { BlockSet } from './block-set.ts';
import { buildItem, nameOnlyItem, type ItemFault } from './build-item.ts';
import { entryLayout, type EntryLayout } from './directory-entries.ts';
import { MARK_NAMED, MARK_WALKED, takeUnreadMetadata, type ExtView } from './ext-view.ts';
import { inodeType, inodeWasUsed, kindOfEntryType, kindOfInodeType } from './inode-fields.ts';
import { readDirectory, type DirectoryPlace, type EntryBatch } from './read-directory.ts';

/** A directory still to be walked. */
export interface PendingDirectory extends DirectoryPlace {
  /** Node for its children; null for the root. */
  readonly node: DirectoryNode | null;
}

/** What the whole walk shares, over all its starting points. */
export interface TreeWalkState {
  readonly layout: EntryLayout;
  readonly blocksRead: BlockSet;
  /** Deleted directories met on the way: walked after all live ones, so that live names come first. */
  readonly deletedDirectories: PendingDirectory[];
  /** Blocks of directories whose inode is lost, by inode; only filled by the rescue of a damaged volume. */
  readonly rescuedBlocks: ReadonlyMap<number, readonly number[]>;
  entriesLeft: number;
}

export function startTreeWalk(view: ExtView, rescuedBlocks: ReadonlyMap<number, readonly number[]> = new Map()): TreeWalkState {
  return {
    layout: entryLayout(view.superblock), blocksRead: new BlockSet(), deletedDirectories: [], rescuedBlocks,
    entriesLeft: MAX_ENTRIES_PER_VOLUME,
  };
}

/** Walks a directory and all below it, deepest last added first. Every directory is walked once. */
export function* walkTree(view: ExtView, start: PendingDirectory, state: TreeWalkState): Generator<WalkEvent, void, undefined> {
  const pending = [start];
  view.marks.add(start.inode, MARK_NAMED | MARK_WALKED);
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const found: PendingDirectory[] = [];
    yield* walkDirectory(view, directory, state, found);
    for (let i = found.length - 1; i >= 0; i--) pending.push(found[i]!);
    if (state.entriesLeft <= 0) {
      yield { type: 'problem', problem: { kind: 'limit', code: 'ext-too-many-entries', message: `the volume has more than ${MAX_ENTRIES_PER_VOLUME} names; the rest was not listed`, where: { volume: view.volume.id } } };
      return;
    }
  }
}

/** Walks the deleted directories that the live tree led to, and those below them. */
export function* walkDeletedDirectories(view: ExtView, state: TreeWalkState): Generator<WalkEvent, void, undefined> {
  for (const directory of state.deletedDirectories) {
    // the list grows while it is walked, by the deleted directories below
    if (state.entriesLeft <= 0) return;
    yield* walkDirectory(view, directory, state, []);
  }
  state.deletedDirectories.length = 0;
}

function* walkDirectory(view: ExtView, directory: PendingDirectory, state: TreeWalkState, found: PendingDirectory[]): Generator<WalkEvent, void, undefined> {
  const directoryFaults: ItemFault[] = [];
  const liveInodes: number[] = [];
  const liveNames: Buffer[] = [];
  const slackEntries: SlackEntry[] = [];
  const faults: ItemFault[] = [];
  for (const batch of readDirectory(view, directory, state.layout, state.blocksRead, directoryFaults)) {
    for (let i = 0; i < batch.inodes.length && state.entriesLeft > 0; i++) {
      state.entriesLeft -= 1;
      const bytes = nameBytes(batch, i);
      const inode = batch.inodes[i]!;
      if (batch.slack[i] || directory.deleted) {
        slackEntries.push({ inode, name: bytes, fileType: batch.fileTypes[i]! });
        continue;
      }
      liveInodes.push(inode);
      liveNames.push(bytes);
      const item = liveItem(view, inode, { bytes, encoding: 'utf-8' }, batch.fileTypes[i]!, directory, state, found, faults);
      yield { type: 'item', item };
      if (faults.length > 0) yield* takeFaults(view, item, faults);
    }
    if (state.entriesLeft <= 0) break;
  }
  if (slackEntries.length > 0) {
    for (const entry of withoutStaleCopies(slackEntries, liveInodes, liveNames)) {
      const item = deletedNameItem(view, entry, directory, state, faults);
      yield { type: 'item', item };
      if (faults.length > 0) yield* takeFaults(view, item, faults);
    }
  }
  for (const problem of takeUnreadMetadata(view)) yield { type: 'problem', problem };
  for (const problem of directoryProblems(view, directory, directoryFaults)) yield { type: 'problem', problem };
}

function nameBytes(batch: EntryBatch, i: number): Buffer {
  const at = batch.nameAts[i]!;
  return batch.bytes.subarray(at, at + batch.nameLengths[i]!);
}

function liveItem(
  view: ExtView, inode: number, name: EvidenceName, fileType: number, directory: PendingDirectory,
  state: TreeWalkState, found: PendingDirectory[], faults: ItemFault[],
): Item {
  const naming = { parent: directory.node, name, state: 'allocated' as const };
  const inRange = inode <= view.superblock.inodeCount;
  const readable = inRange && view.inodes.seek(inode);
  const type = readable && inodeWasUsed(view.inodes.bytes, view.inodes.at) ? inodeType(view.inodes.bytes, view.inodes.at) : 0;
  if (inRange) view.marks.add(inode, MARK_NAMED);
  if (type === 0) {
    faults.push(inRange
      ? { kind: 'malformed', code: 'ext-inode-lost', message: `the name leads to inode ${inode}, which is empty or could not be read: the file's size, times and content are lost` }
      : { kind: 'malformed', code: 'ext-inode-out-of-range', message: `the name leads to inode ${inode}, which this volume does not have` });
    const blocks = state.rescuedBlocks.get(inode);
    if (blocks !== undefined) descend(view, { inode, blocks, deleted: false }, directory, name, found, faults);
    return nameOnlyItem(inode, naming, blocks === undefined ? kindOfEntryType(fileType) : 'directory', true);
  }
  const item = buildItem(view, inode, naming, true, faults);
  if (item.kind === 'directory') descend(view, { inode, blocks: null, deleted: false }, directory, name, found, faults);
  return item;
}

/** Queues a directory for walking unless it was walked already or lies too deep. */
function descend(view: ExtView, place: DirectoryPlace, parent: PendingDirectory, name: EvidenceName, found: PendingDirectory[], faults: ItemFault[]): void {
  if (view.marks.has(place.inode, MARK_WALKED)) {
    faults.push({ kind: 'malformed', code: 'ext-directory-cycle', message: 'the directory is reachable by another path or contains itself; it is listed once' });
    return;
  }
  const depth = parent.node === null ? 0 : parent.node.depth + 1;
  if (depth >= MAX_PATH_DEPTH) {
    faults.push({ kind: 'limit', code: 'ext-path-too-deep', message: `directories are nested more than ${MAX_PATH_DEPTH} deep; what is below was not listed` });
    return;
  }
  view.marks.add(place.inode, MARK_WALKED);
  // a copy of the name: a node lives as long as the items below it, and must not keep its folder's blocks
  const ownName = { bytes: Buffer.from(name.bytes), encoding: name.encoding };
  found.push({ ...place, node: { parent: parent.node, name: ownName, depth } });
}

interface SlackEntry {
  readonly inode: number;
  readonly name: Buffer;
  readonly fileType: number;
}

/** Leaves out copies that moving entries between blocks leaves behind: their name still lives, or stands here twice. */
function withoutStaleCopies(entries: readonly SlackEntry[], liveInodes: readonly number[], liveNames: readonly Buffer[]): SlackEntry[] {
  const known = new Map<number, Set<string>>();
  for (const entry of entries) known.set(entry.inode, new Set());
  liveInodes.forEach((inode, i) => known.get(inode)?.add(liveNames[i]!.toString('latin1')));
  return entries.filter((entry) => {
    const names = known.get(entry.inode)!;
    const name = entry.name.toString('latin1');
    return !names.has(name) && names.add(name) !== undefined;
  });
}

/** A deleted name; its inode tells more only while it is free and still of the kind that the entry says. */
function deletedNameItem(view: ExtView, entry: SlackEntry, directory: PendingDirectory, state: TreeWalkState, faults: ItemFault[]): Item {
  const { inode, fileType } = entry;
  const name: EvidenceName = { bytes: entry.name, encoding: 'utf-8' };
  const naming = { parent: directory.node, name, state: 'deleted' as const };
  const kind = kindOfEntryType(fileType);
  const known = inode !== 0 && inode <= view.superblock.inodeCount && !view.inodes.isAllocated(inode) && view.inodes.seek(inode) &&
    inodeWasUsed(view.inodes.bytes, view.inodes.at) && !view.marks.has(inode, MARK_NAMED);
  const agrees = known && (fileType === 0 || kindOfInodeType(inodeType(view.inodes.bytes, view.inodes.at)) === kind);
  if (!agrees) return nameOnlyItem(inode, naming, kind, false);
  view.marks.add(inode, MARK_NAMED);
  const item = buildItem(view, inode, naming, false, faults);
  if (item.kind === 'directory') {
    // A deleted directory is worth a look only where its blocks are left; too deep or walked ones are let go silently.
    descend(view, { inode, blocks: null, deleted: true }, directory, name, state.deletedDirectories, []);
  }
  return item;
}

function* takeFaults(view: ExtView, item: Item, faults: ItemFault[]): Generator<WalkEvent, void, undefined> {
  const path = displayPath(view.volume.id, item);
  for (const { kind, code, message } of faults.splice(0)) {
    yield { type: 'problem', problem: { kind, code, message, where: { path, volume: view.volume.id } } };
  }
}

function directoryProblems(view: ExtView, directory: PendingDirectory, faults: readonly ItemFault[]): Problem[] {
  if (faults.length === 0) return [];
  const parts: string[] = [];
  for (let node = directory.node; node !== null; node = node.parent) parts.unshift(displayName(node.name));
  const path = [view.volume.id, ...parts].join('/');
  const seen = new Set<string>();
  return faults
    .filter(({ code }) => !seen.has(code) && seen.add(code))
    .map(({ kind, code, message }) => ({ kind, code, message, where: { path, volume: view.volume.id } }));
}
