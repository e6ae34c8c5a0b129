import type { Extent, ItemContent, Recovery } from '../item.ts';
import { FIRST_CLUSTER } from './boot-region.ts';
import type { ChainEnd, ClusterRun } from './cluster-chain.ts';
import type { EntrySet } from './entry-set.ts';
import { clusterOffset, isCluster, type ExfatVolume } from './exfat-volume.ts';
import { FAULT, fault, type Fault } from './faults.ts';

/** Where an item's content is. */
export interface MappedContent {
  /** Its clusters, as far as known. */
  readonly runs: readonly ClusterRun[];
  readonly content: ItemContent;
  readonly partial: boolean;
  readonly recovery: Recovery | null;
  readonly faults: readonly Fault[];
}

/** How many clusters of a run belong to others now; null when nothing can tell. */
export type CountUsed = ((run: ClusterRun) => number) | null;

const NO_FAULTS: readonly Fault[] = Object.freeze([]);
const NOTHING_ALLOCATED: ItemContent = Object.freeze({ form: 'extents', extents: [] });
const NO_RUNS: ItemContent = Object.freeze({ form: 'none', reason: 'no-runs' });
const DAMAGED: ItemContent = Object.freeze({ form: 'none', reason: 'damaged' });
const RUNS_SURVIVE: Recovery = Object.freeze({ basis: 'runs-survive' });
const CONTIGUOUS_GUESS: Recovery = Object.freeze({ basis: 'contiguous-guess' });
const BASIS_NO_RUNS: Recovery = Object.freeze({ basis: 'no-runs' });

/** Maps the content of a file in use. */
export function mapLiveContent(fs: ExfatVolume, set: EntrySet): MappedContent {
  const { geometry } = fs;
  if (set.sizeBytes === 0) return { runs: [], content: NOTHING_ALLOCATED, partial: false, recovery: null, faults: NO_FAULTS };
  const wanted = Math.ceil(set.sizeBytes / geometry.clusterSizeBytes);
  if (!isCluster(geometry, set.firstCluster)) {
    return damaged(FAULT.firstCluster, `the first cluster ${set.firstCluster} is outside the volume`);
  }
  if (wanted > geometry.clusterCount) return damaged(FAULT.sizeImpossible, `a size of ${set.sizeBytes} bytes is more than the volume holds`);

  const faults: Fault[] = [];
  let runs: readonly ClusterRun[];
  if (set.noFatChain) {
    const run = contiguousRun(fs, set.firstCluster, wanted);
    if (run.count < wanted) faults.push(fault(FAULT.runOutside, 'the contiguous run goes past the last cluster'));
    runs = [run];
  } else {
    const chain = fs.chains.follow(set.firstCluster, wanted);
    if (chain.clusters < wanted) faults.push(chainFault(chain.end, chain.clusters, wanted));
    runs = chain.runs;
  }
  if (set.validBytes > set.sizeBytes) faults.push(fault(FAULT.validLength, 'the valid data length is greater than the size'));
  const placed = placeExtents(fs, runs, set);
  if (placed.outside) faults.push(fault(FAULT.contentOutside, 'part of the content lies past the end of the source'));
  return { runs, content: { form: 'extents', extents: placed.extents }, partial: placed.missingBytes > 0, recovery: null, faults };
}

/**
 * Maps what is left of a deleted file. Its faults are no problems: that a deleted file's clusters
 * are gone is what deletion means, and the recovery basis says it.
 */
export function mapDeletedContent(fs: ExfatVolume, set: EntrySet, countUsed: CountUsed): MappedContent {
  const { geometry } = fs;
  if (set.sizeBytes === 0) return { runs: [], content: NOTHING_ALLOCATED, partial: false, recovery: RUNS_SURVIVE, faults: NO_FAULTS };
  const wanted = Math.ceil(set.sizeBytes / geometry.clusterSizeBytes);
  if (!isCluster(geometry, set.firstCluster) || wanted > geometry.clusterCount) {
    return { runs: [], content: NO_RUNS, partial: false, recovery: BASIS_NO_RUNS, faults: NO_FAULTS };
  }
  const chained = set.noFatChain ? null : survivingChain(fs, set.firstCluster, wanted, countUsed);
  const runs = chained ?? [contiguousRun(fs, set.firstCluster, wanted)];
  const used = countUsed === null ? 0 : runs.reduce((sum, run) => sum + countUsed(run), 0);
  const placed = placeExtents(fs, runs, set);
  const certain = set.checksumHolds && countUsed !== null && (set.noFatChain || chained !== null);
  const recovery: Recovery =
    used > 0 ? { basis: 'clusters-reused', reusedShare: used / wanted } : certain ? RUNS_SURVIVE : CONTIGUOUS_GUESS;
  return { runs, content: { form: 'extents', extents: placed.extents }, partial: placed.missingBytes > 0, recovery, faults: NO_FAULTS };
}

/** Drivers leave the FAT as it was on deleting: a chain of just the right length through free clusters is the file's own. */
function survivingChain(fs: ExfatVolume, first: number, wanted: number, countUsed: CountUsed): readonly ClusterRun[] | null {
  const chain = fs.chains.follow(first, wanted + 1, 'deleted');
  if (chain.end !== 'end-marker' || chain.clusters !== wanted) return null;
  if (countUsed !== null && chain.runs.some((run) => countUsed(run) > 0)) return null;
  return chain.runs;
}

function contiguousRun(fs: ExfatVolume, first: number, wanted: number): ClusterRun {
  return { first, count: Math.min(wanted, FIRST_CLUSTER + fs.geometry.clusterCount - first) };
}

/** Lays the size over the runs: data to the valid length, uninitialised behind it, nothing past the source. */
function placeExtents(fs: ExfatVolume, runs: readonly ClusterRun[], set: EntrySet) {
  const { source, startOffset } = fs.volume;
  const extents: Extent[] = [];
  const validBytes = Math.min(set.validBytes, set.sizeBytes);
  let done = 0;
  let outside = false;
  for (const run of runs) {
    const offset = clusterOffset(fs.geometry, run.first);
    const wanted = Math.min(run.count * fs.geometry.clusterSizeBytes, set.sizeBytes - done);
    const length = Math.max(0, Math.min(wanted, source.sizeBytes - offset));
    const data = Math.max(0, Math.min(length, validBytes - done));
    if (data > 0) extents.push({ kind: 'data', sourceOffset: startOffset + offset, length: data });
    if (length > data) extents.push({ kind: 'uninitialised', sourceOffset: startOffset + offset + data, length: length - data });
    done += length;
    if (length < wanted) {
      // What follows a gap would stand at the wrong place in the file.
      outside = true;
      break;
    }
    if (done === set.sizeBytes) break;
  }
  return { extents, missingBytes: set.sizeBytes - done, outside };
}

/** The fault of a chain that gave fewer clusters than the size needs. */
export function chainFault(end: ChainEnd, clusters: number, wanted: number): Fault {
  const had = `after ${clusters} of ${wanted} clusters`;
  switch (end) {
    case 'cycle':
      return fault(FAULT.chainCycle, `the cluster chain comes back on itself ${had}`);
    case 'broken':
      return fault(FAULT.chainBroken, `the cluster chain leads to no cluster ${had}`);
    case 'unreadable':
      return fault(FAULT.chainUnreadable, `the FAT could not be read ${had}`);
    case 'limit':
      return fault(FAULT.chainLimit, `the work allowed for cluster chains of this volume was used up ${had}`);
    case 'end-marker':
    case 'wanted':
      return fault(FAULT.chainShort, `the cluster chain ends ${had}`);
  }
}

function damaged(what: Pick<Fault, 'kind' | 'code'>, message: string): MappedContent {
  return { runs: [], content: DAMAGED, partial: true, recovery: null, faults: [fault(what, message)] };
}
