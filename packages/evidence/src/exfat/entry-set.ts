import type { Timestamp } from '../item.ts';
import { decodeTimestamp } from './exfat-timestamp.ts';

/*
 * A file is a set of 32-byte entries that follow each other. The high bit of each entry's type says
 * "in use"; deleting a file clears it and leaves the rest. Source: Microsoft exFAT specification, sections 6.3 and 7.4 to 7.7.
 *
 *   85 file        +1 u8 entries that follow (2–18), +2 u16 set checksum, +4 u16 attributes,
 *                  +8/+12/+16 u32 created, modified, accessed, +20/+21 u8 10 ms of the first two,
 *                  +22/+23/+24 u8 UTC offsets
 *   C0 stream      +1 u8 flags (bit 0 allocation possible, bit 1 no FAT chain), +3 u8 name length,
 *                  +4 u16 name hash, +8 u64 valid data length, +20 u32 first cluster, +24 u64 data length
 *   C1 name        +2 fifteen UTF-16LE units
 *   E0, E1 …       vendor entries, after the names
 */

export const ENTRY_BYTES = 32;

/** Longest set: the file entry and 18 that follow. */
export const MAX_SET_ENTRIES = 19;

const TYPE_FILE = 0x05;
const TYPE_STREAM = 0x40;
const TYPE_NAME = 0x41;
const IN_USE = 0x80;
const SECONDARY = 0x40;
const NAME_BYTES_PER_ENTRY = 30;
const ATTRIBUTE_DIRECTORY = 0x10;

/** What one entry set says, checked for form only. */
export interface EntrySet {
  /** Offset of the file entry in bytes of the volume. */
  readonly offset: number;
  /** Every entry has its in-use bit. */
  readonly inUse: boolean;
  /** The set checksum holds (for a deleted set: with the in-use bits put back, or as it stands). */
  readonly checksumHolds: boolean;
  /** Entries missing or out of order: the name may be cut. Only for sets in use. */
  readonly damaged: boolean;
  readonly isDirectory: boolean;
  readonly noFatChain: boolean;
  readonly firstCluster: number;
  /** Infinity-free: a length above 2^53 is held at 2^53 − 1. */
  readonly sizeBytes: number;
  readonly validBytes: number;
  /** UTF-16LE as stored. */
  readonly name: Uint8Array;
  readonly created: Timestamp | null;
  readonly modified: Timestamp | null;
  readonly accessed: Timestamp | null;
}

/** What stands at a place in a directory. `skip`: nothing of a file. `more`: the set goes on past the bytes at hand. */
export type EntryOutcome =
  | { readonly kind: 'set'; readonly set: EntrySet; readonly entries: number }
  | { readonly kind: 'skip' }
  | { readonly kind: 'more' }
  /** A file entry in use that no stream entry follows: something was there and cannot be told. */
  | { readonly kind: 'lost' };

const SKIP: EntryOutcome = { kind: 'skip' };
const MORE: EntryOutcome = { kind: 'more' };
const LOST: EntryOutcome = { kind: 'lost' };

/** True for a type byte that can begin a set, in use or deleted. */
export function isFileEntry(type: number): boolean {
  return (type & ~IN_USE) === TYPE_FILE;
}

/**
 * Reads the set that begins at `at`, where a file entry stands.
 *
 * @param bytes directory bytes; whole entries
 * @param end where the bytes at hand end
 * @param atEnd true when no bytes follow `end` in this directory, so that a cut set is damage
 * @param offset place of `at` in bytes of the volume
 */
export function readEntrySet(bytes: Buffer, at: number, end: number, atEnd: boolean, offset: number): EntryOutcome {
  const type = bytes[at]!;
  const following = bytes[at + 1]!;
  const headInUse = (type & IN_USE) !== 0;
  if (following < 2 || following >= MAX_SET_ENTRIES) return headInUse ? LOST : SKIP;
  const declaredEnd = at + (1 + following) * ENTRY_BYTES;
  if (declaredEnd > end && !atEnd) return MORE;

  const nameEntries = countNameEntries(bytes, at, Math.min(declaredEnd, end));
  if (nameEntries < 0) return headInUse ? LOST : SKIP;
  const setEnd = secondaryEnd(bytes, at + (2 + nameEntries) * ENTRY_BYTES, Math.min(declaredEnd, end));
  const nameLength = bytes[at + ENTRY_BYTES + 3]!;
  const whole = setEnd === declaredEnd && nameLength > 0 && nameLength * 2 <= nameEntries * NAME_BYTES_PER_ENTRY;
  const inUseCount = countInUse(bytes, at, setEnd);
  const entries = (setEnd - at) / ENTRY_BYTES;
  const inUse = whole ? inUseCount === entries : headInUse;
  const checksumOk = whole && checksumHolds(bytes, at, setEnd, inUse);
  if (!inUse && !checksumOk && (!whole || inUseCount > 0)) return headInUse ? LOST : SKIP;
  const set = decodeSet(bytes, at, nameEntries, { offset, inUse, checksumHolds: checksumOk, damaged: !whole });
  return { kind: 'set', set, entries: Math.max(1, entries) };
}

/** Name entries after the stream entry, or −1 when no stream entry follows the file entry. */
function countNameEntries(bytes: Buffer, at: number, end: number): number {
  const stream = at + ENTRY_BYTES;
  if (stream >= end || (bytes[stream]! & ~IN_USE) !== TYPE_STREAM) return -1;
  let names = 0;
  for (let next = stream + ENTRY_BYTES; next < end && (bytes[next]! & ~IN_USE) === TYPE_NAME; next += ENTRY_BYTES) names++;
  return names;
}

/** Where the run of vendor entries after the names ends. */
function secondaryEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at]! & SECONDARY) !== 0 && (bytes[at]! & 0x20) !== 0) at += ENTRY_BYTES;
  return Math.min(at, end);
}

function countInUse(bytes: Buffer, at: number, end: number): number {
  let count = 0;
  for (let entry = at; entry < end; entry += ENTRY_BYTES) count += bytes[entry]! >>> 7;
  return count;
}

function checksumHolds(bytes: Buffer, at: number, end: number, inUse: boolean): boolean {
  const stored = bytes[at + 2]! | (bytes[at + 3]! << 8);
  if (setChecksum(bytes, at, end, IN_USE) === stored) return true;
  // A driver may have computed it anew on deleting.
  return !inUse && setChecksum(bytes, at, end, 0) === stored;
}

/**
 * The set checksum: rotate right by one and add, over all bytes but the checksum's own.
 *
 * @param typeBits put on every entry's type byte, to bring back the in-use bits of a deleted set
 */
export function setChecksum(bytes: Uint8Array, at: number, end: number, typeBits: number): number {
  let sum = 0;
  for (let entry = at; entry < end; entry += ENTRY_BYTES) {
    sum = ((sum << 15) | (sum >>> 1)) + (bytes[entry]! | typeBits) & 0xffff;
    sum = ((sum << 15) | (sum >>> 1)) + bytes[entry + 1]! & 0xffff;
    const entryEnd = entry + ENTRY_BYTES;
    for (let i = entry === at ? entry + 4 : entry + 2; i < entryEnd; i++) {
      sum = ((sum << 15) | (sum >>> 1)) + bytes[i]! & 0xffff;
    }
  }
  return sum;
}

function decodeSet(
  bytes: Buffer,
  at: number,
  nameEntries: number,
  judged: Pick<EntrySet, 'offset' | 'inUse' | 'checksumHolds' | 'damaged'>,
): EntrySet {
  const stream = at + ENTRY_BYTES;
  const sizeBytes = readLength(bytes, stream + 24);
  return {
    ...judged,
    isDirectory: (bytes[at + 4]! & ATTRIBUTE_DIRECTORY) !== 0,
    noFatChain: (bytes[stream + 1]! & 2) !== 0,
    firstCluster: bytes.readUInt32LE(stream + 20),
    sizeBytes,
    validBytes: readLength(bytes, stream + 8),
    name: joinName(bytes, stream + ENTRY_BYTES, Math.min(bytes[stream + 3]! * 2, nameEntries * NAME_BYTES_PER_ENTRY)),
    created: decodeTimestamp(bytes.readUInt32LE(at + 8), bytes[at + 20]!, bytes[at + 22]!),
    modified: decodeTimestamp(bytes.readUInt32LE(at + 12), bytes[at + 21]!, bytes[at + 23]!),
    accessed: decodeTimestamp(bytes.readUInt32LE(at + 16), 0, bytes[at + 24]!),
  };
}

function joinName(bytes: Buffer, firstEntry: number, nameBytes: number): Uint8Array {
  const name = Buffer.allocUnsafe(nameBytes);
  let entry = firstEntry;
  for (let at = 0; at < nameBytes; at += NAME_BYTES_PER_ENTRY) {
    bytes.copy(name, at, entry + 2, entry + 2 + Math.min(NAME_BYTES_PER_ENTRY, nameBytes - at));
    entry += ENTRY_BYTES;
  }
  return name;
}

function readLength(bytes: Buffer, at: number): number {
  return Math.min(bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at), Number.MAX_SAFE_INTEGER);
}
