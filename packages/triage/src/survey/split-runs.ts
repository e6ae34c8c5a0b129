import { BLOCK_SET_BLOCK_BYTES, POSITION_MODULUS, type BlockLookup } from '@kerbside/match';
import type { FoundRun } from './survey-job.ts';

/** Blocks between two hits of one run at most: a file indexed one block in eight leaves up to fourteen out, and zeros inside a file more. */
export const MAX_RUN_GAP_BYTES = 128 * 1024;

/** One known block on the source. */
export interface BlockMatch {
  readonly offset: number;
  readonly entry: number;
}

interface OpenRun {
  readonly offset: number;
  readonly firstPosition: number;
  lastOffset: number;
  lastPosition: number;
  blocks: number;
  file: FoundRun['file'];
}

/**
 * Sorts known blocks into runs: in a run the positions in the file go on as the places on the source do,
 * anchors name one file, and no run goes on past the end of its file.
 *
 * @param matches of one set on one grid, ascending, no two further apart than `MAX_RUN_GAP_BYTES`
 */
export function splitIntoRuns(set: number, lookup: Pick<BlockLookup, 'positionOf' | 'anchorOf' | 'file'>, matches: readonly BlockMatch[]): FoundRun[] {
  const closed: OpenRun[] = [];
  let open: OpenRun[] = [];
  for (const { offset, entry } of matches) {
    const position = lookup.positionOf(entry);
    const anchor = lookup.anchorOf(entry);
    const isNear = (run: OpenRun): boolean => offset - run.lastOffset <= MAX_RUN_GAP_BYTES;
    if (!open.every(isNear)) {
      closed.push(...open.filter((run) => !isNear(run)));
      open = open.filter(isNear);
    }
    const isInside = (run: OpenRun): boolean => run.file === null || run.file.firstPosition + blocksBetween(run.offset, offset) < lookup.file(run.file.number).blocks;
    const run = open.findLast((one) => goesOn(one, offset, position, anchor) && isInside(one));
    if (run === undefined) {
      open.push({ offset, firstPosition: position, lastOffset: offset, lastPosition: position, blocks: 1, file: anchor === null ? null : { number: anchor.file, firstPosition: anchor.position } });
      continue;
    }
    run.lastOffset = offset;
    run.lastPosition = position;
    run.blocks += 1;
    if (run.file === null && anchor !== null) run.file = { number: anchor.file, firstPosition: anchor.position - blocksBetween(run.offset, offset) };
  }
  return [...closed, ...open]
    .sort((a, b) => a.offset - b.offset || a.firstPosition - b.firstPosition)
    .map(({ offset, lastOffset, blocks, firstPosition, lastPosition, file }) => ({ set, offset, endOffset: lastOffset + BLOCK_SET_BLOCK_BYTES, blocks, firstPosition, lastPosition, file }));
}

function goesOn(run: OpenRun, offset: number, position: number, anchor: { readonly file: number; readonly position: number } | null): boolean {
  const distance = blocksBetween(run.lastOffset, offset);
  if ((run.lastPosition + distance) % POSITION_MODULUS !== position) return false;
  if (anchor === null) return true;
  const expected = anchor.position - blocksBetween(run.offset, offset);
  if (expected < 0) return false;
  return run.file === null || (run.file.number === anchor.file && run.file.firstPosition === expected);
}

function blocksBetween(from: number, to: number): number {
  return (to - from) / BLOCK_SET_BLOCK_BYTES;
}
