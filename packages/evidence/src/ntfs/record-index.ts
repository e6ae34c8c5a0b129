import type { ByteRange } from '@kerbside/bytes';
import { AttributeTable } from './attributes.ts';
import { chooseName, nameBytes, parentEntryOf, parentSequenceOf } from './file-names.ts';
import { applyFixUps, FILE_MAGIC, readU16, readU32, readU48, RECORD_IN_USE, RECORD_IS_DIRECTORY } from './fix-ups.ts';
import type { LocatedMft } from './locate-mft.ts';

/** Bytes of $MFT read at a time: few enough to stay in a processor's cache while they are parsed. */
export const PIECE_BYTES = 512 * 1024;

export const ROOT_ENTRY = 5;

/** Flag of {@link RecordIndex.flags} beside those of the record: the record holds attributes of another one. */
export const IS_EXTENSION = 0x80;

/**
 * What the first pass over $MFT keeps, in typed arrays (under 24 bytes a record plus directory
 * names): enough to name the path of any record and to find all records of one file.
 */
export class RecordIndex {
  readonly recordCount: number;
  /** RECORD_IN_USE, RECORD_IS_DIRECTORY and IS_EXTENSION; 0 for what is no sound FILE record. */
  readonly flags: Uint8Array;
  readonly sequence: Uint16Array;
  /** Extension records of a base record, as a chain: entry + 1, 0 ends it. */
  readonly firstExtension: Uint32Array;
  readonly nextExtension: Uint32Array;
  /** Of directories: entry and sequence number of the parent, place and length of the name. */
  readonly parentEntry: Uint32Array;
  readonly parentSequence: Uint16Array;
  readonly nameAt: Uint32Array;
  readonly nameLength: Uint16Array;
  #arena = Buffer.alloc(64 * 1024);
  #arenaUsed = 0;

  constructor(recordCount: number) {
    this.recordCount = recordCount;
    this.flags = new Uint8Array(recordCount);
    this.sequence = new Uint16Array(recordCount);
    this.firstExtension = new Uint32Array(recordCount);
    this.nextExtension = new Uint32Array(recordCount);
    this.parentEntry = new Uint32Array(recordCount);
    this.parentSequence = new Uint16Array(recordCount);
    this.nameAt = new Uint32Array(recordCount);
    this.nameLength = new Uint16Array(recordCount);
  }

  /** The name bytes of a directory: a copy of its own, as one in Node's pool would keep 8 KiB alive with it. */
  nameOf(entry: number): Buffer {
    const from = this.nameAt[entry]!;
    const name = Buffer.allocUnsafeSlow(this.nameLength[entry]!);
    this.#arena.copy(name, 0, from, from + name.length);
    return name;
  }

  setDirectory(entry: number, parentEntry: number, parentSequence: number, name: Uint8Array): void {
    if (this.#arenaUsed + name.length > this.#arena.length) {
      const larger = Buffer.alloc(Math.max(this.#arena.length * 2, this.#arenaUsed + name.length));
      larger.set(this.#arena.subarray(0, this.#arenaUsed));
      this.#arena = larger;
    }
    this.#arena.set(name, this.#arenaUsed);
    this.parentEntry[entry] = parentEntry;
    this.parentSequence[entry] = parentSequence;
    this.nameAt[entry] = this.#arenaUsed;
    this.nameLength[entry] = name.length;
    this.#arenaUsed += name.length;
  }

  /**
   * The directory that a file reference means: its entry, or -1 when the entry is no directory or has
   * since been given to another file. NTFS raises the sequence number when it frees a record, so
   * a deleted directory answers to the number before its present one.
   */
  directoryAt(entry: number, sequence: number): number {
    if (entry === ROOT_ENTRY) return ROOT_ENTRY;
    if (entry >= this.recordCount) return -1;
    const flags = this.flags[entry]!;
    if ((flags & RECORD_IS_DIRECTORY) === 0 || (flags & IS_EXTENSION) !== 0) return -1;
    return isSameUse(this.sequence[entry]!, (flags & RECORD_IN_USE) !== 0, sequence) ? entry : -1;
  }
}

/** Whether a reference's sequence number means the present (or, for a freed record, the last) use of a record; 0 means any. */
export function isSameUse(recordSequence: number, inUse: boolean, referenceSequence: number): boolean {
  if (referenceSequence === 0) return true;
  if (inUse) return recordSequence === referenceSequence;
  const before = recordSequence === 1 ? 0xffff : recordSequence - 1;
  return before === referenceSequence;
}

/** First pass: heads of all records, and the names of directories. Yields after every piece, with the records that lie behind. */
export function* indexRecords(mft: LocatedMft, recordSize: number, index: RecordIndex): Generator<number, void, undefined> {
  const table = new AttributeTable();
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, mft.recordCount * recordSize));
  const perPiece = piece.length / recordSize;
  for (let first = 0; first < mft.recordCount; first += perPiece) {
    readRecords(mft, piece, first, recordSize);
    const count = Math.min(perPiece, mft.recordCount - first);
    for (let i = 0; i < count; i++) indexRecord(index, table, piece, i * recordSize, recordSize, first + i);
    yield first + count;
  }
}

/** Reads records from `first` on into `piece`, and puts the copies of $MFTMirr in place of damaged ones; returns what could not be read. */
export function readRecords(mft: LocatedMft, piece: Buffer, first: number, recordSize: number): readonly ByteRange[] {
  const unread = mft.stream.read(piece, first * recordSize);
  if (first === 0) {
    for (let i = 0; i < mft.mirror.length && (i + 1) * recordSize <= piece.length; i++) {
      const copy = mft.mirror[i];
      if (copy !== null && copy !== undefined && readU32(piece, i * recordSize) !== FILE_MAGIC) undoFixUps(copy).copy(piece, i * recordSize);
    }
  }
  return unread;
}

/** A fixed-up record as it would stand on the medium, so that it can go the way of all others. */
function undoFixUps(record: Buffer): Buffer {
  const stored = Buffer.from(record);
  const at = readU16(stored, 4);
  for (let end = 512; end <= stored.length; end += 512) {
    stored[end - 2] = stored[at]!;
    stored[end - 1] = stored[at + 1]!;
  }
  return stored;
}

function indexRecord(index: RecordIndex, table: AttributeTable, bytes: Buffer, at: number, recordSize: number, entry: number): void {
  if (readU32(bytes, at) !== FILE_MAGIC) return;
  const flags = readU16(bytes, at + 0x16) & (RECORD_IN_USE | RECORD_IS_DIRECTORY);
  const base = readU48(bytes, at + 0x20);
  index.sequence[entry] = readU16(bytes, at + 0x10);
  const isExtension = base !== 0 || readU16(bytes, at + 0x26) !== 0;
  if (isExtension) {
    index.flags[entry] = flags | IS_EXTENSION;
    if (base >= index.recordCount || base === entry) return;
    index.nextExtension[entry] = index.firstExtension[base]!;
    index.firstExtension[base] = entry + 1;
  } else {
    index.flags[entry] = flags;
    if ((flags & RECORD_IS_DIRECTORY) === 0) return;
  }
  if (!applyFixUps(bytes, at, recordSize)) return;
  table.clear();
  table.addRecord(bytes, at, recordSize, 0);
  const i = chooseName(table);
  if (i < 0) return;
  const target = isExtension ? base : entry;
  // An extension record only fills in what the base record itself does not say.
  if (isExtension && ((flags & RECORD_IN_USE) === 0 || index.nameLength[target]! > 0)) return;
  index.setDirectory(target, Math.min(parentEntryOf(table, i), 0xffffffff), parentSequenceOf(table, i), nameBytes(table, i));
}
