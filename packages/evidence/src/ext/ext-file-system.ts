import type { ByteRange, Problem } from '@kerbside/bytes';
import type { FileSystem } from '../file-system.ts';
import type { DirectoryNode, WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { displayName } from '../display-name.ts';
import { MARK_WALKED, openView, type ExtView } from './ext-view.ts';
import type { FoundSuperblock } from './find-superblock.ts';
import { walkNamelessInodes } from './inode-scan.ts';
import { replayJournal } from './journal-replay.ts';
import { rememberItems, withoutReplayedItems } from './replayed-items.ts';
import { isDirectoryInode, rescueDirectories } from './rescue-directories.ts';
import { startTreeWalk, walkDeletedDirectories, walkTree } from './tree-walk.ts';

const ROOT_INODE = 2;

/**
 * Opens an ext volume whose superblock was found. A volume that needs recovery is read as it is once
 * its journal is replayed; items that only the volume as it stands shows follow, as deleted ones.
 */
export function openExt(volume: Volume, found: FoundSuperblock, kind: string): FileSystem {
  const { superblock } = found;
  const asItStands = openView(volume, superblock, null, found.group);
  const replay = replayJournal(asItStands);
  const openCurrent = (): ExtView => openView(volume, superblock, replay.overlay, found.group);
  return {
    kind,
    label: superblock.labelBytes.length === 0 ? '' : displayName({ bytes: superblock.labelBytes, encoding: 'utf-8' }),
    clusterSizeBytes: superblock.blockSizeBytes * superblock.blocksPerCluster,
    clusterGridOffset: volume.source.originOffset,

    *walk(): Generator<WalkEvent, void, undefined> {
      const view = openCurrent();
      for (const problem of [...volumeProblems(volume, found, view), ...replay.problems]) yield { type: 'problem', problem };
      if (replay.overlay === null) {
        yield* walkView(view);
        return;
      }
      const replayed = rememberItems();
      for (const event of walkView(view)) {
        if (event.type === 'item') replayed.add(event.item);
        yield event;
      }
      yield* withoutReplayedItems(walkView(openView(volume, superblock, null, found.group)), replayed, view.bitmaps);
    },

    // Deleted directories whose inode is left come out of the walk; ext keeps nothing else to search for.
    *walkOrphans(): Generator<WalkEvent, void, undefined> {},

    freeRanges: (): Generator<ByteRange, void, undefined> => openCurrent().bitmaps.freeRanges(),
  };
}

function* walkView(view: ExtView): Generator<WalkEvent, void, undefined> {
  if (isDirectoryInode(view, ROOT_INODE)) {
    const state = startTreeWalk(view);
    yield* walkTree(view, { inode: ROOT_INODE, blocks: null, deleted: false, node: null }, state);
    yield* walkDeletedDirectories(view, state);
  } else {
    yield* walkRescuedTree(view);
  }
  yield* walkNamelessInodes(view);
}

/** The root is lost: starts from the directories that a search finds, each under its parent where that one is left. */
function* walkRescuedTree(view: ExtView): Generator<WalkEvent, void, undefined> {
  yield {
    type: 'problem',
    problem: {
      kind: 'malformed', code: 'ext-root-lost', where: { volume: view.volume.id },
      message: 'the root directory cannot be read; directories were searched for by their structure, and names may be missing',
    },
  };
  const rescued = yield* rescueDirectories(view);
  for (const problem of rescued.problems) yield { type: 'problem', problem };
  const state = startTreeWalk(view, rescued.blocks);
  const rootBlocks = rescued.blocks.get(ROOT_INODE);
  if (rootBlocks !== undefined) {
    yield* walkTree(view, { inode: ROOT_INODE, blocks: rootBlocks, deleted: false, node: null }, state);
  }
  // Then those that no walked directory names, topmost first, so that each subtree hangs together.
  const isLoose = (inode: number): boolean => inode !== ROOT_INODE && !view.marks.has(inode, MARK_WALKED);
  const isTop = (inode: number): boolean => {
    const parent = rescued.parents.get(inode)!;
    return parent === inode || parent === ROOT_INODE || !rescued.parents.has(parent);
  };
  const found = [...rescued.parents.keys()];
  for (const inode of [...found.filter(isTop), ...found.filter((candidate) => !isTop(candidate))]) {
    if (!isLoose(inode)) continue;
    // without blocks found for it, it is a directory whose inode is sound
    const blocks = rescued.blocks.get(inode) ?? null;
    const node: DirectoryNode = { parent: null, name: { bytes: Buffer.from(`$LostDirectory-${inode}`), encoding: 'utf-8' }, depth: 0 };
    yield* walkTree(view, { inode, blocks, deleted: false, node }, state);
  }
  yield* walkDeletedDirectories(view, state);
}

/** What is wrong with the volume as a whole. */
function volumeProblems(volume: Volume, found: FoundSuperblock, view: ExtView): Problem[] {
  const { superblock } = found;
  const where = { volume: volume.id, offset: volume.startOffset };
  const problems: Problem[] = [];
  const tell = (fault: Pick<Problem, 'code' | 'message'>, kind: Problem['kind'] = 'malformed'): void => {
    problems.push({ kind, ...fault, where });
  };
  if (found.basis === 'backup') {
    tell({ code: 'ext-superblock-lost', message: `the superblock is damaged; its backup in group ${found.group} was used` });
  } else if (!superblock.checksumAgrees) {
    tell({ code: 'ext-superblock-checksum', message: 'the superblock fails its checksum and no sound backup was found; what it says may be wrong' });
  }
  if (view.groups.fromBackup > 0) {
    tell({ code: 'ext-descriptors-damaged', message: `${view.groups.fromBackup} group descriptors are damaged: they were taken from a backup, or used although their checksum fails` });
  }
  if (view.groups.missing > 0) {
    tell({ code: 'ext-descriptors-lost', message: `${view.groups.missing} of ${superblock.groupCount} group descriptors are lost with their backups; files recorded there are missing` });
  }
  const declaredBytes = superblock.blockCount * superblock.blockSizeBytes;
  if (declaredBytes > volume.sizeBytes) {
    tell({ code: 'ext-volume-truncated', message: `the file system has ${declaredBytes} bytes and the volume only ${volume.sizeBytes}; what lies beyond was not read` });
  }
  const declaredGroups = Math.ceil((superblock.blockCount - superblock.firstDataBlock) / superblock.blocksPerGroup);
  if (declaredGroups > superblock.groupCount) {
    tell({ code: 'ext-too-many-groups', message: `the superblock claims ${declaredGroups} groups; ${superblock.groupCount} were read` }, 'limit');
  }
  return problems;
}
