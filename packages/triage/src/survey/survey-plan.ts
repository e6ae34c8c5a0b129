import { InternalError, type ByteRange } from '@kerbside/bytes';
import { makeChunkGrid, SURVEY_BLOCK_BYTES, type ChunkGrid } from './chunk-grid.ts';
import { indexWindowBytes } from './index-window.ts';
import { makeJitteredOrder } from './jittered-order.ts';
import type { SurveyTarget } from './parse-until.ts';
import { deriveDrawKey, drawFractions } from './seeded-draws.ts';
import { countCells, readsForProbability, shareOfDevice } from './stated-probability.ts';
import { makeRestOrder, makeSystematicOrder, spacingFor, type ChunkRun } from './systematic-order.ts';

/** Coarse strata of a large device: a pass of the jittered reads takes about 15 s on a spinning disk. */
const MAX_STRATA = 2048;

/** A small target is reached in no fewer passes than this, because only complete passes count. */
const MIN_JITTERED_PASSES = 8;

/** Sub-strata of a stratum: the table of permutations stays within 8 MiB. */
const MAX_SUB_STRATA = 2048;

/** The rest is read in pieces of up to this: moving costs nothing then, and a read is still a short wait. */
const REST_READ_BYTES = 1024 * 1024;

/** The longest read of any plan whose chunks are no longer than the rest's reads: a reader needs room for it. */
export const MAX_SURVEY_READ_BYTES = REST_READ_BYTES + SURVEY_BLOCK_BYTES;

/** Everything a plan is made from; structured-cloneable, so that a thread or a verifier can make the same plan. */
export interface SurveyPlanOptions {
  readonly sizeBytes: number;
  /** Multiple of 4,096, from 8,192 to 1 MiB; a survey uses 64 to 256 KiB (choose-chunk.ts). */
  readonly chunkBytes: number;
  /** Secret while the run lasts; 16 bytes or more. */
  readonly seed: Uint8Array;
  readonly target: SurveyTarget;
  /** Share of the blocks of known material that the sets index, 0 to 1. */
  readonly indexedShare: number;
  /** Read what is left over once the target is reached. */
  readonly toTheEnd: boolean;
  /** See `indexWindowBytes`; the default is that of a full index. */
  readonly windowBytes?: number;
  /**
   * Known blocks begin on multiples of this. 512 (the default) is true of every file system; each read of the grid then goes
   * 3,584 bytes past its chunk, so that a block that begins in the chunk lies wholly in the read. 4,096 only
   * where every volume's cluster grid is known to be a multiple of 4,096 on the device.
   */
  readonly alignmentBytes?: 512 | 4096;
  /** What moving to another place costs, as the bytes that could be read in that time (t·R); 0 unless measured. */
  readonly seekCostBytes?: number;
}

/** One pass of a survey; its reads are numbered from 0, ascending by offset. */
export interface SurveyPass {
  /**
   * `systematic` and `rest` read the chunk grid, each chunk once in all: `systematic` one chunk a read, `rest` as many
   * neighbours as 1 MiB holds. `jittered` reads at random places.
   */
  readonly kind: 'systematic' | 'jittered' | 'rest';
  /** Number within its kind, from 0. */
  readonly index: number;
  readonly reads: number;
  /** Bytes of whole chunks that the reads ask for in all, for progress: the ends of a device may hold a little less. */
  readonly plannedBytes: number;
}

/** Where a survey reads, in which order. */
export interface SurveyPlan {
  readonly options: Required<SurveyPlanOptions>;
  readonly grid: ChunkGrid;
  /** Distance of systematic reads once all their passes are done. */
  readonly spacingBytes: number;
  /** Passes in the order they are read. */
  readonly passes: readonly SurveyPass[];
  /** Bytes that read `i` of pass `passIndex` (its place in `passes`) asks for; always inside the device. */
  readAt(passIndex: number, i: number): ByteRange;
  /** The grid's chunks that a systematic or rest read looks up, null for a jittered one. */
  chunksOf(passIndex: number, i: number): ChunkRun | null;
}

/**
 * Lays out a survey: systematic passes to the spacing that the target needs, jittered passes until its
 * probability may be stated, then (`toTheEnd`) the rest of the grid. Where jittered passes would cost more than reading
 * everything, the rest is read in their place; where nothing is indexed neither is. Same options, same plan.
 */
export function makeSurveyPlan(options: SurveyPlanOptions): SurveyPlan {
  const all: Required<SurveyPlanOptions> = { windowBytes: indexWindowBytes(1), alignmentBytes: 512, seekCostBytes: 0, ...options };
  const { sizeBytes, chunkBytes, seed } = all;
  if (chunkBytes > REST_READ_BYTES) throw new InternalError('internal-fault', `a chunk of ${chunkBytes} bytes is longer than any read of a survey`);
  if (seed.byteLength < 16) throw new InternalError('internal-fault', 'the seed of a survey has fewer than 16 bytes');
  const [startFraction, phaseFraction] = drawFractions(deriveDrawKey(seed, 'grid', 0), 0, 2) as Float64Array & [number, number];
  const startBytes = sizeBytes <= chunkBytes ? 0 : Math.floor((startFraction * chunkBytes) / SURVEY_BLOCK_BYTES) * SURVEY_BLOCK_BYTES;
  const grid = makeChunkGrid(sizeBytes, chunkBytes, startBytes);
  const systematic = makeSystematicOrder(grid.count, spacingFor(all.target.unbrokenBytes, chunkBytes, all.windowBytes), phaseFraction);
  const rest = makeRestOrder(grid.count, systematic, Math.floor(REST_READ_BYTES / chunkBytes));
  const jittered = rest.reads === 0 ? null : shapeJittered(all);
  const order = jittered === null ? null : makeJitteredOrder(seed, jittered);

  const passes: SurveyPass[] = systematic.passes.map(({ reads }, index) => ({ kind: 'systematic', index, reads, plannedBytes: reads * chunkBytes }));
  for (let index = 0; index < (jittered?.passes ?? 0); index += 1) passes.push({ kind: 'jittered', index, reads: jittered!.strata, plannedBytes: jittered!.strata * chunkBytes });
  // Where nothing is indexed no read can meet anything, and reading everything would not change that.
  const isRestCheaper = jittered === null && all.indexedShare > 0;
  if (rest.reads > 0 && (all.toTheEnd || isRestCheaper)) passes.push({ kind: 'rest', index: 0, reads: rest.reads, plannedBytes: rest.chunks * chunkBytes });

  const passAt = (passIndex: number, i: number): SurveyPass => {
    const pass = passes[passIndex];
    if (pass === undefined || !Number.isInteger(i) || i < 0 || i >= pass.reads) throw new InternalError('internal-fault', `the survey has no read ${i} in pass ${passIndex}`);
    return pass;
  };
  const chunksOf = (passIndex: number, i: number): ChunkRun | null => {
    const pass = passAt(passIndex, i);
    if (pass.kind === 'rest') return rest.readAt(i);
    if (pass.kind === 'jittered') return null;
    const gridPass = systematic.passes[pass.index]!;
    return { first: gridPass.first + i * gridPass.step, count: 1 };
  };
  const tailBytes = SURVEY_BLOCK_BYTES - all.alignmentBytes;
  return {
    options: all,
    grid,
    spacingBytes: systematic.spacingChunks * chunkBytes,
    passes,
    chunksOf,
    readAt: (passIndex, i) => {
      const run = chunksOf(passIndex, i);
      const offset = run === null ? order!.cellAt(passes[passIndex]!.index, i) * SURVEY_BLOCK_BYTES : grid.offsetOf(run.first);
      const end = run === null ? offset + chunkBytes : grid.offsetOf(run.first + run.count) + tailBytes;
      return { offset, length: Math.min(end, sizeBytes) - offset };
    },
  };
}

/** Strata and passes that the target's probability needs; null where reading everything costs no more, or nothing is indexed. */
function shapeJittered({ sizeBytes, chunkBytes, target, indexedShare, seekCostBytes }: Required<SurveyPlanOptions>): { cells: number; strata: number; subStrata: number; passes: number } | null {
  const reads = readsForProbability(shareOfDevice(target.scatteredBytes, indexedShare, sizeBytes), target.probability);
  if (reads * (chunkBytes + seekCostBytes) >= sizeBytes) return null;
  const strata = Math.max(1, Math.min(MAX_STRATA, Math.floor(sizeBytes / chunkBytes), Math.ceil(reads / MIN_JITTERED_PASSES)));
  const passes = Math.ceil(reads / strata);
  return { cells: countCells(sizeBytes), strata, subStrata: Math.min(passes, MAX_SUB_STRATA), passes };
}
