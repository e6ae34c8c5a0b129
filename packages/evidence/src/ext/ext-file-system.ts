import type { ByteRange } from '@kerbside/bytes';
import type { FileSystem } from '../file-system.ts';
import type { WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { displayName } from '../display-name.ts';
import { openView } from './ext-view.ts';
import type { FoundSuperblock } from './find-superblock.ts';
import { walkNamelessInodes } from './inode-scan.ts';
import { startTreeWalk, walkDeletedDirectories, walkTree } from './tree-walk.ts';

const ROOT_INODE = 2;

export function openExt(volume: Volume, found: FoundSuperblock, kind: string): FileSystem {
  const view = openView(volume, found.superblock, null, found.group);
  return {
    kind,
    label: found.superblock.labelBytes.length === 0 ? '' : displayName({ bytes: found.superblock.labelBytes, encoding: 'utf-8' }),
    clusterSizeBytes: found.superblock.blockSizeBytes * found.superblock.blocksPerCluster,
    *walk(): Generator<WalkEvent, void, undefined> {
      const v = openView(volume, found.superblock, null, found.group);
      const state = startTreeWalk(v);
      yield* walkTree(v, { inode: ROOT_INODE, blocks: null, deleted: false, node: null }, state);
      yield* walkDeletedDirectories(v, state);
      yield* walkNamelessInodes(v);
    },
    *walkOrphans(): Generator<WalkEvent, void, undefined> {},
    freeRanges: (): Generator<ByteRange, void, undefined> => view.bitmaps.freeRanges(),
  };
}
