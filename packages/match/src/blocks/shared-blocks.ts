import type { BlockFiles, LeftOut } from './code-collector.ts';
import type { BlockMarks } from './block-marks.ts';
import { fileOfBlock } from './file-of-block.ts';

/** Blocks in more files than this are common without a closer look. */
const MOST_RELATED_FILES = 8;
/** Two files are versions of one another when they share at least so many blocks … */
const LEAST_SHARED_BLOCKS = 8;
/** … and at least this share of the probative blocks of the one that has fewer. */
const LEAST_SHARED_PART = 0.5;
/** Blocks that may wait for that decision (16 bytes each), and pairs of files; beyond either a shared block is common. */
const MOST_WAITING = 4_000_000;
const MOST_PAIRS = 1_000_000;

/**
 * Decides what becomes of blocks that stand in more than one place: in one file twice, in several
 * files, in several versions of one file (a copy cut short, a title changed).
 *
 * A block of unrelated files says too little and is dropped from all. A block of versions of one
 * file says as much as any other: it stays with the version that has most blocks, so that a set that
 * holds a film and half a download of it loses neither.
 */
export class SharedBlocks {
  readonly #files: BlockFiles;
  readonly #leftOut: LeftOut;
  readonly #pairs = new Map<number, number>();
  readonly #sharedByPair: number[] = [];
  readonly #waiting: { readonly block: number; readonly pairs: readonly number[] }[] = [];

  constructor(files: BlockFiles, leftOut: LeftOut) {
    this.#files = files;
    this.#leftOut = leftOut;
  }

  /**
   * Takes the blocks of one code, which are more than one.
   * @param blocks numbers of the blocks, of files that are used
   * @param allowed whether the allow-list has the block too
   * @returns the number of the block that may stay, to be confirmed by `settle`; -1 when none may
   */
  take(blocks: readonly number[], allowed: boolean): number {
    if (allowed) return this.#drop('allow-listed', blocks.length);
    const files = blocks.map((block) => fileOfBlock(this.#files, block));
    const distinct = new Set(files);
    if (distinct.size === 1) return this.#drop('repeated', blocks.length);
    if (distinct.size < files.length || distinct.size > MOST_RELATED_FILES || this.#waiting.length >= MOST_WAITING) {
      return this.#drop('common', blocks.length);
    }
    let keeper = 0;
    for (let i = 1; i < files.length; i++) {
      if (this.#files.candidates[files[i]!]! > this.#files.candidates[files[keeper]!]!) keeper = i;
    }
    const pairs: number[] = [];
    for (let i = 0; i < files.length; i++) {
      if (i === keeper) continue;
      const pair = this.#pairOf(files[keeper]!, files[i]!);
      if (pair < 0) return this.#drop('common', blocks.length);
      pairs.push(pair);
    }
    for (const pair of pairs) this.#sharedByPair[pair]!++;
    this.#waiting.push({ block: blocks[keeper]!, pairs });
    return blocks[keeper]!;
  }

  /** Decides all blocks that wait: marks those that stay, counts the others. */
  settle(marks: BlockMarks): void {
    const related = new Uint8Array(this.#sharedByPair.length);
    for (const [key, pair] of this.#pairs) {
      const most = Math.floor(key / this.#files.candidates.length);
      const other = key % this.#files.candidates.length;
      const fewer = Math.min(this.#files.candidates[most]!, this.#files.candidates[other]!);
      const shared = this.#sharedByPair[pair]!;
      if (shared >= LEAST_SHARED_BLOCKS && shared >= fewer * LEAST_SHARED_PART) related[pair] = 1;
    }
    for (const { block, pairs } of this.#waiting) {
      if (pairs.every((pair) => related[pair] === 1)) {
        marks.setIndexed(block);
        this.#drop('related', pairs.length);
      } else this.#drop('common', pairs.length + 1);
    }
  }

  #pairOf(keeper: number, other: number): number {
    const key = keeper * this.#files.candidates.length + other;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    if (this.#pairs.size >= MOST_PAIRS) return -1;
    const pair = this.#sharedByPair.length;
    this.#pairs.set(key, pair);
    this.#sharedByPair.push(0);
    return pair;
  }

  #drop(rule: string, count: number): -1 {
    this.#leftOut[rule] = (this.#leftOut[rule] ?? 0) + count;
    return -1;
  }
}
