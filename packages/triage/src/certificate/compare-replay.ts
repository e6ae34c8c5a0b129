import type { ByteRange } from '@kerbside/bytes';
import { canonicalJson, type JsonValue } from '@kerbside/ledger';
import type { StageName } from '../events.ts';
import { mergeRanges } from '../report.ts';
import type { CertificateBody, CertificateReads } from './certificate-types.ts';
import type { Finding } from './check-certificate.ts';
import { differingLeaves, leavesWithout } from './leaf-difference.ts';
import type { LeafStages } from './leaf-stages.ts';
import { stoppedIn } from './replayed-plan.ts';
import type { ReplayedRun } from './replay-run.ts';

/** Ranges that are listed; the bytes of all are counted. */
const LISTED_RANGES = 10_000;

/** Ranges gathered before they are joined: bounds memory when a whole disk differs. */
const GATHERED_RANGES = 200_000;

const LISTING_STAGES: readonly string[] = ['catalogue', 'orphans', 'carving'] satisfies StageName[];

/** What one stage of the replay read otherwise. */
export interface StageComparison {
  readonly name: string;
  readonly originalReads: number;
  readonly replayedReads: number;
  /** Reads of the replay that the original does not have so. */
  readonly differing: number;
  /** Reads of the original that the replay does not have, where the two lists of reads are not the same. */
  readonly missing: number;
}

export interface ReplayComparison {
  /** True when nothing at all differs. */
  readonly agrees: boolean;
  readonly sameRoot: boolean;
  readonly sameVerdict: boolean;
  readonly reads: number;
  /** The stages that differ. */
  readonly stages: readonly StageComparison[];
  /** Where the reads that differ stand on the source: merged, ascending. */
  readonly differingRanges: readonly ByteRange[];
  readonly differingRangesNotListed: number;
  readonly differingBytes: number;
  /** False when reads differ and reads.bin of the original is not there to say which. */
  readonly rangesKnown: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Compares a run with its replay.
 *
 * @param original an unaltered certificate
 * @param originalLeaves its reads.bin, checked; null when it is not there
 */
export function compareReplay(original: CertificateBody, originalLeaves: LeafStages | null, replayed: ReplayedRun): ReplayComparison {
  const again = replayed.certificate;
  const findings = compareFacts(original, again);
  const ranges = rangeGatherer();
  const stages: StageComparison[] = [];
  for (const name of new Set([...original.reads, ...again.reads].map((reads) => reads.name))) {
    const stage = compareStage(original, originalLeaves, replayed, name, (found) => ranges.add(found));
    if (stage !== null) stages.push(stage);
  }
  const sameRoot = original.readsRoot === again.readsRoot;
  const sameVerdict = original.result.verdict === again.result.verdict;
  const merged = ranges.merged();
  return {
    agrees: sameRoot && sameVerdict && stages.length === 0 && findings.length === 0,
    sameRoot,
    sameVerdict,
    reads: again.reads.reduce((sum, { count }) => sum + count, 0),
    stages,
    differingRanges: merged.slice(0, LISTED_RANGES),
    differingRangesNotListed: Math.max(0, merged.length - LISTED_RANGES),
    differingBytes: merged.reduce((sum, { length }) => sum + length, 0),
    rangesKnown: originalLeaves !== null || stages.length === 0,
    findings,
  };
}

/** Null when the stage is the same. */
function compareStage(original: CertificateBody, originalLeaves: LeafStages | null, replayed: ReplayedRun, name: string, add: (ranges: readonly ByteRange[]) => void): StageComparison | null {
  const before = original.reads.find((reads) => reads.name === name);
  const after = replayed.certificate.reads.find((reads) => reads.name === name);
  if (before !== undefined && after !== undefined && stageText(before) === stageText(after)) return null;
  const originalReads = before?.count ?? 0;
  const replayedReads = after?.count ?? 0;
  const comparison = { name, originalReads, replayedReads };
  const place = { leaves: replayed.leaves, stage: replayed.leaves.stages.findIndex((stage) => stage.name === name) };
  if (before === undefined || after === undefined) {
    // One of the runs has no such stage: all of it differs.
    for (let leaf = 0; leaf < replayedReads; leaf++) add(replayed.rangesOf(place.stage, leaf));
    return { ...comparison, differing: replayedReads, missing: originalReads };
  }
  if (originalLeaves === null) return { ...comparison, differing: 0, missing: 0 };
  const originalPlace = { leaves: originalLeaves, stage: originalLeaves.stages.findIndex((stage) => stage.name === name) };
  const sameReads = before.generator === after.generator && before.count === after.count && doneText(before) === doneText(after);
  let differing = 0;
  for (const leaf of sameReads ? differingLeaves(originalPlace, place) : leavesWithout(place, originalPlace)) {
    differing += 1;
    add(replayed.rangesOf(place.stage, leaf));
  }
  let missing = 0;
  if (!sameReads) for (const leaf of leavesWithout(originalPlace, place)) missing += leaf >= 0 ? 1 : 0;
  return { ...comparison, differing, missing };
}

function stageText(reads: CertificateReads): string {
  return `${reads.generator}\n${reads.planned}\n${doneText(reads)}\n${reads.count}\n${reads.merkleRoot}`;
}

function doneText(reads: CertificateReads): string {
  return reads.done.map(({ first, count }) => `${first}+${count}`).join(' ');
}

/** What is stated beside the reads. Paths, times, and the form of the source (a device and its image) may differ. */
function compareFacts(original: CertificateBody, again: CertificateBody): Finding[] {
  const findings: Finding[] = [];
  const same = (a: unknown, b: unknown, code: string, message: string): void => {
    if (canonicalJson(a as JsonValue) !== canonicalJson(b as JsonValue)) findings.push({ code, message });
  };
  same(original.source.sizeBytes, again.source.sizeBytes, 'source-size', `The source has ${again.source.sizeBytes} bytes; it had ${original.source.sizeBytes}.`);
  same(original.source.edgeDigest, again.source.edgeDigest, 'source-edges', 'The first or the last MiB of the source is not what it was.');
  same(original.sets.map(setText).sort(), again.sets.map(setText).sort(), 'sets-differ', 'The sets are not those of the run.');
  // Whatever it says of its plan beside the reads, such as the window that unindexed blocks are allowed for.
  same(original.plan, again.plan, 'plan-differs', 'The plan stated is not the one by which these reads are made.');
  same(original.gaps.encryptedVolumes, again.gaps.encryptedVolumes, 'encrypted-differ', `The locked volumes are not the same: ${again.gaps.encryptedVolumes.length} now, ${original.gaps.encryptedVolumes.length} then.`);
  same(original.gaps.unreadableRanges, again.gaps.unreadableRanges, 'unreadable-differ', 'Other parts of the source could not be read than then.');
  same(original.result.verdict, again.result.verdict, 'verdict-differs', `The verdict is ${again.result.verdict}; it was ${original.result.verdict}.`);
  // Of a run that was stopped while it listed it is chance which problems it had heard of between two items.
  if (!LISTING_STAGES.includes(stoppedIn(original) ?? '')) same(original.result.reasons, again.result.reasons, 'reasons-differ', 'The reasons of the verdict are not the same.');
  same(original.result.hits, again.result.hits, 'hits-differ', `The hits are not the same: ${again.result.hits.count} now, ${original.result.hits.count} then.`);
  same(original.result.blockHits, again.result.blockHits, 'block-hits-differ', `The hits of blocks are not the same: ${again.result.blockHits.count} now, ${original.result.blockHits.count} then.`);
  same(original.result.meter, again.result.meter, 'meter-differs', 'The figures of the meter are not the same.');
  same(original.gaps.items, again.gaps.items, 'items-differ', 'The counts of items are not the same.');
  return findings;
}

function setText(set: CertificateBody['sets'][number]): string {
  return `${set.kind} ${set.digest} ${set.meaning}`;
}

function rangeGatherer(): { add(ranges: readonly ByteRange[]): void; merged(): ByteRange[] } {
  let gathered: ByteRange[] = [];
  return {
    add(ranges) {
      for (const range of ranges) gathered.push(range);
      if (gathered.length > GATHERED_RANGES) gathered = mergeRanges(gathered);
    },
    merged: () => mergeRanges(gathered),
  };
}
