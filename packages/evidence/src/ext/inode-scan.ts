import { displayPath } from '../display-name.ts';
import type { DirectoryNode, WalkEvent } from '../item.ts';
import { makePace } from '../walk-pace.ts';
import { buildItem, type ItemFault } from './build-item.ts';
import { MARK_NAMED, takeUnreadMetadata, type ExtView } from './ext-view.ts';
import { inodeDeletedAt, inodeLinks, inodeWasUsed } from './inode-fields.ts';

/** Where inodes without a name are shown, as The Sleuth Kit does it. */
export const ORPHAN_DIRECTORY: DirectoryNode = Object.freeze({
  parent: null,
  name: { bytes: Buffer.from('$OrphanFiles'), encoding: 'utf-8' as const },
  depth: 0,
});

/**
 * Inodes that no name led to: deleted ones whose name is gone, and ones in use that were open when
 * the power went or whose directory is lost. Inodes never used are no items.
 *
 * Reads the used part of every inode table once, in the order of the volume.
 */
export function* walkNamelessInodes(view: ExtView): Generator<WalkEvent, void, undefined> {
  const { superblock, groups, marks, inodes } = view;
  const hidden = new Set(superblock.hiddenInodes);
  const faults: ItemFault[] = [];
  const pace = makePace(superblock.inodeCount * superblock.inodeSizeBytes);
  for (let group = 0; group < superblock.groupCount; group++) {
    const base = group * superblock.inodesPerGroup + 1;
    const end = base + groups.usedInodes[group]!;
    const groupMarks = marks.ofGroup(group);
    for (let inode = Math.max(base, superblock.firstInode); inode < end; inode++) {
      if (groupMarks !== null && (groupMarks[inode - base]! & MARK_NAMED) !== 0) continue;
      if (!inodes.seek(inode)) break;
      if (!inodeWasUsed(inodes.bytes, inodes.at) || hidden.has(inode)) continue;
      const inUse = inodes.isAllocated(inode) || (inodeLinks(inodes.bytes, inodes.at) > 0 && inodeDeletedAt(inodes.bytes, inodes.at) === 0);
      const name = { bytes: Buffer.from(`OrphanFile-${inode}`), encoding: 'utf-8' as const };
      const item = buildItem(view, inode, { parent: ORPHAN_DIRECTORY, name, state: 'orphan' }, inUse, faults);
      yield { type: 'item', item };
      for (const { kind, code, message } of faults.splice(0)) {
        yield { type: 'problem', problem: { kind, code, message, where: { path: displayPath(view.volume.id, item), volume: view.volume.id } } };
      }
    }
    for (const problem of takeUnreadMetadata(view)) yield { type: 'problem', problem };
    const pause = pace.reach((group + 1) * superblock.inodesPerGroup * superblock.inodeSizeBytes);
    if (pause !== null) yield pause;
  }
}
