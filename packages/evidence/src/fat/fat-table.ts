/**
 * The file allocation table: one entry per cluster, little-endian, entry 0 repeats the media byte,
 * entry 1 is an end mark. Source: Microsoft FAT specification 1.03, section "FAT Data Structure".
 *
 * | | FAT12 | FAT16 | FAT32 |
 * | --- | --- | --- | --- |
 * | width | 12 bits; odd entries start in a byte's upper half, so one may cross a sector's edge | 16 | 32, upper 4 ignored |
 * | free | 0 | 0 | 0 |
 * | bad | FF7 | FFF7 | FFFFFF7 |
 * | end | FF8–FFF | FFF8–FFFF | FFFFFF8–FFFFFFF |
 */
import type { RandomAccessSource } from '@kerbside/bytes';
import type { FatGeometry } from './fat-geometry.ts';

/** Values of an entry, the same for all three widths; anything else is the number of the next cluster. */
export const FREE_CLUSTER = 0;
export const BAD_CLUSTER = 0x0ffffff7;
export const END_OF_CHAIN = 0x0fffffff;

const PAGE_BITS = 16;
/** Entries per page: all of a FAT12 or FAT16 in one. */
const PAGE_ENTRIES = 1 << PAGE_BITS;
/** Pages kept, 256 KiB each: 64 MiB, which is the whole table up to 16.7 million clusters. */
const MAX_PAGES = 256;
/** Copies are compared, and the better one is taken, in pieces of this size. */
const COMPARE_BYTES = 512;

/** What reading the table has shown so far; sectors of 512 bytes. */
export interface FatTableDamage {
  /** Sectors for which the other copy was taken because the first is damaged. */
  readonly replacedSectors: number;
  /** Further sectors in which the copies differ and the first was kept. */
  readonly differingSectors: number;
  /** Bytes of the table that could not be read in any copy. */
  readonly unreadableBytes: number;
}

export interface FatTable {
  readonly lastCluster: number;
  /** The entry of a cluster from 0 to `lastCluster`: next cluster, or one of the three values above. */
  entry(cluster: number): number;
  damage(): FatTableDamage;
}

/** Opens the table of a volume; nothing is read yet. */
export function openFatTable(source: RandomAccessSource, geometry: FatGeometry): FatTable {
  const pages = new Map<number, Uint32Array>();
  const seenPages = new Set<number>();
  const damage = { replacedSectors: 0, differingSectors: 0, unreadableBytes: 0 };
  let pageNumber = -1;
  let page: Uint32Array = new Uint32Array(0);

  const loadPage = (wanted: number): void => {
    let found = pages.get(wanted);
    if (found === undefined) {
      const firstByte = (wanted * PAGE_ENTRIES * geometry.entryBits) / 8;
      const entries = Math.min(PAGE_ENTRIES, geometry.lastCluster + 1 - wanted * PAGE_ENTRIES);
      const bytes = readBestCopy(source, geometry, firstByte, Math.ceil((entries * geometry.entryBits) / 8), seenPages.has(wanted) ? null : damage);
      seenPages.add(wanted);
      found = decodeEntries(bytes, entries, geometry.entryBits);
      if (pages.size >= MAX_PAGES) {
        const oldest = pages.keys().next();
        if (oldest.done !== true) pages.delete(oldest.value);
      }
      pages.set(wanted, found);
    }
    page = found;
    pageNumber = wanted;
  };

  return {
    lastCluster: geometry.lastCluster,
    entry(cluster) {
      const wanted = cluster >>> PAGE_BITS;
      if (wanted !== pageNumber) loadPage(wanted);
      return page[cluster & (PAGE_ENTRIES - 1)]!;
    },
    damage: () => ({ ...damage }),
  };
}

/** True when a copy of the table starts as every table must: media byte, then only ones. */
export function startsLikeFat(bytes: Uint8Array, geometry: FatGeometry): boolean {
  return bytes[0] === geometry.mediaByte && bytes[1] === 0xff;
}

interface MutableDamage {
  replacedSectors: number;
  differingSectors: number;
  unreadableBytes: number;
}

function readBestCopy(
  source: RandomAccessSource,
  geometry: FatGeometry,
  offset: number,
  length: number,
  damage: MutableDamage | null,
): Buffer {
  const main = readCopy(source, geometry, geometry.onlyFat ?? 0, offset, length);
  if (geometry.fatCount > 1 && geometry.onlyFat === null) {
    const other = readCopy(source, geometry, 1, offset, length);
    if (other.readableBytes === length && !(main.unread.size === 0 && main.bytes.equals(other.bytes))) {
      takeBetterSectors(geometry, offset, main, other, damage);
    }
  }
  if (damage !== null) damage.unreadableBytes += main.unread.size * COMPARE_BYTES;
  return main.bytes;
}

interface FatCopy {
  readonly bytes: Buffer;
  /** Numbers of the pieces of `COMPARE_BYTES` with bytes that could not be read. */
  readonly unread: Set<number>;
  /** Bytes that lie inside the source. */
  readonly readableBytes: number;
}

function readCopy(source: RandomAccessSource, geometry: FatGeometry, copy: number, offset: number, length: number): FatCopy {
  const bytes = Buffer.alloc(length);
  const unread = new Set<number>();
  const start = geometry.fatOffset + copy * geometry.fatSizeBytes + offset;
  const readableBytes = Math.max(0, Math.min(length, source.sizeBytes - start));
  if (readableBytes > 0) {
    for (const range of source.readInto(bytes.subarray(0, readableBytes), start)) {
      const first = Math.floor((range.offset - start) / COMPARE_BYTES);
      const last = Math.ceil((range.offset + range.length - start) / COMPARE_BYTES);
      for (let piece = Math.max(0, first); piece < last; piece++) unread.add(piece);
    }
  }
  return { bytes, unread, readableBytes };
}

/** Puts into `main` each sector that is better in the other copy. */
function takeBetterSectors(geometry: FatGeometry, offset: number, main: FatCopy, other: FatCopy, damage: MutableDamage | null): void {
  const pieces = Math.ceil(main.bytes.length / COMPARE_BYTES);
  for (let piece = 0; piece < pieces; piece++) {
    const at = piece * COMPARE_BYTES;
    const mine = main.bytes.subarray(at, at + COMPARE_BYTES);
    const theirs = other.bytes.subarray(at, at + COMPARE_BYTES);
    const isUnread = main.unread.has(piece);
    if (!isUnread && mine.equals(theirs)) continue;
    const isStart = offset + at === 0;
    const better =
      !other.unread.has(piece) && (isUnread || faultsIn(mine, geometry, isStart) > faultsIn(theirs, geometry, isStart));
    if (better) {
      theirs.copy(mine);
      main.unread.delete(piece);
    }
    if (damage === null) continue;
    if (better) damage.replacedSectors++;
    else damage.differingSectors++;
  }
}

/** How damaged a sector of the table looks; only compared between copies of the same sector. */
function faultsIn(sector: Buffer, geometry: FatGeometry, isStart: boolean): number {
  let faults = 0;
  if (isStart && !startsLikeFat(sector, geometry)) faults += 1000;
  let hasEntries = false;
  for (const byte of sector) {
    if (byte !== 0) {
      hasEntries = true;
      break;
    }
  }
  // Zeros where the other copy has chains: a wiped sector is likelier than two drivers that disagree.
  if (!hasEntries) return faults + 1;
  // 12-bit entries cross sectors, so their values are not judged one sector at a time.
  if (geometry.entryBits === 12) return faults;
  const width = geometry.entryBits / 8;
  for (let at = isStart ? 2 * width : 0; at + width <= sector.length; at += width) {
    const value = normalise(width === 2 ? sector.readUInt16LE(at) : sector.readUInt32LE(at), geometry.entryBits);
    if (value === 1 || (value > geometry.declaredLastCluster && value < BAD_CLUSTER)) faults++;
  }
  return faults;
}

function decodeEntries(bytes: Buffer, entries: number, entryBits: 12 | 16 | 32): Uint32Array {
  const values = new Uint32Array(entries);
  if (entryBits === 32) {
    for (let i = 0, at = 0; i < entries; i++, at += 4) {
      const value = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | ((bytes[at + 3]! & 0x0f) << 24);
      values[i] = value >= 0x0ffffff8 ? END_OF_CHAIN : value;
    }
  } else if (entryBits === 16) {
    for (let i = 0, at = 0; i < entries; i++, at += 2) values[i] = normalise(bytes[at]! | (bytes[at + 1]! << 8), 16);
  } else {
    for (let i = 0; i < entries; i++) {
      const at = (i * 3) >> 1;
      const pair = bytes[at]! | ((bytes[at + 1] ?? 0) << 8);
      values[i] = normalise((i & 1) === 0 ? pair & 0xfff : pair >> 4, 12);
    }
  }
  return values;
}

function normalise(value: number, entryBits: 12 | 16 | 32): number {
  if (entryBits === 32) {
    const low = value & 0x0fffffff;
    return low >= 0x0ffffff8 ? END_OF_CHAIN : low;
  }
  const bad = entryBits === 16 ? 0xfff7 : 0xff7;
  if (value < bad) return value;
  return value === bad ? BAD_CLUSTER : END_OF_CHAIN;
}
