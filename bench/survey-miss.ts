import { createHash } from 'node:crypto';
import { DEFAULT_TARGET, loadSurveyParts, type SurveyPlan } from '@kerbside/triage';
import { BLOCK_BYTES, firstBlockIn, type KnownPiece, type LayoutKind } from './survey-layouts.ts';

const { makeSurveyPlan, shareOfDevice, statedProbability } = await loadSurveyParts();

/** When a layout was first met, in reads from 1; Infinity when never. */
export interface FirstMeeting {
  /** In the order of the plan. */
  readonly read: number;
  /** In jittered reads alone. */
  readonly jitteredRead: number;
}

/** Reads of one pass. */
interface PassReads {
  readonly jittered: boolean;
  readonly offsets: Float64Array;
  readonly ends: Float64Array;
}

/** Reads of a plan but for the rest, pass by pass. */
interface PlannedReads {
  readonly passes: number;
  /** Listed when first asked for: most layouts are met long before the last pass. */
  passAt(passIndex: number): PassReads;
}

/** The plan of a model disk for one seed, as `kerbside triage --until 20MiB@99%` would make it. */
export function planFor(sizeBytes: number, chunkBytes: number, seed: string): SurveyPlan {
  return makeSurveyPlan({ sizeBytes, chunkBytes, seed: createHash('sha256').update(seed).digest(), target: DEFAULT_TARGET, indexedShare: 1, toTheEnd: false });
}

/** Lists the reads, so that several layouts can be held against them. */
export function listReads(plan: SurveyPlan): PlannedReads {
  const planned = plan.passes.filter(({ kind }) => kind !== 'rest');
  const listed: PassReads[] = [];
  return {
    passes: planned.length,
    passAt: (passIndex) => {
      const known = listed[passIndex];
      if (known !== undefined) return known;
      const { kind, reads } = planned[passIndex]!;
      const offsets = new Float64Array(reads);
      const ends = new Float64Array(reads);
      for (let i = 0; i < reads; i += 1) {
        const { offset, length } = plan.readAt(passIndex, i);
        offsets[i] = offset;
        ends[i] = offset + length;
      }
      return (listed[passIndex] = { jittered: kind === 'jittered', offsets, ends });
    },
  };
}

/** Geometry alone: the first read that holds a whole known block. Reads and pieces ascend, so one walk a pass does. */
export function firstMeeting(reads: PlannedReads, pieces: readonly KnownPiece[]): FirstMeeting {
  let read = Infinity;
  let readsBefore = 0;
  let jitteredBefore = 0;
  for (let passIndex = 0; passIndex < reads.passes; passIndex += 1) {
    const { jittered, offsets, ends } = reads.passAt(passIndex);
    if (jittered || read === Infinity) {
      const found = firstInPass(offsets, ends, pieces);
      if (found !== -1) {
        read = Math.min(read, readsBefore + found + 1);
        if (jittered) return { read, jitteredRead: jitteredBefore + found + 1 };
      }
    }
    readsBefore += offsets.length;
    if (jittered) jitteredBefore += offsets.length;
  }
  return { read, jitteredRead: Infinity };
}

function firstInPass(offsets: Float64Array, ends: Float64Array, pieces: readonly KnownPiece[]): number {
  let p = 0;
  let i = 0;
  while (i < offsets.length && p < pieces.length) {
    const piece = pieces[p]!;
    if (piece.offset + piece.blocks * BLOCK_BYTES <= offsets[i]!) {
      p += 1;
    } else if (piece.offset + BLOCK_BYTES > ends[i]!) {
      i += 1;
    } else {
      // The read may begin inside the last block of this piece and still hold the next piece.
      for (let q = p; q < pieces.length && pieces[q]!.offset < ends[i]!; q += 1) if (firstBlockIn(pieces[q]!, offsets[i]!, ends[i]!) !== -1) return i;
      i += 1;
    }
  }
  return -1;
}

/** Chance that simple random sampling of `reads` of the grid's `chunks`, without replacement, misses a layout that `hits` of them hold. */
export function randomMiss(chunks: number, hits: number, reads: number): number {
  let miss = 1;
  for (let i = 0; i < hits; i += 1) miss *= Math.max(0, chunks - reads - i) / (chunks - i);
  return miss;
}

/** How many chunks of the plan's grid hold a whole known block, each read as the plan would read it. */
export function countHoldingChunks(plan: SurveyPlan, pieces: readonly KnownPiece[]): number {
  const { grid, options } = plan;
  const tailBytes = BLOCK_BYTES - options.alignmentBytes;
  const leading = grid.startBytes > 0 ? 1 : 0;
  const chunkOf = (offset: number): number => (offset < grid.startBytes ? 0 : Math.floor((offset - grid.startBytes) / grid.chunkBytes) + leading);
  let held = 0;
  let last = -1;
  for (const piece of pieces) {
    const to = chunkOf(piece.offset + piece.blocks * BLOCK_BYTES - 1);
    for (let chunk = Math.max(last + 1, chunkOf(piece.offset)); chunk <= to; chunk += 1) {
      if (firstBlockIn(piece, grid.offsetOf(chunk), Math.min(options.sizeBytes, grid.offsetOf(chunk + 1) + tailBytes)) === -1) continue;
      held += 1;
      last = chunk;
    }
  }
  return held;
}

/** What a meter states for a layout after so many jittered reads of complete passes. */
export function statedMiss(sizeBytes: number, pieces: readonly KnownPiece[], jitteredReads: number): number {
  const bytes = pieces.reduce((sum, { blocks }) => sum + blocks * BLOCK_BYTES, 0);
  return 1 - statedProbability(shareOfDevice(bytes, 1, sizeBytes), jitteredReads);
}

/** Uniform fractions from a seed, for layouts: two 53-bit fractions from each SHA-256 digest are more than fast enough at 5,120 a layout. */
export function drawsFrom(seed: string): () => number {
  let digest = Buffer.alloc(0);
  let at = 0;
  let number = 0;
  return () => {
    if (at >= digest.length) {
      digest = createHash('sha256').update(`${seed} ${number}`).digest();
      number += 1;
      at = 0;
    }
    const fraction = (digest.readUInt32LE(at) * 2 ** 21 + (digest.readUInt32LE(at + 4) >>> 11)) / 2 ** 53;
    at += 8;
    return fraction;
  };
}

/** One layout of a kind. */
export function placeLayout(kind: LayoutKind, sizeBytes: number, number: number): KnownPiece[] {
  return kind.place(sizeBytes, drawsFrom(`${kind.name} ${number}`));
}

/** Exact chance to count `hits` or more in `trials` when each has the chance `probability` (upper tail of the binomial distribution). */
export function chanceOfAtLeast(hits: number, trials: number, probability: number): number {
  if (hits <= 0 || probability >= 1) return 1;
  if (probability <= 0) return 0;
  let logTerm = trials * Math.log1p(-probability);
  let chance = 0;
  for (let count = 0; count <= trials; count += 1) {
    if (count >= hits) chance += Math.exp(logTerm);
    logTerm += Math.log((trials - count) / (count + 1)) + Math.log(probability / (1 - probability));
  }
  return Math.min(1, chance);
}
