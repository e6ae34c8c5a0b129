import { BLOCK_SET_BLOCK_BYTES, POSITION_MODULUS, type BlockLookup } from '@kerbside/match';
import type { BlockHit } from './block-hit.ts';
import { MAX_RUN_GAP_BYTES } from './split-runs.ts';
import type { FoundRun } from './survey-job.ts';

/**
 * Blocks in the order of one file that say that part of it is there (HASH-RUNS). A code of 56 bits and
 * more is met by accident once in thousands of terabytes, so four in order are no accident; and four
 * blocks are more than two files share in their heads alone (Garfinkel & McCarrin 2015).
 */
export const RUN_BLOCKS = 4;

/** Share of a known file's indexed blocks that says so for a short file (HASH-SETS), and how many it must be at least. */
export const SHARE_OF_FILE = 0.5;
export const SHARE_BLOCKS = 2;

/** What block hits are told with. */
export interface BlockHitPlaces {
  /** Volume or gap that holds a byte. */
  volumeAt(offset: number): string;
  /** Display path of the item whose content holds a byte, or null. */
  itemAt(offset: number): string | null;
  /** Whether the item of that path is a hit of an alert set as a whole. */
  isHit(path: string): boolean;
}

/**
 * Joins what the reads found to hits: runs that go on across cells, fragments of one file, copies apart.
 *
 * @param runs of all sets, equal ones more than once or not, in any order
 * @param lookups one a set
 */
export function makeBlockHits(runs: readonly FoundRun[], lookups: readonly BlockLookup[], places: BlockHitPlaces): BlockHit[] {
  const joined = joinRuns(runs, lookups);
  const byFile = Map.groupBy(joined, ({ set, file }) => (file === null ? null : `${set} ${file.number}`));
  const hits: BlockHit[] = [];
  for (const [key, group] of byFile) {
    const pieces = key === null ? group.map((run) => [run]) : copiesOf(group);
    for (const piece of pieces) hits.push(hitOf(piece, lookups[piece[0]!.set]!, places));
  }
  return hits.sort((a, b) => a.ranges[0]!.offset - b.ranges[0]!.offset || compareTexts(a.set, b.set) || (a.file?.number ?? -1) - (b.file?.number ?? -1));
}

/** Removes repeats, and joins runs that were cut where a cell ends. */
export function joinRuns(runs: readonly FoundRun[], lookups: readonly Pick<BlockLookup, 'file'>[]): FoundRun[] {
  // In order of place, so that it does not matter which thread met them first.
  const unique = [...new Map(runs.map((run) => [keyOf(run), run])).values()].sort(compareRuns);
  const groups = Map.groupBy(unique, ({ set, offset }) => `${set} ${offset % BLOCK_SET_BLOCK_BYTES}`);
  return [...groups.values()].flatMap((group) => {
    const joined: FoundRun[] = [];
    // Places in `joined` of the runs that one may still go on from: a few, as each has a block of its own nearby.
    let open: number[] = [];
    for (const run of group) {
      open = open.filter((at) => run.offset - joined[at]!.endOffset < MAX_RUN_GAP_BYTES);
      const at = open.findLast((one) => follows(joined[one]!, run, lookups[run.set]!));
      if (at === undefined) open.push(joined.push(run) - 1);
      else joined[at] = joinTwo(joined[at]!, run);
    }
    return joined;
  });
}

/** Names a run: two reads that met it found the same one. */
export function keyOf({ set, offset, firstPosition, endOffset }: FoundRun): string {
  return `${set} ${offset} ${firstPosition} ${endOffset}`;
}

function follows(earlier: FoundRun, later: FoundRun, lookup: Pick<BlockLookup, 'file'>): boolean {
  const lastOffset = earlier.endOffset - BLOCK_SET_BLOCK_BYTES;
  const distanceBytes = later.offset - lastOffset;
  if (distanceBytes <= 0 || distanceBytes > MAX_RUN_GAP_BYTES) return false;
  if ((earlier.lastPosition + distanceBytes / BLOCK_SET_BLOCK_BYTES) % POSITION_MODULUS !== later.firstPosition) return false;
  const blocksBetween = (later.offset - earlier.offset) / BLOCK_SET_BLOCK_BYTES;
  if (earlier.file === null) return later.file === null || later.file.firstPosition >= blocksBetween;
  const lastPosition = earlier.file.firstPosition + (later.endOffset - earlier.offset) / BLOCK_SET_BLOCK_BYTES - 1;
  if (lastPosition >= lookup.file(earlier.file.number).blocks) return false;
  if (later.file === null) return true;
  return earlier.file.number === later.file.number && later.file.firstPosition - earlier.file.firstPosition === blocksBetween;
}

function joinTwo(earlier: FoundRun, later: FoundRun): FoundRun {
  const file = earlier.file ?? (later.file === null ? null : { number: later.file.number, firstPosition: later.file.firstPosition - (later.offset - earlier.offset) / BLOCK_SET_BLOCK_BYTES });
  return { ...earlier, endOffset: later.endOffset, lastPosition: later.lastPosition, blocks: earlier.blocks + later.blocks, file };
}

/** Fragments of one file belong together as long as no position comes twice; what comes again is another copy. */
function copiesOf(runs: readonly FoundRun[]): FoundRun[][] {
  const byStart = runs.toSorted((a, b) => a.file!.firstPosition - b.file!.firstPosition || compareRuns(a, b));
  const byEnd = byStart.toSorted((a, b) => endPositionOf(a) - endPositionOf(b));
  const copies: FoundRun[][] = [];
  const copyOf = new Map<FoundRun, FoundRun[]>();
  // Copies that end before the position at hand, in the order in which they ended: a disk may hold very many.
  const free: FoundRun[][] = [];
  let ended = 0;
  let taken = 0;
  for (const run of byStart) {
    for (; ended < byEnd.length && endPositionOf(byEnd[ended]!) <= run.file!.firstPosition; ended++) free.push(copyOf.get(byEnd[ended]!)!);
    let copy = free[taken];
    if (copy === undefined) copies.push((copy = []));
    else taken += 1;
    copy.push(run);
    copyOf.set(run, copy);
  }
  return copies;
}

function endPositionOf({ file, offset, endOffset }: FoundRun): number {
  return file!.firstPosition + (endOffset - offset) / BLOCK_SET_BLOCK_BYTES;
}

function hitOf(runs: readonly FoundRun[], lookup: BlockLookup, places: BlockHitPlaces): BlockHit {
  const blocksMatched = runs.reduce((sum, run) => sum + run.blocks, 0);
  const number = runs[0]!.file?.number ?? null;
  const known = number === null ? null : lookup.file(number);
  const isShare = known !== null && blocksMatched >= SHARE_BLOCKS && blocksMatched >= known.indexedBlocks * SHARE_OF_FILE;
  const isRun = runs.some((run) => run.blocks >= RUN_BLOCKS);
  const ranges = runs.map(({ offset, endOffset }) => ({ offset, length: endOffset - offset })).sort((a, b) => a.offset - b.offset);
  const item = places.itemAt(ranges[0]!.offset);
  return {
    set: lookup.facts.name,
    category: lookup.facts.category,
    rule: isShare ? 'share' : isRun ? 'run' : 'lead',
    ranges,
    blocksMatched,
    file: number === null || known === null ? null : { number, sizeBytes: known.sizeBytes, indexedBlocks: known.indexedBlocks },
    volume: places.volumeAt(ranges[0]!.offset),
    item,
    isOfWholeHit: item !== null && places.isHit(item),
  };
}

function compareRuns(a: FoundRun, b: FoundRun): number {
  return a.offset - b.offset || a.set - b.set || a.firstPosition - b.firstPosition;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
