/*
 * Value of $ATTRIBUTE_LIST (0x20): which record holds which attribute of a file. Little-endian.
 *
 *   0x00  u32  type          0x08  u64  first VCN
 *   0x04  u16  entry length  0x10  u48  record, then u16 its sequence number
 *   0x06  u8   name length   0x18  u16  attribute identifier
 */
import type { RandomAccessSource } from '@kerbside/bytes';
import type { AttributeTable } from './attributes.ts';
import { readU16, readU48 } from './fix-ups.ts';
import { MetadataStream } from './mft-stream.ts';
import { RunTable } from './run-list.ts';

const ENTRY_BYTES = 26;
/** NTFS itself allows 256 KiB. */
const MAX_LIST_BYTES = 256 * 1024;

/** Checks attribute lists against the records that were found. */
export class ListedRecords {
  readonly #source: RandomAccessSource;
  readonly #clusterSize: number;
  readonly #runs = new RunTable();
  /**
   * Bytes of non-resident lists that may still be read: each entry stands for an attribute of at
   * least 24 bytes in $MFT, so honest lists together are hardly longer than it.
   */
  #budget: number;

  constructor(source: RandomAccessSource, clusterSizeBytes: number, mftBytes: number) {
    this.#source = source;
    this.#clusterSize = clusterSizeBytes;
    this.#budget = mftBytes * 2 + 1024 * 1024;
  }

  /**
   * @param found the extension records that are there
   * @returns what is missing, as the end of a sentence about the record; null when all is there
   */
  findMissing(table: AttributeTable, entry: number, found: ReadonlySet<number>): string | null {
    const i = table.list;
    if (i < 0) return null;
    const list = this.#read(table, i);
    if (list === null) return 'has an attribute list that could not be read: parts of the file may be missing';
    for (let at = 0; at + ENTRY_BYTES <= list.length; ) {
      const length = readU16(list, at + 4);
      if (length < ENTRY_BYTES) return 'has an attribute list that makes no sense from some point on: parts of the file may be missing';
      const record = readU48(list, at + 16);
      if (record !== entry && !found.has(record)) return `lists record ${record} as holding a part of the file, and that part is missing`;
      at += length;
    }
    return null;
  }

  #read(table: AttributeTable, i: number): Buffer | null {
    if (table.isResident(i)) {
      const at = table.valueAt(i);
      return at < 0 ? null : table.bytes[i]!.subarray(at, at + table.valueLength(i));
    }
    this.#runs.clear();
    if (!table.hasRunList(i) || !table.appendRuns(i, this.#runs)) return null;
    const sizeBytes = table.sizeBytes(i);
    if (sizeBytes > MAX_LIST_BYTES || sizeBytes > this.#budget) return null;
    this.#budget -= sizeBytes;
    const stream = new MetadataStream(this.#source, this.#runs, this.#clusterSize, sizeBytes);
    const bytes = Buffer.alloc(stream.sizeBytes);
    if (stream.read(bytes, 0).length > 0 || stream.outsideBytes > 0 || stream.sizeBytes < sizeBytes) return null;
    return bytes;
  }
}
