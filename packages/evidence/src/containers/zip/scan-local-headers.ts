import type { RandomAccessSource } from '@kerbside/bytes';
import type { Gap } from './shared-bytes.ts';
import { FLAG_MASKED_HEADERS, FLAG_SIZE_FOLLOWS, LOCAL_BYTES, METHOD_AES, METHOD_STORED, u16, u32, u64, findExtra, type ZipRecord } from './zip-records.ts';

const LOCAL_MARK = Buffer.from('PK\x03\x04', 'latin1');
const WINDOW_BYTES = 1024 * 1024;
/** Longest header: fixed part, name and extra field. */
const MAX_HEADER_BYTES = LOCAL_BYTES + 2 * 65_535;
const DESCRIPTOR_BYTES = 24;
const MAX_VERSION = 63;
const MAX_METHOD = 99;

/** What a search yields: a member, or null now and then while nothing is found. */
export type ScanStep = ZipRecord | null;

/**
 * Finds members by their own headers in a range of the source, for a ZIP whose directory is missing, damaged, or
 * does not name them. Unreadable bytes read as zeros here: what is found is checked when it is read.
 */
export function* scanLocalHeaders(source: RandomAccessSource, range: Gap): Generator<ScanStep, void, undefined> {
  const window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES + MAX_HEADER_BYTES, Math.max(0, range.end - range.start)));
  for (let offset = range.start; offset + LOCAL_BYTES <= range.end; ) {
    const bytes = window.subarray(0, Math.min(window.length, range.end - offset));
    source.readInto(bytes, offset);
    const isLast = offset + bytes.length >= range.end;
    let next = offset + (isLast ? bytes.length : WINDOW_BYTES);
    for (let at = bytes.indexOf(LOCAL_MARK); at >= 0 && (isLast || at < WINDOW_BYTES); at = bytes.indexOf(LOCAL_MARK, at + 4)) {
      const record = readLocalHeader(bytes, at, offset + at);
      if (record === null) continue;
      const contentAt = record.extraAt + record.extraLength;
      const placed = record.packedBytes >= 0 ? record : findEnd(source, record, offset + contentAt, range.end);
      yield placed;
      next = Math.min(range.end, offset + contentAt + Math.max(0, placed.packedBytes));
      break;
    }
    offset = next;
    yield null;
  }
}

/** The local header at `at`, or null when what stands there can be none. */
function readLocalHeader(bytes: Buffer, at: number, localOffset: number): ZipRecord | null {
  if (at + LOCAL_BYTES > bytes.length) return null;
  const [version, flags, method] = [bytes[at + 4]!, u16(bytes, at + 6), u16(bytes, at + 8)];
  const [nameLength, extraLength] = [u16(bytes, at + 26), u16(bytes, at + 28)];
  if (version > MAX_VERSION || method > MAX_METHOD || nameLength === 0 || at + LOCAL_BYTES + nameLength + extraLength > bytes.length) return null;
  const extraAt = at + LOCAL_BYTES + nameLength;
  const wide = findExtra(bytes, extraAt, extraLength, 0x0001);
  const hasWide = u32(bytes, at + 18) === 0xffff_ffff && wide !== null && wide.length >= 16;
  const isUnsized = (flags & FLAG_SIZE_FOLLOWS) !== 0;
  // The bytes are used again by the search: the record keeps its own.
  const header = Buffer.from(bytes.subarray(at, extraAt + extraLength));
  return {
    flags: flags & ~FLAG_MASKED_HEADERS,
    method,
    time: u16(bytes, at + 10),
    date: u16(bytes, at + 12),
    crc: isUnsized ? -1 : u32(bytes, at + 14),
    packedBytes: isUnsized ? -1 : hasWide ? u64(bytes, wide.at + 8) : u32(bytes, at + 18),
    sizeBytes: isUnsized ? -1 : hasWide ? u64(bytes, wide.at) : u32(bytes, at + 22),
    localOffset,
    madeBySystem: -1,
    externalAttributes: 0,
    disk: 0,
    header,
    nameAt: LOCAL_BYTES,
    nameLength,
    extraAt: LOCAL_BYTES + nameLength,
    extraLength,
  };
}

/**
 * A member whose length follows its content: it ends before the first descriptor (`PK` 07 08) that states just the
 * distance, or, failing that, before the next header of any kind.
 */
function findEnd(source: RandomAccessSource, record: ZipRecord, contentAt: number, rangeEnd: number): ZipRecord {
  const window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, Math.max(0, rangeEnd - contentAt)));
  for (let offset = contentAt; offset < rangeEnd; ) {
    const bytes = window.subarray(0, Math.min(window.length, rangeEnd - offset));
    source.readInto(bytes, offset);
    const isLast = offset + bytes.length >= rangeEnd;
    for (let at = bytes.indexOf('PK', 0, 'latin1'); at >= 0; at = bytes.indexOf('PK', at + 2, 'latin1')) {
      if (!isLast && at > bytes.length - DESCRIPTOR_BYTES) break;
      const distance = offset + at - contentAt;
      const kind = at + 4 <= bytes.length ? u16(bytes, at + 2) : 0;
      if (kind === 0x0807 && at + 16 <= bytes.length) {
        if (u32(bytes, at + 8) === distance) return sized(record, distance, u32(bytes, at + 4), u32(bytes, at + 12));
        if (at + 24 <= bytes.length && u64(bytes, at + 8) === distance) return sized(record, distance, u32(bytes, at + 4), u64(bytes, at + 16));
      }
      if (kind === 0x0403 || kind === 0x0201 || kind === 0x0605 || kind === 0x0606) return sized(record, distance, -1, record.method === METHOD_STORED ? distance : -1);
    }
    if (isLast) break;
    offset += bytes.length - DESCRIPTOR_BYTES;
  }
  const rest = Math.max(0, rangeEnd - contentAt);
  return sized(record, rest, -1, record.method === METHOD_STORED ? rest : -1);
}

function sized(record: ZipRecord, packedBytes: number, crc: number, sizeBytes: number): ZipRecord {
  return { ...record, packedBytes, crc: record.method === METHOD_AES ? -1 : crc, sizeBytes };
}
