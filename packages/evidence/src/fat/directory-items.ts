import { LimitError, MAX_PATH_DEPTH, MalformedError, type KerbsideError } from '@kerbside/bytes';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Item, ItemContent, Recovery, WalkEvent } from '../item.ts';
import { mapChain, NOTHING_MAPPED, takeRestOfChain, type MappedContent } from './cluster-chain.ts';
import { guessDeletedContent } from './deleted-content.ts';
import { packedTime } from './directory-clusters.ts';
import { ATTRIBUTE_DIRECTORY, entryFirstCluster, entrySizeBytes, entryTimes } from './directory-entry.ts';
import { ENTRY_BYTES } from './fat-geometry.ts';
import { isClusterNumber, isFree, volumeProblem, type FatVolume } from './fat-volume.ts';
import { itemPath, rememberBroken, type DirectoryTask, type Walker } from './walker.ts';

/** TSK numbers the root 2 and entries from 3 on, one number per 32 bytes. */
const FIRST_ENTRY_ID = 3;


const NO_CONTENT: ItemContent = Object.freeze({ form: 'none', reason: 'not-content' });
const DAMAGED: ItemContent = Object.freeze({ form: 'none', reason: 'damaged' });
const NO_RUNS: ItemContent = Object.freeze({ form: 'none', reason: 'no-runs' });
const RUNS_SURVIVE: Recovery = Object.freeze({ basis: 'runs-survive' });

/**
 * Yields the item of a directory entry and what is wrong with it; plans the reading of a directory.
 *
 * @param volumeOffset place of the entry from the start of the volume
 * @param isLive true when the entry and its chain count as allocated
 * @param below takes the directory's task
 */
export function* itemEvents(
  walker: Walker,
  task: DirectoryTask,
  bytes: Buffer,
  at: number,
  volumeOffset: number,
  name: EvidenceName,
  isLive: boolean,
  below: DirectoryTask[],
): Generator<WalkEvent, void, undefined> {
  const { fat, state } = walker;
  const isDirectory = (bytes[at + 11]! & ATTRIBUTE_DIRECTORY) !== 0;
  const firstCluster = entryFirstCluster(bytes, at, fat.geometry);
  const sizeBytes = isDirectory ? 0 : entrySizeBytes(bytes, at);
  const itemState = task.state === 'allocated' && !isLive ? 'deleted' : task.state;
  let mapped: MappedContent = NOTHING_MAPPED;
  let recovery: Recovery | null = itemState === 'allocated' ? null : RUNS_SURVIVE;
  let directoryFault: KerbsideError | null = null;

  if (isDirectory) {
    if (!isLive) recovery = deletedDirectoryRecovery(fat, firstCluster);
    directoryFault = queueDirectory(walker, task, bytes, at, name, firstCluster, isLive, itemState, below);
  } else if (!isLive) {
    const guess = guessDeletedContent(fat, state, firstCluster, sizeBytes);
    mapped = guess.content;
    recovery = guess.recovery;
  } else if (sizeBytes > 0) {
    mapped = mapChain(fat, state, firstCluster, sizeBytes);
  } else if (isClusterNumber(fat, firstCluster) && !isFree(fat, firstCluster)) {
    takeRestOfChain(fat, state, firstCluster);
    const fault = new MalformedError('fat-chain-longer-than-size', 'the file is empty by its size and yet has clusters; what is in them is not part of the item');
    mapped = { ...NOTHING_MAPPED, faults: [fault] };
  }

  const isMapped = mapped.mappedBytes === sizeBytes;
  const content: ItemContent = isDirectory
    ? NO_CONTENT
    : sizeBytes > 0 && mapped.mappedBytes === 0
      ? isLive ? DAMAGED : NO_RUNS
      : { form: 'extents', extents: mapped.extents };
  const item: Item = {
    kind: isDirectory ? 'directory' : 'file',
    parent: task.node,
    name,
    streamName: null,
    sizeBytes,
    state: itemState,
    id: String(FIRST_ENTRY_ID + (volumeOffset - fat.geometry.inodeBaseOffset) / ENTRY_BYTES),
    times: entryTimes(bytes, at),
    content,
    recovery,
    partial: !isMapped,
  };
  yield { type: 'item', item };
  if (directoryFault === null && mapped.faults.length === 0) return;
  const path = itemPath(walker, task, name);
  if (directoryFault !== null) yield { type: 'problem', problem: volumeProblem(fat, directoryFault, volumeOffset, path) };
  for (const fault of mapped.faults) yield { type: 'problem', problem: volumeProblem(fat, fault, volumeOffset, path) };
}

/** Plans the reading of a directory, or says why it cannot be read. */
function queueDirectory(
  walker: Walker,
  task: DirectoryTask,
  bytes: Buffer,
  at: number,
  name: EvidenceName,
  firstCluster: number,
  isLive: boolean,
  itemState: Item['state'],
  below: DirectoryTask[],
): KerbsideError | null {
  const { fat, state } = walker;
  const node: DirectoryNode = { parent: task.node, name, depth: task.node === null ? 0 : task.node.depth + 1 };
  const parentCluster = task.node === null ? 0 : task.firstCluster;
  if (!isLive) {
    if (!isClusterNumber(fat, firstCluster) || !isFree(fat, firstCluster)) return null;
    if (node.depth >= MAX_PATH_DEPTH) return tooDeep();
    below.push({ node, firstCluster, parentCluster, state: itemState, hasChains: false, isMarked: false });
    return null;
  }
  if (node.depth >= MAX_PATH_DEPTH) return tooDeep();
  if (!isClusterNumber(fat, firstCluster)) {
    rememberBroken(walker, node, parentCluster, packedTime(bytes, at + 14), packedTime(bytes, at + 22));
    return new MalformedError('fat-directory-start-invalid', `the directory starts at cluster ${firstCluster}, which this volume does not have; what it held is looked for by structure`);
  }
  if (!state.directoryClusters.add(firstCluster)) {
    rememberBroken(walker, node, parentCluster, packedTime(bytes, at + 14), packedTime(bytes, at + 22));
    return new MalformedError('fat-directory-loop', `the entry points at cluster ${firstCluster}, a directory that was read already (itself or another); what it held is looked for by structure`);
  }
  below.push({ node, firstCluster, parentCluster, state: itemState, hasChains: true, isMarked: true });
  return null;
}

function tooDeep(): KerbsideError {
  return new LimitError('path-depth-limit', `the directory is more than ${MAX_PATH_DEPTH} levels deep and was not read`);
}

function deletedDirectoryRecovery(fat: FatVolume, firstCluster: number): Recovery {
  if (!isClusterNumber(fat, firstCluster)) return { basis: 'no-runs' };
  return isFree(fat, firstCluster) ? { basis: 'contiguous-guess' } : { basis: 'clusters-reused', reusedShare: 1 };
}
