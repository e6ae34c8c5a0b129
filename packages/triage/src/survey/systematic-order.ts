/** Pass 0 has at least this many reads where the device is large enough: a first look at all of it in under a second. */
const FIRST_PASS_READS = 64;

/** One pass over the grid: chunks `first`, `first + step`, … . */
export interface GridPass {
  readonly first: number;
  readonly step: number;
  readonly reads: number;
}

/** The systematic passes: in all, every chunk whose number is `phase` modulo `spacingChunks`. */
export interface SystematicOrder {
  /** Chunks from one read to the next once all passes are done. */
  readonly spacingChunks: number;
  /** Number of the first chunk that the passes read in all. */
  readonly phase: number;
  readonly passes: readonly GridPass[];
}

/**
 * The longest spacing, in chunks, whose guarantee is within the target. With spacing s the stretch between two
 * reads is (s − 1)·C, and a run may reach w − 1 bytes into either read without being met, so that
 * G = (s − 1)·C + 2w − 1 (docs/decisions/0008-survey-order-and-meter.md). At least 1: then the passes read everything.
 *
 * @param targetBytes length of an unbroken run that must be met
 * @param chunkBytes C
 * @param windowBytes w, see index-window.ts
 */
export function spacingFor(targetBytes: number, chunkBytes: number, windowBytes: number): number {
  return Math.max(1, Math.floor((targetBytes - (2 * windowBytes - 1)) / chunkBytes) + 1);
}

/**
 * Passes of halving spacing: pass 0 at spacing s·2^k, each next one the midpoints of all before it, the last one
 * leaves s. Any pass is ascending; k is the largest that leaves pass 0 its 64 reads.
 *
 * @param chunks chunks of the grid
 * @param wantedSpacing s, in chunks
 * @param phaseFraction uniform in [0, 1), from the seed
 */
export function makeSystematicOrder(chunks: number, wantedSpacing: number, phaseFraction: number): SystematicOrder {
  if (chunks === 0) return { spacingChunks: 1, phase: 0, passes: [] };
  const spacingChunks = Math.min(wantedSpacing, chunks);
  let halvings = 0;
  while (chunks / (spacingChunks * 2 ** (halvings + 1)) >= FIRST_PASS_READS) halvings += 1;
  const base = spacingChunks * 2 ** halvings;
  const start = Math.floor(phaseFraction * base);
  const passes = [gridPass(chunks, start, base)];
  for (let pass = 1; pass <= halvings; pass += 1) {
    const step = base / 2 ** (pass - 1);
    passes.push(gridPass(chunks, (start + step / 2) % step, step));
  }
  return { spacingChunks, phase: start % spacingChunks, passes };
}

function gridPass(chunks: number, first: number, step: number): GridPass {
  return { first, step, reads: first < chunks ? Math.floor((chunks - 1 - first) / step) + 1 : 0 };
}

/** Neighbouring chunks of the grid. */
export interface ChunkRun {
  readonly first: number;
  readonly count: number;
}

/** The chunks that the systematic passes leave over, in reads of neighbours, ascending. */
export interface RestOrder {
  readonly reads: number;
  /** Chunks in all. */
  readonly chunks: number;
  /** Chunks of read `i`, from 0 to `reads` − 1; never more than were asked for, and at least one. */
  readAt(i: number): ChunkRun;
}

/**
 * Cuts each stretch between two chunks of the systematic passes, and the one on either side of them, into reads of
 * `most` chunks; what is left at the end of a stretch is a shorter read.
 */
export function makeRestOrder(chunks: number, order: SystematicOrder, most: number): RestOrder {
  const left = chunks - order.passes.reduce((sum, { reads }) => sum + reads, 0);
  if (left === 0) return { reads: 0, chunks: 0, readAt: () => ({ first: 0, count: 0 }) };
  const { phase, spacingChunks } = order;
  // The chunks before the first systematic one; then stretches of one length, of which the last may be cut short.
  const between = spacingChunks - 1;
  const readsBefore = Math.ceil(phase / most);
  const readsBetween = Math.ceil(between / most);
  const behind = chunks - phase - 1;
  const wholeStretches = Math.floor(behind / spacingChunks);
  const lastStretch = Math.min(between, behind - wholeStretches * spacingChunks);
  return {
    reads: readsBefore + wholeStretches * readsBetween + Math.ceil(lastStretch / most),
    chunks: left,
    readAt: (i) => {
      if (i < readsBefore) return { first: i * most, count: Math.min(most, phase - i * most) };
      const after = i - readsBefore;
      const begin = phase + 1 + Math.floor(after / readsBetween) * spacingChunks;
      const first = begin + (after % readsBetween) * most;
      return { first, count: Math.min(most, begin + between - first, chunks - first) };
    },
  };
}
