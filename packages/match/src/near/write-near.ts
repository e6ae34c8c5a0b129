import { readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InternalError, RefusedError } from '@kerbside/bytes';
import type { ChunkPool } from '../build/chunk-pool.ts';
import type { SetFileWriter } from '../build/set-file-writer.ts';
import { BLOCK_BYTES } from '../compiled/layout.ts';
import { SpillBuckets } from '../build/spill-buckets.ts';
import { buildTable } from './build-table.ts';
import { NEAR_BUCKETS_PER_DIALECT, NEAR_SPILL_BYTES, type NearCollector } from './near-collector.ts';
import { MAX_NEAR_HASHES, NEAR_ROW_FIXED_BYTES, type NearFacts, type NearPart } from './near-layout.ts';
import { chooseChunkCount, chunkValue, cutChunks } from './near-plan.ts';
import { PDQ_BYTES, PDQ_DIALECTS, PDQ_WORDS, type PdqDialect } from './pdq-hash.ts';
import { sameHash, sameRow, sortSpilled } from './sort-hashes.ts';

/** Hashes read back at once while tables are made. */
const READ_HASHES = 32 * 1024;

/** What writing needs. */
export interface NearWriting {
  readonly fd: number;
  readonly writer: SetFileWriter;
  readonly collector: NearCollector;
  readonly pool: ChunkPool;
  /** Path for temporary files. */
  readonly partial: string;
  /** Places of the collector's category codes in the header. */
  readonly finalCode: Uint16Array;
}

/** Writes all near-match sections; null when there is no hash. Memory: about 16 bytes a hash while a table is made. */
export async function writeNear(writing: NearWriting): Promise<NearFacts | null> {
  const { collector, writer } = writing;
  const { read, notComparable, refusedCount, pruned, lostWithRow, withoutQuality, unbalanced, photoDna } = collector;
  if (read === 0 && photoDna === 0) return null;
  const rowBytes = NEAR_ROW_FIXED_BYTES + collector.digestRoom;
  const spool = new SpillBuckets(`${writing.partial}-near-rows`, 1, writing.pool);
  try {
    const rows = new RowBlocks(spool, rowBytes);
    const parts: NearPart[] = [];
    for (const dialect of PDQ_DIALECTS) {
      const firstRow = rows.count;
      const { hashes, hashesAt } = writeHashes(writing, dialect, rows);
      if (hashes === 0) continue;
      const chunks = chooseChunkCount(hashes);
      await writeTables(writing, dialect, hashes, hashesAt, chunks);
      parts.push({ dialect, hashes, rows: rows.count - firstRow, firstRow, chunks });
    }
    if (parts.length > 0) {
      writer.begin('near-rows', 'blocks');
      for (const block of rows.blocks()) writer.write(block);
      writer.end();
      writer.begin('near-labels', 'blocks');
      for (const block of collector.labels.blocks()) writer.write(block);
      writer.end();
    }
    return {
      parts,
      rowBytes,
      prunedWithin: collector.prunedWithin,
      totals: {
        read, taken: rows.count, duplicate: collector.kept - rows.count, notComparable, refused: refusedCount, refusedByReason: collector.refused.result(),
        pruned, lostWithRow, withoutQuality, unbalanced, photoDna,
      },
    };
  } finally {
    spool.close();
  }
}

/** Sorts the hashes of a dialect, writes `near-hashes-D` and `near-first-D`, and sets their rows aside. */
function writeHashes({ writer, collector, finalCode }: NearWriting, dialect: PdqDialect, rows: RowBlocks): { hashes: number; hashesAt: number } {
  const { spill } = collector;
  const firstBucket = PDQ_DIALECTS.indexOf(dialect) * NEAR_BUCKETS_PER_DIALECT;
  const sizes = Array.from({ length: NEAR_BUCKETS_PER_DIALECT }, (_, i) => spill.sizeOf(firstBucket + i));
  const spilled = sizes.reduce((sum, size) => sum + size, 0) / NEAR_SPILL_BYTES;
  if (spilled === 0) return { hashes: 0, hashesAt: 0 };
  if (spilled > MAX_NEAR_HASHES) {
    throw new RefusedError('set-too-many-hashes', `a set holds at most ${MAX_NEAR_HASHES} PDQ hashes of one dialect, the lists have ${spilled}: build several sets`);
  }
  const loaded = Buffer.allocUnsafeSlow(Math.max(...sizes));
  const first = new Uint32Array(spilled + 1);
  let hashes = 0;
  const begin = rows.count;
  const hashesAt = writer.position;
  writer.begin(`near-hashes-${dialect}`, 'whole');
  for (const [i, size] of sizes.entries()) {
    if (size === 0) continue;
    spill.load(firstBucket + i, loaded);
    const bytes = loaded.subarray(0, size);
    // Categories get their place in the header before rows are compared, so that the order does not hang on the lists'.
    for (let at = PDQ_BYTES; at < size; at += NEAR_SPILL_BYTES) bytes.writeUInt16LE(finalCode[bytes.readUInt16LE(at)]!, at);
    const order = sortSpilled(bytes);
    const words = new Uint32Array(order.length * PDQ_WORDS);
    let words32 = 0;
    for (let entry = 0; entry < order.length; entry++) {
      const at = order[entry]!;
      const isNew = entry === 0 || !sameHash(bytes, order[entry - 1]!, at);
      if (!isNew && sameRow(bytes, order[entry - 1]!, at)) continue;
      if (isNew) {
        first[hashes++] = rows.count - begin;
        for (let word = 0; word < PDQ_WORDS; word++) words[words32++] = bytes.readUInt32BE(at + word * 4);
      }
      rows.add(bytes, at + PDQ_BYTES);
    }
    writer.write(new Uint8Array(words.buffer, 0, words32 * 4));
  }
  writer.end();
  first[hashes] = rows.count - begin;
  if (rows.count - begin > hashes) {
    writer.begin(`near-first-${dialect}`, 'whole');
    writer.write(new Uint8Array(first.buffer, 0, (hashes + 1) * 4));
    writer.end();
  }
  return { hashes, hashesAt };
}

async function writeTables({ writer, fd }: NearWriting, dialect: PdqDialect, hashes: number, hashesAt: number, chunkCount: number): Promise<void> {
  const piece = Buffer.allocUnsafeSlow(READ_HASHES * PDQ_BYTES);
  const words = new Uint32Array(piece.buffer);
  const values = new Uint32Array(hashes);
  for (const [k, chunk] of cutChunks(chunkCount).entries()) {
    for (let from = 0; from < hashes; from += READ_HASHES) {
      const count = Math.min(READ_HASHES, hashes - from);
      readBack(fd, piece.subarray(0, count * PDQ_BYTES), hashesAt + from * PDQ_BYTES);
      for (let i = 0; i < count; i++) values[from + i] = chunkValue(words, i * PDQ_WORDS, chunk);
    }
    const { table, ids } = buildTable(chunk, values);
    writer.begin(`near-table-${dialect}-${k}`, 'whole');
    writer.write(new Uint8Array(table.buffer));
    writer.end();
    writer.begin(`near-ids-${dialect}-${k}`, 'whole');
    writer.write(new Uint8Array(ids.buffer));
    writer.end();
    await nextTurn();
  }
}

function readBack(fd: number, into: Buffer, position: number): void {
  for (let done = 0; done < into.length; ) {
    const got = readSync(fd, into, done, into.length - done, position + done);
    if (got === 0) throw new InternalError('set-read-back', 'the unfinished set is shorter than what was written to it');
    done += got;
  }
}

/** Lays rows out in blocks, as many as fit each. */
class RowBlocks {
  count = 0;
  readonly #spool: SpillBuckets;
  readonly #rowBytes: number;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #fill = 0;

  constructor(spool: SpillBuckets, rowBytes: number) {
    this.#spool = spool;
    this.#rowBytes = rowBytes;
  }

  add(bytes: Buffer, at: number): void {
    if (this.#fill + this.#rowBytes > BLOCK_BYTES) this.#flush();
    bytes.copy(this.#block, this.#fill, at, at + this.#rowBytes);
    this.#fill += this.#rowBytes;
    this.count++;
  }

  *blocks(): Generator<Buffer, void, void> {
    if (this.#fill > 0) this.#flush();
    yield* this.#spool.take(0);
  }

  #flush(): void {
    const at = this.#spool.reserve(0, BLOCK_BYTES);
    this.#block.copy(this.#spool.target, at);
    this.#block.fill(0);
    this.#fill = 0;
  }
}
