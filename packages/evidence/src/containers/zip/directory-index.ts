import { CENTRAL_BYTES, centralRecordLength, LOCAL_BYTES, readCentralRecord, u16, u32, type ZipRecord } from './zip-records.ts';

/** What one pass over the central directory finds, before any member is given out. */
export interface DirectoryIndex {
  /** Where each record stands in the directory. */
  readonly recordAt: Uint32Array;
  /** Where each member begins in the source, and where it ends at the earliest (its local extra field is not known yet). */
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly count: number;
  /** More records follow than the limit allows. */
  readonly isOverLimit: boolean;
  /** Where the chain of records breaks before the directory's end; -1 when it does not. */
  readonly brokenAt: number;
  /** Members that have the name of another before them. */
  readonly duplicates: number;
  readonly firstDuplicate: ZipRecord | null;
}

/**
 * Indexes up to `maxEntries` records of the directory.
 * @param base what stored offsets are counted from
 */
export function indexDirectory(directory: Buffer, base: number, maxEntries: number): DirectoryIndex {
  const most = Math.min(maxEntries, Math.floor(directory.length / CENTRAL_BYTES));
  const recordAt = new Uint32Array(most);
  const start = new Float64Array(most);
  const end = new Float64Array(most);
  const names = new NameTable(directory, recordAt, most);
  let count = 0;
  let duplicates = 0;
  let firstDuplicate: ZipRecord | null = null;
  let at = 0;
  while (at < directory.length && count < most) {
    const length = centralRecordLength(directory, at);
    if (length === 0) break;
    const [packed, stated] = [u32(directory, at + 20), u32(directory, at + 42)];
    const isWide = packed === 0xffff_ffff || stated === 0xffff_ffff;
    const record = isWide ? readCentralRecord(directory, at, base) : null;
    recordAt[count] = at;
    start[count] = record?.localOffset ?? stated + base;
    end[count] = start[count]! + LOCAL_BYTES + u16(directory, at + 28) + (record?.packedBytes ?? packed);
    if (names.isKnown(count)) {
      duplicates += 1;
      firstDuplicate ??= readCentralRecord(directory, at, base);
    }
    count += 1;
    at += length;
  }
  const isOverLimit = count === maxEntries && at < directory.length && centralRecordLength(directory, at) > 0;
  // A digital signature of the directory (`PK` 05 05) may follow the records.
  const isSignature = at + 4 <= directory.length && u32(directory, at) === 0x0505_4b50;
  return { recordAt, start, end, count, isOverLimit, brokenAt: at < directory.length && !isOverLimit && !isSignature ? at : -1, duplicates, firstDuplicate };
}

/** Which names came before, by an open table of record numbers; full names are compared, so nothing is a duplicate by chance. */
class NameTable {
  readonly #directory: Buffer;
  readonly #recordAt: Uint32Array;
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;

  constructor(directory: Buffer, recordAt: Uint32Array, most: number) {
    this.#directory = directory;
    this.#recordAt = recordAt;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(most * 2 + 2)));
    this.#hashes = new Int32Array(most);
  }

  isKnown(number: number): boolean {
    const at = this.#recordAt[number]!;
    const length = u16(this.#directory, at + 28);
    const hash = hashBytes(this.#directory, at + CENTRAL_BYTES, length);
    this.#hashes[number] = hash;
    const mask = this.#slots.length - 1;
    // A crafted directory could put every name in one place: after so many steps the question stays open.
    for (let slot = hash & mask, steps = 0; steps < MAX_STEPS; slot = (slot + 1) & mask, steps++) {
      const other = this.#slots[slot]! - 1;
      if (other < 0) {
        this.#slots[slot] = number + 1;
        return false;
      }
      if (this.#hashes[other] === hash && this.#isSame(at, this.#recordAt[other]!, length)) return true;
    }
    return false;
  }

  #isSame(a: number, b: number, length: number): boolean {
    if (u16(this.#directory, b + 28) !== length) return false;
    return this.#directory.compare(this.#directory, b + CENTRAL_BYTES, b + CENTRAL_BYTES + length, a + CENTRAL_BYTES, a + CENTRAL_BYTES + length) === 0;
  }
}

const MAX_STEPS = 256;

/** FNV-1a with a last mix, so that the low bits differ too. */
function hashBytes(bytes: Buffer, at: number, length: number): number {
  let hash = 0x811c_9dc5;
  for (let i = at; i < at + length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
}
