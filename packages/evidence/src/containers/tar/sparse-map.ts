import { MalformedError } from '@kerbside/bytes';
import { BLOCK_BYTES, EXTENSION_SPARSE_RUNS, OLD_SPARSE_RUNS, readNumber, type TarHeader } from './tar-header.ts';
import { decimal, type PaxExtension } from './pax-records.ts';
import type { TarRead } from './tar-steps.ts';

/** A run of content that is stored; between runs the content is zeros. */
export interface SparseRun {
  readonly offset: number;
  readonly length: number;
}

export interface SparseMap {
  readonly runs: readonly SparseRun[];
  /** Length with the holes. */
  readonly sizeBytes: number;
  /** Where the stored bytes begin and how many there are, after a map that stands before them. */
  readonly contentAt: number;
  readonly storedBytes: number;
}

/** Runs of one file; GNU tar writes one for each stretch of data. */
const MAX_RUNS = 100_000;

/**
 * Reads the sparse map of a member in any of its four forms; null when the member is not sparse.
 * @param contentAt first byte after the header block
 * @throws MalformedError `tar-sparse-damaged`
 */
export function* readSparseMap(header: TarHeader, pax: PaxExtension, contentAt: number, storedBytes: number): Generator<TarRead, SparseMap | null, Buffer> {
  const { records } = pax;
  if (header.type === 'S' && header.isGnu) return yield* readOldMap(header, contentAt, storedBytes);
  if (decimal(records.get('GNU.sparse.major')) === 1) return yield* readFirstMap(decimal(records.get('GNU.sparse.realsize')), contentAt, storedBytes);
  const listed = records.get('GNU.sparse.map');
  const numbers = listed === undefined ? pax.sparsePairs : listed.toString('latin1').split(',', 2 * MAX_RUNS + 2).map((text) => decimal(Buffer.from(text)));
  if (numbers.length === 0) return null;
  return checked(pairs(numbers), decimal(records.get('GNU.sparse.size') ?? records.get('GNU.sparse.realsize')), contentAt, storedBytes);
}

function* readOldMap(header: TarHeader, contentAt: number, storedBytes: number): Generator<TarRead, SparseMap, Buffer> {
  const numbers: number[] = [];
  const take = (block: Buffer, at: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      // An unused place is empty.
      if (block[at + i * 24] === 0) continue;
      numbers.push(readNumber(block, at + i * 24, 12), readNumber(block, at + i * 24 + 12, 12));
    }
  };
  take(header.block, 386, OLD_SPARSE_RUNS);
  let at = contentAt;
  let hasMore = header.block[482] !== 0;
  while (hasMore && numbers.length < 2 * MAX_RUNS) {
    const block = yield { type: 'read', at, length: BLOCK_BYTES };
    if (block.length < BLOCK_BYTES) throw damaged('a sparse map is cut short');
    take(block, 0, EXTENSION_SPARSE_RUNS);
    hasMore = block[504] !== 0;
    at += BLOCK_BYTES;
  }
  return checked(pairs(numbers), readNumber(header.block, 483, 12), at, storedBytes);
}

/** Format 1.0: the number of runs, then offset and length of each, a line each, padded to whole blocks. */
function* readFirstMap(sizeBytes: number, contentAt: number, storedBytes: number): Generator<TarRead, SparseMap, Buffer> {
  const lines: number[] = [];
  let wanted = 1;
  let rest = '';
  let at = contentAt;
  while (lines.length < wanted) {
    const block = at - contentAt + BLOCK_BYTES <= storedBytes ? yield { type: 'read', at, length: BLOCK_BYTES } : Buffer.alloc(0);
    if (block.length < BLOCK_BYTES) throw damaged('a sparse map is cut short');
    at += BLOCK_BYTES;
    const parts = (rest + block.toString('latin1')).split('\n');
    rest = parts.pop()!;
    for (const part of parts) if (lines.length < wanted) {
      lines.push(decimal(Buffer.from(part)));
      if (lines.length === 1) wanted = 1 + 2 * lines[0]!;
    }
    if (lines.some((line) => line < 0) || wanted > 1 + 2 * MAX_RUNS || rest.length > BLOCK_BYTES) throw damaged('a sparse map is no list of numbers');
  }
  return checked(pairs(lines.slice(1)), sizeBytes, at, storedBytes - (at - contentAt));
}

function pairs(numbers: readonly number[]): SparseRun[] {
  const runs: SparseRun[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) if (numbers[i + 1] !== 0) runs.push({ offset: numbers[i]!, length: numbers[i + 1]! });
  return runs;
}

function checked(runs: readonly SparseRun[], sizeBytes: number, contentAt: number, storedBytes: number): SparseMap {
  let reach = 0;
  let sum = 0;
  for (const { offset, length } of runs) {
    if (offset < reach || length < 0) throw damaged('the runs of a sparse member overlap or are not in order');
    reach = offset + length;
    sum += length;
  }
  if (runs.length > MAX_RUNS || sizeBytes < reach || sum > storedBytes) throw damaged('the runs of a sparse member do not fit its sizes');
  return { runs, sizeBytes, contentAt, storedBytes };
}

function damaged(message: string): MalformedError {
  return new MalformedError('tar-sparse-damaged', message);
}
