/**
 * Long names: up to 20 entries before the short one, last part first. Source: Microsoft FAT
 * specification 1.03, section "FAT Long Directory Entries".
 *
 * | at | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 1 | number of the part from 1, plus 40 on the last; E5 when deleted |
 * | 1, 14, 28 | 10, 12, 4 | 13 UTF-16LE units; the name ends at a unit of 0, then FFFF |
 * | 11 | 1 | 0F |
 * | 13 | 1 | checksum of the short name |
 */
import type { EvidenceName } from '../evidence-name.ts';
import { DELETED_MARK } from './directory-entry.ts';

const PART_BYTES = 26;
/** 20 parts hold 260 units; the format allows 255. */
const MAX_PARTS = 20;
const LAST_PART_FLAG = 0x40;

/** Collects the parts of one long name until its short entry arrives. Kept across sectors and clusters. */
export interface LongNameCollector {
  /** Takes the long-name entry at `at`. */
  take(bytes: Buffer, at: number): void;
  /** Forgets what was collected: something else stood between. */
  reset(): void;
  /**
   * Gives the long name that belongs to the short entry at `at`, or null when there is none or it
   * does not fit (order, checksum, empty). Forgets it either way.
   */
  finish(bytes: Buffer, at: number): EvidenceName | null;
}

/** Makes an empty collector. */
export function makeLongNameCollector(): LongNameCollector {
  const parts = Buffer.alloc(MAX_PARTS * PART_BYTES);
  let count = 0;
  let checksum = -1;
  /** Number of the part that must come next in a live name; -1 among deleted parts, which have lost theirs. */
  let expected = 0;

  const push = (bytes: Buffer, at: number): void => {
    if (count === MAX_PARTS) {
      parts.copyWithin(0, PART_BYTES);
      count--;
    }
    const to = count * PART_BYTES;
    bytes.copy(parts, to, at + 1, at + 11);
    bytes.copy(parts, to + 10, at + 14, at + 26);
    bytes.copy(parts, to + 22, at + 28, at + 32);
    count++;
  };

  const reset = (): void => {
    count = 0;
    expected = 0;
    checksum = -1;
  };

  return {
    reset,
    take(bytes, at) {
      const sequence = bytes[at]!;
      const sum = bytes[at + 13]!;
      if (sequence === DELETED_MARK) {
        if (expected !== -1 || sum !== checksum) count = 0;
        expected = -1;
      } else if ((sequence & LAST_PART_FLAG) !== 0) {
        count = 0;
        expected = sequence & 0x3f;
        if (expected < 1 || expected > MAX_PARTS) return reset();
      } else if (sequence !== expected || sum !== checksum) {
        return reset();
      }
      checksum = sum;
      push(bytes, at);
      if (expected > 0) expected--;
    },
    finish(bytes, at) {
      const isDeleted = bytes[at] === DELETED_MARK;
      const isWhole = count > 0 && (expected === 0 || (expected === -1 && isDeleted));
      const fits = isWhole && (isDeleted ? isPossibleFirstLetter(firstLetterFor(checksum, bytes, at)) : checksumOf(bytes, at) === checksum);
      const name = fits ? joinParts(parts, count) : null;
      if (count > 0 || expected !== 0) reset();
      return name;
    },
  };
}

/**
 * Joins the parts, which stand last first. Deleted names of two files can follow each other with the
 * same checksum, so joining starts at part 1, the nearest to the short entry, and stops at the end mark.
 */
function joinParts(parts: Buffer, count: number): EvidenceName | null {
  const joined = Buffer.allocUnsafe(count * PART_BYTES);
  let length = 0;
  for (let part = count - 1; part >= 0; part--) {
    const start = part * PART_BYTES;
    for (let at = start; at < start + PART_BYTES; at += 2) {
      if (parts[at] === 0 && parts[at + 1] === 0) return length === 0 ? null : { bytes: joined.subarray(0, length), encoding: 'utf-16le' };
      joined[length++] = parts[at]!;
      joined[length++] = parts[at + 1]!;
    }
  }
  return { bytes: joined.subarray(0, length), encoding: 'utf-16le' };
}

/** The checksum of the short name at `at`, as every part of its long name repeats it. */
export function checksumOf(bytes: Uint8Array, at: number): number {
  let sum = 0;
  for (let i = at; i < at + 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + bytes[i]!) & 0xff;
  return sum;
}

/** The first letter that a short name must have had for this checksum: the sum run backwards. */
function firstLetterFor(checksum: number, bytes: Uint8Array, at: number): number {
  let sum = checksum;
  for (let i = at + 10; i > at; i--) {
    const before = (sum - bytes[i]!) & 0xff;
    sum = ((before << 1) | (before >> 7)) & 0xff;
  }
  return sum;
}

/** True for a byte that may start a short name; the wrong long name fails this about two times in five. */
function isPossibleFirstLetter(byte: number): boolean {
  if (byte <= 0x20) return byte === 0x05;
  if (byte >= 0x61 && byte <= 0x7a) return false;
  return !'"*+,./:;<=>?[\\]|\x7f'.includes(String.fromCharCode(byte));
}
