import { LimitError, MalformedError, MediumError } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import { makeClusterSet } from './cluster-set.ts';
import { clusterOffset } from './fat-geometry.ts';
import { BAD_CLUSTER, FREE_CLUSTER } from './fat-table.ts';
import { volumeProblem } from './fat-volume.ts';
import { makePace } from '../walk-pace.ts';
import { candidateAt, continuationAt, walkLostDirectories, type DirectoryCandidate } from './lost-directories.ts';
import type { Walker } from './walker.ts';

/** Lost directories looked for on one volume; a sound volume has none. */
const MAX_CANDIDATES = 200_000;

/**
 * The end of the tree pass: clusters that the table calls used and that no item has. Where a damaged
 * entry has cut off part of the tree, its directories are among them; they are found by their `.`
 * entries, or as pieces full of entries, and walked. What is left is reported as lost clusters.
 */
export function* recoverLostChains(walker: Walker): Generator<WalkEvent, void, undefined> {
  const { fat } = walker;
  const bad = countBadClusters(walker);
  if (bad > 0) {
    const error = new MediumError('fat-bad-clusters', `${bad} clusters (${bad * fat.geometry.clusterSizeBytes} bytes) are marked as bad: they belong to no item and were not read`);
    yield { type: 'problem', problem: volumeProblem(fat, error, fat.geometry.fatOffset) };
  }
  if (countLostClusters(walker) === 0) return;
  const candidates = yield* findCandidates(walker);
  if (candidates.length >= MAX_CANDIDATES) {
    const error = new LimitError('fat-lost-directory-limit', `more than ${MAX_CANDIDATES} lost directories; the rest was not read`);
    yield { type: 'problem', problem: volumeProblem(fat, error) };
  }
  yield* walkLostDirectories(walker, candidates, 'allocated-chains');
  const left = countLostClusters(walker);
  if (left > 0 && !walker.isOverLimit) {
    const error = new MalformedError(
      'fat-lost-clusters',
      `${left} clusters (${left * fat.geometry.clusterSizeBytes} bytes) are marked as used and belong to no item that could be found; they are not part of any item's content`,
    );
    yield { type: 'problem', problem: volumeProblem(fat, error) };
  }
}

function isLost(walker: Walker, cluster: number): boolean {
  const { fat, state } = walker;
  const value = fat.table.entry(cluster);
  return value !== FREE_CLUSTER && value !== BAD_CLUSTER && !state.fileClusters.has(cluster) && !state.directoryClusters.has(cluster);
}

function countBadClusters(walker: Walker): number {
  const { fat, state } = walker;
  let count = 0;
  for (let cluster = 2; cluster <= fat.table.lastCluster; cluster++) {
    if (fat.table.entry(cluster) === BAD_CLUSTER && !state.fileClusters.has(cluster) && !state.directoryClusters.has(cluster)) count++;
  }
  return count;
}

function countLostClusters(walker: Walker): number {
  let count = 0;
  for (let cluster = 2; cluster <= walker.fat.table.lastCluster; cluster++) if (isLost(walker, cluster)) count++;
  return count;
}

/** Only the first cluster of a chain can start a directory: those to which another points are not read. */
function* findCandidates(walker: Walker): Generator<WalkEvent, DirectoryCandidate[], undefined> {
  const { table, geometry } = walker.fat;
  const followers = makeClusterSet(table.lastCluster);
  for (let cluster = 2; cluster <= table.lastCluster; cluster++) {
    if (!isLost(walker, cluster)) continue;
    const next = table.entry(cluster);
    if (next <= table.lastCluster) followers.add(next);
  }
  const candidates: DirectoryCandidate[] = [];
  const pace = makePace(clusterOffset(geometry, table.lastCluster + 1));
  for (let cluster = 2; cluster <= table.lastCluster && candidates.length < MAX_CANDIDATES; cluster++) {
    if (followers.has(cluster) || !isLost(walker, cluster)) continue;
    const candidate = candidateAt(walker, cluster) ?? continuationAt(walker, cluster);
    if (candidate !== null) candidates.push(candidate);
    const pause = pace.reach(clusterOffset(geometry, cluster));
    if (pause !== null) yield pause;
  }
  return candidates;
}
