import { MAX_ENTRIES_PER_VOLUME, problemFrom, type ByteRange, type Problem } from '@kerbside/bytes';
import type { WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { AttributeTable } from './attributes.ts';
import type { ClusterBitmap } from './cluster-bitmap.ts';
import { DirectoryTree } from './directory-tree.ts';
import { FileReader } from './file-reader.ts';
import { applyFixUps, BAAD_MAGIC, FILE_MAGIC, readU16, readU32, readU48, RECORD_IN_USE } from './fix-ups.ts';
import { ListedRecords } from './listed-records.ts';
import type { LocatedMft } from './locate-mft.ts';
import { indexRecords, isSameUse, IS_EXTENSION, PIECE_BYTES, readRecords, RecordIndex } from './record-index.ts';
import { StreamReader } from './stream-reader.ts';
import type { ClusterSpace } from './stream-extents.ts';

/**
 * Items that a volume may yield: a record of 1 KiB has room for some 40 names and streams. More can
 * only come from links × streams, of which real volumes have few.
 */
const MAX_ITEMS_PER_RECORD = 64;
const MAX_ITEMS_FLOOR = 4096;

/** What a walk needs of the opened volume. */
export interface WalkInput {
  readonly volume: Volume;
  readonly mft: LocatedMft;
  readonly recordSize: number;
  readonly space: ClusterSpace;
  readonly bitmap: () => ClusterBitmap | null;
}

/** The most items that a walk over `recordCount` records yields. */
export function itemBudget(recordCount: number): number {
  return Math.min(MAX_ENTRIES_PER_VOLUME, recordCount * MAX_ITEMS_PER_RECORD + MAX_ITEMS_FLOOR);
}

/** Records handled before their events are handed on: few enough for live progress, enough to make handing on cheap. */
const BATCH_RECORDS = 64;

/**
 * A walk over $MFT in record order, twice: first the heads and the directories' names, then the
 * files. Directory indexes are not read, so damage to them loses nothing. It hands out batches
 * rather than being a generator, because each level of generators costs as much as reading a record.
 */
export class RecordWalk {
  /** True when there is nothing more to read. */
  done = false;
  readonly #input: WalkInput;
  readonly #index: RecordIndex;
  readonly #indexing: Generator<number, void, undefined>;
  #indexed = 0;
  readonly #table = new AttributeTable();
  readonly #files: FileReader;
  readonly #listed: ListedRecords;
  readonly #treeProblems: Problem[] = [];
  /** Extension records whose base record was read with them. */
  readonly #claimed: Uint8Array;
  readonly #piece: Buffer;
  #next = 0;
  #itemsLeft: number;
  /** A row of lost records not yet reported. */
  #lostFrom = -1;
  #lostTo = -1;

  constructor(input: WalkInput) {
    this.#input = input;
    const { volume, mft, recordSize, space, bitmap } = input;
    this.#index = new RecordIndex(mft.recordCount);
    this.#indexing = indexRecords(mft, recordSize, this.#index);
    this.#claimed = new Uint8Array(mft.recordCount);
    this.#piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, mft.recordCount * recordSize));
    this.#itemsLeft = itemBudget(mft.recordCount);
    const tree = new DirectoryTree(this.#index, this.#treeProblems);
    const streams = new StreamReader(mft.stream, space, bitmap);
    this.#files = new FileReader(volume.id, volume.source, space, this.#index, tree, streams);
    this.#listed = new ListedRecords(volume.source, space.clusterSizeBytes, mft.stream.sizeBytes);
  }

  /** Bytes of $MFT read so far: each is read twice. */
  get readBytes(): number {
    return (this.#indexed + this.#next) * this.#input.recordSize;
  }

  /** Bytes of $MFT to be read in all. */
  get totalBytes(): number {
    return 2 * this.#index.recordCount * this.#input.recordSize;
  }

  /** Reads the next records and adds what comes of them to `out`: nothing while the first pass goes on. */
  readBatch(out: WalkEvent[]): void {
    const { mft, recordSize } = this.#input;
    if (this.#indexed < mft.recordCount) {
      this.#indexed = this.#indexing.next().value ?? mft.recordCount;
      return;
    }
    const perPiece = this.#piece.length / recordSize;
    if (this.#next >= mft.recordCount) {
      this.done = true;
      this.#finish(out);
      return;
    }
    if (this.#next % perPiece === 0) {
      for (const range of readRecords(mft, this.#piece, this.#next, recordSize)) out.push(this.#unreadable(range));
    }
    const first = this.#next - (this.#next % perPiece);
    const end = Math.min(this.#next + BATCH_RECORDS, first + perPiece, mft.recordCount);
    for (; this.#next < end && !this.done; this.#next++) this.#readRecord(this.#piece, (this.#next - first) * recordSize, this.#next, out);
    if (this.#treeProblems.length === 0) return;
    for (const problem of this.#treeProblems) out.push({ type: 'problem', problem: { ...problem, where: { volume: this.#input.volume.id } } });
    this.#treeProblems.length = 0;
  }

  #readRecord(bytes: Buffer, at: number, entry: number, out: WalkEvent[]): void {
    const magic = readU32(bytes, at);
    if (magic !== FILE_MAGIC) {
      if (magic === BAAD_MAGIC) out.push(this.#problem(entry, 'ntfs-record-baad', 'was marked as torn by the system that used it'));
      else this.#noteLost(bytes, at, entry, out);
      return;
    }
    if ((this.#index.flags[entry]! & IS_EXTENSION) !== 0) return;
    try {
      this.#readFile(bytes, at, entry, out);
    } catch (error) {
      out.push({ type: 'problem', problem: problemFrom(error, this.#where(entry)) });
    }
  }

  #readFile(bytes: Buffer, at: number, entry: number, out: WalkEvent[]): void {
    const { recordSize } = this.#input;
    if (!applyFixUps(bytes, at, recordSize)) {
      out.push(this.#problem(entry, 'ntfs-record-torn', 'fails its update sequence check: it was written only in part'));
      return;
    }
    const table = this.#table;
    table.clear();
    if (!table.addRecord(bytes, at, recordSize, entry * recordSize - at)) {
      out.push(this.#problem(entry, 'ntfs-record-malformed', 'holds attributes that do not fit it; what stands before them was read'));
    }
    const extended = this.#index.firstExtension[entry] !== 0 || table.list >= 0;
    if (extended) this.#addExtensions(table, entry, out);
    if (table.hasUnknownType) out.push(this.#problem(entry, 'ntfs-attribute-unknown', 'holds an attribute of a type that NTFS does not have: what is in it was not read'));
    const before = out.length;
    if (!this.#files.read(table, entry, extended, this.#itemsLeft, out)) this.#stop(out);
    this.#itemsLeft -= out.length - before;
  }

  /**
   * Adds the records that name this one as their base. The attribute list is only asked whether one is
   * missing: what the records say themselves survives damage to it and cannot lead in circles.
   */
  #addExtensions(table: AttributeTable, entry: number, out: WalkEvent[]): void {
    const { mft, recordSize } = this.#input;
    const inUse = (this.#index.flags[entry]! & RECORD_IN_USE) !== 0;
    const found = new Set<number>();
    for (let next = this.#index.firstExtension[entry]!; next !== 0; next = this.#index.nextExtension[next - 1]!) {
      const extension = next - 1;
      // A record in use belongs to a file in use, and a freed one to a deleted file.
      if (((this.#index.flags[extension]! & RECORD_IN_USE) !== 0) !== inUse) continue;
      const bytes = Buffer.alloc(recordSize);
      if (mft.stream.read(bytes, extension * recordSize).length > 0 || readU48(bytes, 0x20) !== entry) continue;
      if (!isSameUse(this.#index.sequence[entry]!, inUse, readU16(bytes, 0x26))) continue;
      this.#claimed[extension] = 1;
      if (!applyFixUps(bytes, 0, recordSize)) {
        out.push(this.#problem(extension, 'ntfs-record-torn', 'fails its update sequence check: it was written only in part'));
        continue;
      }
      found.add(extension);
      if (!table.addRecord(bytes, 0, recordSize, extension * recordSize)) {
        out.push(this.#problem(extension, 'ntfs-record-malformed', 'holds attributes that do not fit it; what stands before them was read'));
      }
    }
    const missing = this.#listed.findMissing(table, entry, found);
    if (missing !== null) out.push(this.#problem(entry, 'ntfs-extension-missing', missing));
  }

  /** Notes a record that is in use and has nothing in it; rows of them make one problem. */
  #noteLost(bytes: Buffer, at: number, entry: number, out: WalkEvent[]): void {
    const { inUse } = this.#input.mft;
    const used = inUse === null ? !isZero(bytes, at, this.#input.recordSize) : (inUse[entry >> 3]! & (1 << (entry & 7))) !== 0;
    if (!used) return;
    if (this.#lostTo !== entry - 1 || this.#lostFrom < 0) {
      this.#flushLost(out);
      this.#lostFrom = entry;
    }
    this.#lostTo = entry;
  }

  #flushLost(out: WalkEvent[]): void {
    if (this.#lostFrom < 0) return;
    const count = this.#lostTo - this.#lostFrom + 1;
    const which = count === 1 ? 'is' : `and the ${count - 1} after it are`;
    out.push(this.#problem(this.#lostFrom, 'ntfs-record-lost', `${which} in use and hold no record: files are missing`));
    this.#lostFrom = -1;
  }

  #finish(out: WalkEvent[]): void {
    this.#flushLost(out);
    for (let entry = 0; entry < this.#index.recordCount; entry++) {
      const flags = this.#index.flags[entry]!;
      if ((flags & IS_EXTENSION) === 0 || (flags & RECORD_IN_USE) === 0 || this.#claimed[entry] === 1) continue;
      out.push(this.#problem(entry, 'ntfs-extension-lost', 'holds a part of a file that could not be found: that part was not read'));
    }
  }

  #unreadable(range: ByteRange): WalkEvent {
    const offset = this.#input.mft.stream.sourceOffset(range.offset);
    const message = `${range.length} bytes of $MFT could not be read: files may be missing`;
    const where = { volume: this.#input.volume.id, offset, length: range.length };
    return { type: 'problem', problem: { kind: 'medium', code: 'unreadable-bytes', message, where } };
  }

  #stop(out: WalkEvent[]): void {
    this.done = true;
    this.#flushLost(out);
    const budget = itemBudget(this.#index.recordCount);
    out.push({
      type: 'problem',
      problem: {
        kind: 'limit',
        code: 'ntfs-item-limit',
        message: `more than ${budget} items for ${this.#index.recordCount} records: the rest was not listed`,
        where: { volume: this.#input.volume.id },
      },
    });
  }

  #problem(entry: number, code: string, what: string): WalkEvent {
    return { type: 'problem', problem: { kind: 'malformed', code, message: `record ${entry} of $MFT ${what}`, where: this.#where(entry) } };
  }

  #where(entry: number): Problem['where'] {
    const { mft, recordSize, volume } = this.#input;
    const offset = mft.stream.sourceOffset(entry * recordSize);
    return offset < 0 ? { volume: volume.id } : { volume: volume.id, offset, length: recordSize };
  }
}

function isZero(bytes: Buffer, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== 0) return false;
  return true;
}
