import { NO_RANGES, type ByteRange } from '@kerbside/bytes';
import { BitSet } from './bit-set.ts';
import { SURVEY_BLOCK_BYTES } from './chunk-grid.ts';
import { findLongestMiss, type LongestMiss } from './longest-miss.ts';
import type { LongFiles, Meter } from './meter-facts.ts';
import { shareOfDevice, statedProbability } from './stated-probability.ts';
import type { SurveyPlan } from './survey-plan.ts';
import type { ChunkRun } from './systematic-order.ts';
import { UnreadableBytes } from './unreadable-bytes.ts';

/** Amounts of scattered material that a meter speaks of, beside the target, in MiB. */
const SCATTERED_MIB = [1, 5, 10, 20, 50, 100, 200, 500, 1024];

/** What the meter is told of the sets, and of the file lane at the moment it is asked. */
export interface MeterSets {
  /** See index-window.ts. The largest of all sets in use. */
  readonly indexWindowBytes: number;
  /** Share of known blocks that are indexed. The smallest of all sets in use. */
  readonly indexedShare: number;
  /** Where long files are indexed less well than that. */
  readonly longFiles?: LongFiles | null;
}

/** Follows the reads of one plan. Reads may come in any order and more than once; each counts once. */
export interface SurveyMeter {
  /**
   * One read is done and every readable block in it was looked up.
   *
   * @param unreadable bytes of it that could not be read, as offsets on the device
   */
  note(passIndex: number, readIndex: number, unreadable?: readonly ByteRange[]): void;
  /** Whether every read of the pass was noted. */
  isPassDone(passIndex: number): boolean;
  /** What can be promised now. Cheap enough to ask several times a second. */
  figures(files: { readonly filesChecked: number; readonly filesTotal: number }): Meter;
}

/** A meter for a plan of which nothing was read yet. 2 bits of memory for each chunk of the grid. */
export function createMeter(plan: SurveyPlan, { indexWindowBytes, indexedShare, longFiles = null }: MeterSets): SurveyMeter {
  const { grid, passes } = plan;
  const { sizeBytes, target } = plan.options;
  const noted = new BitSet(grid.count);
  const whollyRead = new BitSet(grid.count);
  const unreadable = new UnreadableBytes();
  const notedOf = passes.map(() => 0);
  /** Reads of jittered passes that have begun and are not done, and how many of them gave no byte. */
  const unfinished = new Map<number, { readonly reads: BitSet; failed: number }>();
  let systematicReads = 0;
  let chunksRead = 0;
  let jitteredReads = 0;
  let miss: LongestMiss = { bytes: sizeBytes, from: 0, to: grid.count };
  let missIsStale = grid.count === 0;

  const noteGridRead = ({ first, count }: ChunkRun, unread: readonly ByteRange[]): boolean => {
    // Each chunk is in one read of the plan, so the first stands for all of them.
    if (noted.has(first)) return false;
    systematicReads += 1;
    chunksRead += count;
    for (let chunk = first; chunk < first + count; chunk += 1) {
      noted.add(chunk);
      if (!isWhole(plan, chunk, unread)) continue;
      whollyRead.add(chunk);
      // Any other chunk leaves the longest stretch as it is.
      if (chunk >= miss.from && chunk < miss.to) missIsStale = true;
    }
    return true;
  };

  const noteJitteredRead = (passIndex: number, readIndex: number, failed: boolean): boolean => {
    const pass = passes[passIndex]!;
    if (notedOf[passIndex] === pass.reads) return false;
    let begun = unfinished.get(passIndex);
    if (begun === undefined) unfinished.set(passIndex, (begun = { reads: new BitSet(pass.reads), failed: 0 }));
    if (!begun.reads.add(readIndex)) return false;
    if (failed) begun.failed += 1;
    if (notedOf[passIndex]! + 1 === pass.reads) {
      unfinished.delete(passIndex);
      jitteredReads += pass.reads - begun.failed;
    }
    return true;
  };

  const allRead = (): boolean => chunksRead === grid.count && unreadable.bytes === 0;

  const scattered = (): Meter['scattered'] => {
    const amounts = new Set([...SCATTERED_MIB.map((mib) => mib * 1024 ** 2), target.scatteredBytes]);
    return [...amounts]
      .filter((bytes) => bytes <= sizeBytes)
      .toSorted((one, other) => one - other)
      .map((bytes) => {
        const share = shareOfDevice(bytes, indexedShare, sizeBytes);
        return { bytes, probability: allRead() && share > 0 ? 1 : statedProbability(share, jitteredReads) };
      });
  };

  return {
    note: (passIndex, readIndex, unread = NO_RANGES) => {
      const run = plan.chunksOf(passIndex, readIndex);
      for (const range of unread) unreadable.add(range);
      // What could be read of a read counts as read: the promise is of readable material, and a readable block in its first
      // cell was looked up. A read that gave nothing at all may be the device's passing trouble and is not counted.
      const failed = unread.length > 0 && unread.reduce((sum, { length }) => sum + length, 0) >= plan.readAt(passIndex, readIndex).length;
      const isNew = run === null ? noteJitteredRead(passIndex, readIndex, failed) : noteGridRead(run, unread);
      if (isNew) notedOf[passIndex]! += 1;
    },
    isPassDone: (passIndex) => notedOf[passIndex] === passes[passIndex]!.reads,
    figures: ({ filesChecked, filesTotal }) => {
      if (missIsStale) miss = findLongestMiss(grid, whollyRead, indexWindowBytes);
      missIsStale = false;
      return {
        unbrokenBytes: indexedShare > 0 && miss.bytes + 1 <= sizeBytes ? miss.bytes + 1 : null,
        scattered: scattered(),
        ...(longFiles === null ? {} : { longFiles }),
        filesChecked,
        filesTotal,
        systematicReads,
        jitteredReads,
        unreadableBytes: unreadable.bytes,
        indexedShare,
      };
    },
  };
}

/** Whether every block that begins in the chunk was read: it ends in the chunk, or less than a block behind it. */
function isWhole({ grid, options }: SurveyPlan, chunk: number, unread: readonly ByteRange[]): boolean {
  const from = grid.offsetOf(chunk);
  const end = grid.offsetOf(chunk + 1) + SURVEY_BLOCK_BYTES - options.alignmentBytes;
  return unread.every(({ offset, length }) => offset >= end || offset + length <= from);
}
