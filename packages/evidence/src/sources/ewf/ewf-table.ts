import type { Problem } from '@kerbside/bytes';
import type { EvidenceFiles } from '../evidence-files.ts';
import { adler32 } from './adler32.ts';
import { TABLE_HEAD_BYTES, type EwfTable } from './ewf-table-list.ts';

const COMPRESSED = 0x8000_0000;
/** Bytes that a chunk may take on disk beyond its own size: zlib's worst case and the checksum. */
const CHUNK_SLACK_BYTES = 4_096;
const MAX_INT32 = 0x7fff_ffff;

/** Place of one chunk in its segment file. */
export interface ChunkPlace {
  readonly position: number;
  readonly length: number;
  readonly isCompressed: boolean;
}

/** The entries of one table, checked. */
export class LoadedTable {
  readonly #entries: Uint32Array;
  readonly #base: number;
  readonly #dataEnd: number;
  readonly #maxLength: number;
  /** First entry past 2 GiB in EnCase 6.7.1's form: from here on bit 31 belongs to the offset. */
  readonly #overflowFrom: number;

  constructor(entries: Uint32Array, base: number, dataEnd: number, chunkBytes: number) {
    this.#entries = entries;
    this.#base = base;
    this.#dataEnd = dataEnd;
    this.#maxLength = chunkBytes + (chunkBytes >>> 6) + CHUNK_SLACK_BYTES;
    this.#overflowFrom = firstOverflow(entries);
  }

  /** Where chunk `index` of this table stands; null when its entry cannot be right. */
  place(index: number): ChunkPlace | null {
    const entry = this.#entries[index];
    if (entry === undefined) return null;
    const position = this.#base + this.#offset(index);
    const next = index + 1 < this.#entries.length ? this.#base + this.#offset(index + 1) : this.#dataEnd;
    const end = next > position ? Math.min(next, this.#dataEnd) : this.#dataEnd;
    const length = Math.min(end - position, this.#maxLength);
    if (length <= 0) return null;
    return { position, length, isCompressed: index < this.#overflowFrom && entry >= COMPRESSED };
  }

  #offset(index: number): number {
    const entry = this.#entries[index]!;
    return index < this.#overflowFrom ? entry & MAX_INT32 : entry;
  }
}

/**
 * Reads a table's entries, from its mirror when the first copy fails its checksum.
 *
 * @param report takes a problem for each copy that fails
 * @returns null when no copy is sound
 */
export function loadTable(files: EvidenceFiles, table: EwfTable, chunkBytes: number, report: (problem: Problem) => void): LoadedTable | null {
  for (const [copy, { position, limitBytes }] of table.heads.entries()) {
    const entryBytes = table.chunkCount * 4;
    const wanted = Math.min(limitBytes, TABLE_HEAD_BYTES + entryBytes + 4);
    const bytes = Buffer.alloc(wanted);
    if (readFully(files, table.segment, bytes, position) && isTableSound(bytes, entryBytes, position)) {
      const entries = new Uint32Array(table.chunkCount);
      for (let i = 0; i < table.chunkCount; i++) entries[i] = bytes.readUInt32LE(TABLE_HEAD_BYTES + i * 4);
      const base = bytes.readUInt32LE(8) + bytes.readUInt32LE(12) * 0x1_0000_0000;
      return new LoadedTable(entries, base, table.dataEnd, chunkBytes);
    }
    const instead = copy + 1 < table.heads.length ? 'its mirror is used' : 'its chunks count as unread';
    report({
      kind: 'malformed',
      code: 'ewf-table-damaged',
      message: `a chunk table fails its checksum (segment ${table.segment + 1}, byte ${position}); ${instead}`,
      where: { offset: table.firstChunk * chunkBytes, length: table.chunkCount * chunkBytes },
    });
  }
  return null;
}

function isTableSound(bytes: Buffer, entryBytes: number, position: number): boolean {
  if (adler32(bytes, 0, 20) !== bytes.readUInt32LE(20)) return false;
  const end = TABLE_HEAD_BYTES + entryBytes;
  if (end + 4 > bytes.length) return true;
  // SMART has no sum here: its first chunk begins where the sum would stand.
  const firstEntry = entryBytes > 0 ? bytes.readUInt32LE(TABLE_HEAD_BYTES) & MAX_INT32 : 0;
  if (firstEntry === position + end) return true;
  return adler32(bytes, TABLE_HEAD_BYTES, end) === bytes.readUInt32LE(end);
}

function firstOverflow(entries: Uint32Array): number {
  for (let i = 1; i < entries.length; i++) {
    const before = entries[i - 1]! & MAX_INT32;
    // The offset wrapped past 2 GiB: 31 bits fall back although the data went on.
    if ((entries[i]! & MAX_INT32) < before && entries[i]! >= COMPRESSED && before > 0x7000_0000) return i;
  }
  return entries.length;
}

function readFully(files: EvidenceFiles, segment: number, bytes: Buffer, position: number): boolean {
  try {
    for (let count = 0; count < bytes.length; ) {
      const read = files.readAt(segment, bytes, count, bytes.length - count, position + count);
      if (read === 0) return false;
      count += read;
    }
    return true;
  } catch {
    return false;
  }
}
