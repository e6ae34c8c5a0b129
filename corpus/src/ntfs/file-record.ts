/**
 * MFT record of NTFS 3.1 (libyal/libfsntfs, "MFT entry"):
 *
 * | offset | bytes | value |
 * | --- | --- | --- |
 * | 0 | 4 | `FILE` |
 * | 4, 6 | 2, 2 | offset and count of the update sequence |
 * | 8 | 8 | log file sequence number |
 * | 16 | 2 | sequence |
 * | 18 | 2 | number of names |
 * | 20 | 2 | offset of the first attribute |
 * | 22 | 2 | flags: 1 in use, 2 directory, 4 in $Extend, 8 view index |
 * | 24, 28 | 4, 4 | bytes used, bytes allocated |
 * | 32 | 8 | base record reference, 0 for a base record |
 * | 40 | 2 | next attribute identifier |
 * | 44 | 4 | record number |
 * | 48 | 6 | update sequence |
 * | 56 | | attributes by type, name and VCN, then FF FF FF FF |
 */
import type { Attribute } from './attribute.ts';
import { applyUpdateSequence } from './update-sequence.ts';

export const RECORD_BYTES = 1024;
export const RECORD_HEAD_BYTES = 56;
/** End mark and its padding. */
export const RECORD_END_BYTES = 8;
/** Bytes for attributes in one record. */
export const RECORD_ROOM_BYTES = RECORD_BYTES - RECORD_HEAD_BYTES - RECORD_END_BYTES;

export const RECORD_FLAG = { inUse: 1, directory: 2, viewIndex: 8 } as const;

/** Record number and sequence, as NTFS refers to a record. */
export interface RecordReference {
  readonly record: number;
  readonly sequence: number;
}

/** A reference as its 64-bit field. */
export function referenceValue(reference: RecordReference): bigint {
  return BigInt(reference.record) | (BigInt(reference.sequence) << 48n);
}

/** What stands in one record. */
export interface RecordShape {
  readonly self: RecordReference;
  readonly flags: number;
  readonly linkCount: number;
  /** In order; the identifiers become their positions plus 1. */
  readonly attributes: readonly Attribute[];
  readonly base?: RecordReference;
}

/** Builds one record of 1,024 bytes. Throws a RangeError when the attributes do not fit. */
export function buildRecord(shape: RecordShape): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  record.write('FILE', 0, 'latin1');
  record.writeUInt16LE(shape.self.sequence, 16);
  record.writeUInt16LE(shape.linkCount, 18);
  record.writeUInt16LE(RECORD_HEAD_BYTES, 20);
  record.writeUInt16LE(shape.flags, 22);
  record.writeUInt32LE(RECORD_BYTES, 28);
  if (shape.base !== undefined) record.writeBigUInt64LE(referenceValue(shape.base), 32);
  record.writeUInt16LE(shape.attributes.length + 1, 40);
  record.writeUInt32LE(shape.self.record, 44);
  let at = RECORD_HEAD_BYTES;
  for (const [position, attribute] of shape.attributes.entries()) {
    if (at + attribute.bytes.length + RECORD_END_BYTES > RECORD_BYTES) {
      throw new RangeError(`record ${shape.self.record}: its attributes need more than ${RECORD_BYTES} bytes`);
    }
    record.set(attribute.bytes, at);
    record.writeUInt16LE(position + 1, at + 14);
    at += attribute.bytes.length;
  }
  record.writeUInt32LE(0xffffffff, at);
  record.writeUInt32LE(at + RECORD_END_BYTES, 24);
  applyUpdateSequence(record, 48, (shape.self.record & 0x7fff) + 1);
  return record;
}

/** The order of attributes inside a record and a list: type, name, VCN. */
export function compareAttributes(a: Attribute, b: Attribute): number {
  if (a.type !== b.type) return a.type - b.type;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.lowestVcn - b.lowestVcn;
}
