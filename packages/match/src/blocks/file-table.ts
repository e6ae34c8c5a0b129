import { CODE_PURPOSE } from '@kerbside/bytes';
import { GrowingList } from './growing-list.ts';
import { SIZE_UNSTATED } from './layout.ts';
import { sortCodes } from './sort-codes.ts';

/** What a file's code is made of. */
export type FileDigestKind = 'md5' | 'sha1' | 'sha256';

export const PURPOSE_OF: Readonly<Record<FileDigestKind, number>> = {
  md5: CODE_PURPOSE.fileMd5,
  sha1: CODE_PURPOSE.fileSha1,
  sha256: CODE_PURPOSE.fileSha256,
};

/** Files of the set being built, by the order in which they came. About 30 bytes of memory each. */
export class FileTable {
  readonly #high = new GrowingList((length) => new Uint32Array(length));
  readonly #low = new GrowingList((length) => new Uint32Array(length));
  readonly #sizes = new GrowingList((length) => new Float64Array(length));
  readonly #purposes = new GrowingList((length) => new Uint8Array(length));

  get length(): number {
    return this.#high.length;
  }

  /**
   * Adds a file.
   * @param code 8 bytes
   * @param sizeBytes length, `SIZE_UNSTATED` where nobody states one
   * @returns its number in the order of coming
   */
  add(code: Uint8Array, kind: FileDigestKind, sizeBytes: number): number {
    this.#high.push(readCodeHalf(code, 0));
    this.#low.push(readCodeHalf(code, 4));
    this.#sizes.push(sizeBytes);
    this.#purposes.push(PURPOSE_OF[kind]);
    return this.length - 1;
  }

  hasCode(file: number, high: number, low: number): boolean {
    return this.#high.view()[file] === high && this.#low.view()[file] === low;
  }

  /** Files in the order of their codes, each content once, as the set holds them. */
  sorted(): SortedFiles {
    const [high, low, sizes, purposes] = [this.#high.view(), this.#low.view(), this.#sizes.view(), this.#purposes.view()];
    const order = sortCodes(high, low, this.length);
    const finalNumber = new Uint32Array(this.length);
    let kept = 0;
    for (let from = 0; from < order.length; ) {
      let to = from + 1;
      while (to < order.length && high[order[to]!] === high[order[from]!] && low[order[to]!] === low[order[from]!]) to++;
      // Of one code each length once; a file that states none adds nothing to one that does.
      const group = [...order.subarray(from, to)].sort((a, b) => sizes[a]! - sizes[b]! || a - b);
      let last = -1;
      for (const file of group) {
        const size = sizes[file]!;
        if (last < 0 || (size !== sizes[last] && size !== SIZE_UNSTATED)) {
          last = file;
          order[kept++] = file;
        }
        finalNumber[file] = kept - 1;
      }
      from = to;
    }
    return { count: kept, order: order.subarray(0, kept), finalNumber, high, low, sizes, purposes };
  }
}

/** Files as they go into the set: number i of the set is number `order[i]` in the order of coming. */
export interface SortedFiles {
  readonly count: number;
  readonly order: Uint32Array;
  /** Number in the set, by number in the order of coming; doubles have the number of the one that stays. */
  readonly finalNumber: Uint32Array;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly sizes: Float64Array;
  readonly purposes: Uint8Array;
}

/** 32 bits of a code, most significant first. */
export function readCodeHalf(code: Uint8Array, at: number): number {
  return ((code[at]! << 24) | (code[at + 1]! << 16) | (code[at + 2]! << 8) | code[at + 3]!) >>> 0;
}
