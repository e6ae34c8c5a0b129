/*
 * Attributes of a FILE record, one after another, ended by type 0xFFFFFFFF. Little-endian.
 * After libyal/libfsntfs "NTFS documentation", MFT attribute.
 *
 *   0x00  u32  type             0x10  resident: u32 length of the value
 *   0x04  u32  length           0x14            u16 its offset
 *   0x08  u8   1: non-resident  0x10  non-resident: u64 first VCN, 0x18 u64 last VCN
 *   0x09  u8   name characters  0x20            u16 offset of the run list
 *   0x0A  u16  name offset      0x22            u16 log2 clusters per compression unit
 *   0x0C  u16  flags            0x28            u64 allocated, 0x30 u64 size, 0x38 u64 initialised size
 *   0x0E  u16  identifier
 */
import { readU16, readU32, readU64 } from './fix-ups.ts';
import { appendRuns, type RunTable } from './run-list.ts';

export const STANDARD_INFORMATION = 0x10;
export const ATTRIBUTE_LIST = 0x20;
export const FILE_NAME = 0x30;
export const VOLUME_NAME = 0x60;
export const DATA = 0x80;
export const INDEX_ROOT = 0x90;
export const BITMAP = 0xb0;
export const REPARSE_POINT = 0xc0;

export const FLAG_COMPRESSED = 0x0001;
export const FLAG_ENCRYPTED = 0x4000;

/** $STANDARD_INFORMATION (0x10) to $LOGGED_UTILITY_STREAM (0x100), in steps of 16. */
function isKnownType(type: number): boolean {
  return type >= STANDARD_INFORMATION && type <= 0x100 && type % 16 === 0;
}

/** The attributes of one file that matter here, gathered from its base record and its extension records. */
export class AttributeTable {
  count = 0;
  /** Index of the first unnamed attribute of its type, or -1: asked for with every record. */
  standardInformation = -1;
  list = -1;
  reparsePoint = -1;
  /** Some attribute is of a type that NTFS does not have: what it holds is read by nobody. */
  hasUnknownType = false;
  readonly type: number[] = [];
  /** Buffer that holds the attribute, offset and end of it there. */
  readonly bytes: Buffer[] = [];
  readonly at: number[] = [];
  readonly end: number[] = [];
  /** Offset in the $MFT stream of byte 0 of the buffer. */
  readonly origin: number[] = [];
  readonly #value: number[] = [];

  clear(): void {
    this.count = 0;
    this.standardInformation = -1;
    this.list = -1;
    this.reparsePoint = -1;
    this.hasUnknownType = false;
  }

  /**
   * Adds the attributes of one fixed-up record.
   *
   * @param origin offset in the $MFT stream of byte 0 of `bytes`
   * @returns false when the attributes do not fit the record; those before that point are kept
   */
  addRecord(bytes: Buffer, recordAt: number, recordSize: number, origin: number): boolean {
    const used = readU32(bytes, recordAt + 0x18);
    const limit = recordAt + Math.min(used, recordSize);
    let at = recordAt + readU16(bytes, recordAt + 0x14);
    while (at + 4 <= limit) {
      const type = readU32(bytes, at);
      if (type === 0xffffffff) return used <= recordSize;
      if (at + 8 > limit) return false;
      const length = readU32(bytes, at + 4);
      if (length < 24 || at + length > limit) return false;
      if (!isKnownType(type)) this.hasUnknownType = true;
      if (type <= REPARSE_POINT) this.#push(type, bytes, at, at + length, origin);
      at += length;
    }
    return false;
  }

  /** Index of the first attribute of `type` without a name, or -1. */
  findUnnamed(type: number): number {
    for (let i = 0; i < this.count; i++) if (this.type[i] === type && this.bytes[i]![this.at[i]! + 9] === 0) return i;
    return -1;
  }

  isResident(i: number): boolean {
    return this.bytes[i]![this.at[i]! + 8] === 0;
  }

  flags(i: number): number {
    return readU16(this.bytes[i]!, this.at[i]! + 0x0c);
  }

  identifier(i: number): number {
    return readU16(this.bytes[i]!, this.at[i]! + 0x0e);
  }

  /** Length in bytes of the name; -1 when it does not fit the attribute. */
  nameLength(i: number): number {
    const at = this.at[i]!;
    const length = this.bytes[i]![at + 9]! * 2;
    return length === 0 || at + readU16(this.bytes[i]!, at + 0x0a) + length <= this.end[i]! ? length : -1;
  }

  /** The name's UTF-16 bytes, as a view of the buffer. */
  name(i: number): Buffer {
    const from = this.at[i]! + readU16(this.bytes[i]!, this.at[i]! + 0x0a);
    return this.bytes[i]!.subarray(from, from + this.nameLength(i));
  }

  /** Offset in the buffer of a resident value; -1 when it does not fit the attribute, or is not resident. */
  valueAt(i: number): number {
    return this.#value[i]!;
  }

  valueLength(i: number): number {
    return readU32(this.bytes[i]!, this.at[i]! + 0x10);
  }

  /** True when a non-resident attribute is long enough for the fields of its kind. */
  hasRunList(i: number): boolean {
    return this.at[i]! + 0x40 <= this.end[i]!;
  }

  firstVcn(i: number): number {
    return readU64(this.bytes[i]!, this.at[i]! + 0x10);
  }

  sizeBytes(i: number): number {
    return readU64(this.bytes[i]!, this.at[i]! + 0x30);
  }

  initialisedBytes(i: number): number {
    return readU64(this.bytes[i]!, this.at[i]! + 0x38);
  }

  compressionShift(i: number): number {
    return readU16(this.bytes[i]!, this.at[i]! + 0x22);
  }

  /** Appends the runs of a non-resident attribute; false when the list makes no sense. */
  appendRuns(i: number, runs: RunTable): boolean {
    const from = this.at[i]! + readU16(this.bytes[i]!, this.at[i]! + 0x20);
    return from < this.end[i]! && appendRuns(runs, this.bytes[i]!, from, this.end[i]!);
  }

  #push(type: number, bytes: Buffer, at: number, end: number, origin: number): void {
    const i = this.count++;
    this.type[i] = type;
    this.bytes[i] = bytes;
    this.at[i] = at;
    this.end[i] = end;
    this.origin[i] = origin;
    const value = at + readU16(bytes, at + 0x14);
    this.#value[i] = bytes[at + 8] === 0 && value + readU32(bytes, at + 0x10) <= end ? value : -1;
    if (bytes[at + 9] !== 0) return;
    if (type === STANDARD_INFORMATION && this.standardInformation < 0) this.standardInformation = i;
    else if (type === ATTRIBUTE_LIST && this.list < 0) this.list = i;
    else if (type === REPARSE_POINT && this.reparsePoint < 0) this.reparsePoint = i;
  }
}
