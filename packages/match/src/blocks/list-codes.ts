import { keyedCode } from '@kerbside/bytes';
import { ChunkPool } from '../build/chunk-pool.ts';
import { importLists } from '../build/import-lists.ts';
import { RowCollector } from '../build/row-collector.ts';
import { SpillBuckets } from '../build/spill-buckets.ts';
import { SPILL_SHAPES, spillRowSize } from '../build/spill-row.ts';
import { DIGEST_BYTES, KIND_INDEX } from '../digest-kinds.ts';
import type { FormatOptions } from '../formats/set-format.ts';
import type { CodeCollector } from './code-collector.ts';
import { PURPOSE_OF, type FileDigestKind } from './file-table.ts';
import { SIZE_UNSTATED } from './layout.ts';

/** Kinds in the order in which a row's code is made of them: the cheapest to compute on a device first. */
const BEST_FIRST: readonly FileDigestKind[] = ['sha1', 'sha256', 'md5'];

/** What became of the rows of lists. */
export interface ListTotals {
  readonly read: number;
  readonly rejected: number;
  /** Rows with ED2K alone, of which no code is made. */
  readonly withoutUsableDigest: number;
  readonly warnings: readonly string[];
}

/**
 * Reads hash lists, in any format that `set build` reads, and adds a whole-file code for each row.
 *
 * @param temporary path for rows that memory has no room for
 * @throws RefusedError as `importLists`
 */
export async function collectLists(
  paths: readonly string[],
  codeKey: Uint8Array,
  collector: CodeCollector,
  temporary: string,
  options: FormatOptions,
): Promise<ListTotals> {
  // One bucket a digest kind and first byte, as the row collector numbers them.
  const spill = new SpillBuckets(temporary, 1024, new ChunkPool());
  try {
    const rows = new RowCollector(spill, 'alert');
    const { warnings } = await importLists(paths, rows, options, () => {});
    let withoutUsableDigest = 0;
    for (let bucket = 0; bucket < spill.bucketCount; bucket++) {
      for (const chunk of spill.take(bucket)) withoutUsableDigest += addRows(chunk, codeKey, collector);
    }
    return { read: rows.rowsTaken + rows.rowsRejected, rejected: rows.rowsRejected, withoutUsableDigest, warnings };
  } finally {
    spill.close();
  }
}

/** @returns how many rows gave no code */
function addRows(chunk: Buffer, codeKey: Uint8Array, collector: CodeCollector): number {
  let without = 0;
  for (let at = 0; at < chunk.length; ) {
    const shape = SPILL_SHAPES[chunk[at]!]!;
    const kind = BEST_FIRST.find((one) => shape.digestAt[KIND_INDEX[one]]! >= 0);
    if (kind === undefined) without++;
    else {
      const from = at + shape.digestAt[KIND_INDEX[kind]]!;
      const code = keyedCode(codeKey, PURPOSE_OF[kind], chunk.subarray(from, from + DIGEST_BYTES[kind]));
      const size = spillRowSize(chunk, at);
      collector.files.add(code, kind, size < 0 || size > SIZE_UNSTATED ? SIZE_UNSTATED : size);
    }
    at += shape.lengthBytes;
  }
  return without;
}
