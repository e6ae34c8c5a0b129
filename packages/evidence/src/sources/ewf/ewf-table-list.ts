import type { ByteView, Problem } from '@kerbside/bytes';
import { adler32 } from './adler32.ts';
import type { EwfMedia } from './ewf-media.ts';
import { DESCRIPTOR_BYTES, payloadBytes, type SectionDescriptor } from './ewf-section.ts';

/**
 * `table` and its mirror `table2`:
 *
 * | offset | size | field                                                       |
 * | -----: | ---: | ------------------------------------------------------------ |
 * |      0 |    4 | number of entries                                             |
 * |      8 |    8 | base offset in the segment file (EnCase 6.7 and later, else 0) |
 * |     20 |    4 | Adler-32 of 0–19                                              |
 * |     24 |  4 n | entries: offset, bit 31 = compressed                          |
 * |        |    4 | Adler-32 of the entries (not in SMART)                        |
 *
 * In EnCase 1 and SMART the chunks stand in the table section itself, after the entries.
 */
export const TABLE_HEAD_BYTES = 24;
/** Entries of one table: EnCase writes at most 65,534; a stream writer may put a whole segment into one. */
const MAX_TABLE_ENTRIES = 4 * 1024 * 1024;

/** Where the chunk table is on disk; entries are read only when needed. */
export interface EwfTable {
  readonly segment: number;
  readonly firstChunk: number;
  /** Number of entries. */
  readonly chunkCount: number;
  /** Positions of the table's heads in the segment file: the table and its mirror, those that can be used. */
  readonly heads: readonly { readonly position: number; readonly limitBytes: number }[];
  /** End of the chunk data in the segment file. */
  readonly dataEnd: number;
}

interface FoundTable {
  readonly segment: number;
  entryCount: number | null;
  readonly heads: { position: number; limitBytes: number }[];
  readonly dataEnd: number;
  mirrored: boolean;
}

/** Gathers table sections in order and gives each its first chunk number. */
export class TableCollector {
  readonly #problems: Problem[];
  readonly #found: FoundTable[] = [];
  #sectorsEnd: number | null = null;

  constructor(problems: Problem[]) {
    this.#problems = problems;
  }

  /** A `sectors` section ended at this position: the next table speaks of it. */
  sectors(end: number): void {
    this.#sectorsEnd = end;
    const last = this.#found.at(-1);
    if (last !== undefined) last.mirrored = true;
  }

  table(segment: number, section: SectionDescriptor, head: ByteView): void {
    const position = section.offset + DESCRIPTOR_BYTES;
    const limitBytes = payloadBytes(section);
    const entryCount = entryCountOf(head, limitBytes);
    if (entryCount === null) {
      this.#problems.push({ kind: 'malformed', code: 'ewf-table-damaged', message: `the head of a chunk table fails its checksum (segment ${segment + 1}, byte ${position})`, where: {} });
    }
    const previous = this.#found.at(-1);
    if (section.type === 'table2' && previous !== undefined && previous.segment === segment && !previous.mirrored) {
      previous.mirrored = true;
      if (entryCount !== null && (previous.entryCount === null || previous.entryCount === entryCount)) {
        previous.entryCount = entryCount;
        previous.heads.push({ position, limitBytes });
      }
      return;
    }
    this.#found.push({
      segment,
      entryCount,
      heads: entryCount === null ? [] : [{ position, limitBytes }],
      dataEnd: this.#sectorsEnd ?? section.offset + section.sizeBytes,
      mirrored: false,
    });
    this.#sectorsEnd = null;
  }

  /** Numbers the chunks. Where a table's length is lost for good, what follows it cannot be placed and stays unread. */
  place(media: EwfMedia): { tables: EwfTable[]; reachableChunks: number } {
    const known = this.#found.reduce((sum, table) => sum + (table.entryCount ?? 0), 0);
    const lost = this.#found.filter((table) => table.entryCount === null);
    if (lost.length === 1) {
      // One lost length follows from the total.
      lost[0]!.entryCount = Math.max(0, media.chunkCount - known);
    }
    const tables: EwfTable[] = [];
    let chunk = 0;
    for (const { segment, entryCount, heads, dataEnd } of this.#found) {
      if (entryCount === null) break;
      tables.push({ segment, firstChunk: chunk, chunkCount: entryCount, heads, dataEnd });
      chunk += entryCount;
    }
    const needed = Math.ceil(media.sizeBytes / media.chunkBytes);
    if (chunk < needed) {
      this.#problems.push({
        kind: 'malformed',
        code: 'ewf-chunks-missing',
        message: `the chunk tables reach ${chunk} of the ${needed} chunks of the medium; the rest counts as unread`,
        where: { offset: chunk * media.chunkBytes, length: media.sizeBytes - chunk * media.chunkBytes },
      });
    } else if (chunk > needed) {
      this.#problems.push({ kind: 'malformed', code: 'ewf-chunks-surplus', message: `the chunk tables hold ${chunk} chunks, the medium has ${needed}`, where: {} });
    }
    return { tables, reachableChunks: Math.min(chunk, needed) };
  }
}

function entryCountOf(head: ByteView, limitBytes: number): number | null {
  if (head.length < TABLE_HEAD_BYTES || adler32(head.bytes, 0, 20) !== head.u32(20)) return null;
  const entries = head.u32(0);
  return entries <= MAX_TABLE_ENTRIES && TABLE_HEAD_BYTES + entries * 4 <= limitBytes ? entries : null;
}
