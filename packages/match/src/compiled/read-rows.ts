import { DIGEST_BYTES, KIND_INDEX } from '../digest-kinds.ts';
import type { DigestAlgorithm, SetFacts } from '../known-set.ts';
import { altered } from './header.ts';
import { decodeIntegers } from './integers.ts';
import { RECORD_HAS_SIZE, RECORD_MORE_SIZES, RECORD_SIZE_UNSTATED } from './layout.ts';
import { recordShape } from './record-shape.ts';
import { factsOf } from './set-facts.ts';
import { openSetFile } from './set-file.ts';
import { loadSizeGate } from './size-gate.ts';

/** Rows of one batch, by column. Columns are valid until the next batch is asked for. */
export interface RowBatch {
  readonly count: number;
  /** Bits of the kinds that each row has: 1 MD5, 2 SHA-1, 4 SHA-256, 8 ED2K. */
  readonly kinds: Uint8Array;
  /** Digests side by side for each kind that some row of the set has; zeros where a row has none. */
  readonly digests: ReadonlyMap<DigestAlgorithm, Uint8Array>;
  /** Category of each row, as a place in `categories` of the set. */
  readonly categories: Uint16Array;
  /** Lengths that the row states; null when a source row of it stated none. */
  readonly sizesOf: (row: number) => readonly number[] | null;
}

/** A compiled set to be gone through row by row, in bounded memory. */
export interface SetRows {
  readonly facts: SetFacts;
  /** What the confirmed map makes of the categories, by their place. */
  readonly categories: readonly string[];
  /** Combinations of kinds that rows have, as bits. */
  readonly kindsOfRows: readonly number[];
  /** As the open set's own: null when some row states no length. */
  readonly mayHaveSize: ((sizeBytes: number) => boolean) | null;
  /** Every row once, in the order of the file. @throws RefusedError `set-altered` */
  batches(): Generator<RowBatch, void, undefined>;
  close(): void;
}

/** Blocks of rows in one batch: 256 KiB of records. */
const BATCH_BLOCKS = 64;

/**
 * Opens a compiled set to go through its rows. Every block is checked as it is read; no index is loaded.
 *
 * @throws RefusedError as `openSet`
 */
export function openSetRows(path: string): SetRows {
  const file = openSetFile(path);
  try {
    const { header } = file;
    const shape = recordShape(header.record.kinds.reduce((mask, kind) => mask | (1 << KIND_INDEX[kind]), 0), header.record.sized);
    const readBlock = file.blockReader('rows');
    if (readBlock === null || shape.lengthBytes !== header.record.lengthBytes) throw altered(path, 'the shape of its records');
    const moreSizes = decodeIntegers(file.readWhole('more-sizes'));
    return {
      facts: factsOf(header, path),
      categories: header.categories.map(({ category }) => category),
      kindsOfRows: header.rowsByKinds.map(({ kinds }) => kinds),
      mayHaveSize: loadSizeGate(file),
      *batches() {
        const capacity = BATCH_BLOCKS * shape.perBlock;
        const kinds = new Uint8Array(capacity);
        const categories = new Uint16Array(capacity);
        const sizes = new Float64Array(capacity);
        const digests = new Map(header.record.kinds.map((kind) => [kind, Buffer.alloc(capacity * DIGEST_BYTES[kind])] as const));
        const flags = new Uint8Array(capacity);
        for (let first = 0; first < header.rows; first += capacity) {
          const count = Math.min(capacity, header.rows - first);
          for (let done = 0; done < count; done += shape.perBlock) {
            const block = readBlock((first + done) / shape.perBlock);
            const here = Math.min(shape.perBlock, count - done);
            if (here * shape.lengthBytes > block.length) throw altered(path, `row ${first + done}`);
            for (let i = 0; i < here; i++) {
              const at = i * shape.lengthBytes;
              const row = done + i;
              flags[row] = block[at]!;
              kinds[row] = block[at]! & 0x0f;
              categories[row] = block[at + 1]! | (block[at + 2]! << 8);
              if (categories[row]! >= header.categories.length) throw altered(path, 'a category number');
              if (shape.sizeAt >= 0) sizes[row] = block.readUInt32LE(at + shape.sizeAt) + block.readUInt32LE(at + shape.sizeAt + 4) * 0x1_0000_0000;
              for (const [kind, column] of digests) {
                const from = at + shape.digestAt[KIND_INDEX[kind]]!;
                const length = DIGEST_BYTES[kind];
                block.copy(column, row * length, from, from + length);
              }
            }
          }
          const sizesOf = (row: number): readonly number[] | null => {
            if ((flags[row]! & RECORD_SIZE_UNSTATED) !== 0 || (flags[row]! & RECORD_HAS_SIZE) === 0) return null;
            return (flags[row]! & RECORD_MORE_SIZES) === 0 ? [sizes[row]!] : [sizes[row]!, ...sizesOfRow(moreSizes, first + row)];
          };
          yield { count, kinds, digests, categories, sizesOf };
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Sizes of a row from (row, size) pairs that rise by row. */
function sizesOfRow(pairs: Float64Array, row: number): number[] {
  let low = 0;
  let high = pairs.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pairs[middle * 2]! < row) low = middle + 1;
    else high = middle;
  }
  const sizes: number[] = [];
  for (; low * 2 < pairs.length && pairs[low * 2] === row; low++) sizes.push(pairs[low * 2 + 1]!);
  return sizes;
}
