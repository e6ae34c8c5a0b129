import { MAX_ENTRIES_PER_VOLUME, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import { AttributeTable, BITMAP, DATA } from './attributes.ts';
import type { NtfsGeometry } from './boot-record.ts';
import { applyFixUps, FILE_MAGIC, readU16, readU32, readU48, readU64, RECORD_IN_USE } from './fix-ups.ts';
import { MetadataStream } from './mft-stream.ts';
import { RunTable } from './run-list.ts';

/** $MFT as found: where its records are, and which of them are in use. */
export interface LocatedMft {
  readonly stream: MetadataStream;
  readonly recordCount: number;
  /** One bit per record, of $MFT's own bitmap; null when it could not be read. */
  readonly inUse: Buffer | null;
  /** The copies of the first records that $MFTMirr holds, fixed up; null where a copy is not sound. */
  readonly mirror: readonly (Buffer | null)[];
  readonly problems: readonly Problem[];
}

/** $MFTMirr copies four records, or as many as fit a larger cluster; only four matter. */
const MIRRORED_RECORDS = 4;
/** Bytes read at a time past the stated end of $MFT; a multiple of every record size. */
const PROBE_BYTES = 256 * 1024;
/** NTFS itself allows 256 KiB. */
const MAX_LIST_BYTES = 256 * 1024;

/**
 * Finds all of $MFT: from its own first record, else from the copy in $MFTMirr, else by taking it
 * to be unbroken from the cluster that the boot record names.
 *
 * @returns null when there is no FILE record in any of these places
 */
export function locateMft(source: RandomAccessSource, geometry: NtfsGeometry): LocatedMft | null {
  const problems: Problem[] = [];
  const { clusterSizeBytes, recordSizeBytes } = geometry;
  const mftOffset = geometry.mftCluster * clusterSizeBytes;
  const mirrorOffset = geometry.mirrorCluster * clusterSizeBytes;
  const mirror: (Buffer | null)[] = [];
  for (let i = 0; i < MIRRORED_RECORDS; i++) mirror.push(readRecordAt(source, mirrorOffset + i * recordSizeBytes, recordSizeBytes));
  const runs = new RunTable();
  const own = readRecordAt(source, mftOffset, recordSizeBytes);
  let found = own === null ? null : mftRuns(source, geometry, own, runs);
  if (found === null) {
    const copy = mirror[0] ?? null;
    found = copy === null ? null : mftRuns(source, geometry, copy, runs);
    const how = found === null ? 'the copy in $MFTMirr is not sound either, so $MFT was taken to be in one piece' : 'its copy in $MFTMirr was used';
    problems.push(startDamaged(source, mftOffset, recordSizeBytes, how));
    found ??= guessRuns(source, geometry, mftOffset, runs);
    if (found === null) return null;
  }
  if (!found.complete) {
    problems.push({
      kind: 'malformed',
      code: 'ntfs-mft-incomplete',
      message: `the place of only ${runs.clusters * clusterSizeBytes} of the ${found.sizeBytes} bytes of $MFT is known: files may be missing`,
      where: { offset: source.originOffset + mftOffset },
    });
  }
  const whole = new MetadataStream(source, runs, clusterSizeBytes, MAX_ENTRIES_PER_VOLUME * recordSizeBytes);
  const inUse = readInUse(source, geometry, found.attributes, Math.floor(whole.sizeBytes / recordSizeBytes));
  let sizeBytes = findEnd(whole, found.sizeBytes, recordSizeBytes, inUse);
  if (sizeBytes > found.sizeBytes) {
    problems.push({
      kind: 'malformed',
      code: 'ntfs-mft-size-wrong',
      message: `$MFT says it is ${found.sizeBytes} bytes long, and records in use stand up to ${sizeBytes}: they were read too`,
      where: { offset: source.originOffset + mftOffset },
    });
  }
  if (sizeBytes > MAX_ENTRIES_PER_VOLUME * recordSizeBytes) {
    sizeBytes = MAX_ENTRIES_PER_VOLUME * recordSizeBytes;
    problems.push({
      kind: 'limit',
      code: 'ntfs-entry-limit',
      message: `$MFT claims ${Math.floor(found.sizeBytes / recordSizeBytes)} records; only the first ${MAX_ENTRIES_PER_VOLUME} are read`,
      where: { offset: source.originOffset + mftOffset },
    });
  }
  const stream = new MetadataStream(source, runs, clusterSizeBytes, sizeBytes);
  if (stream.outsideBytes > 0) {
    problems.push({
      kind: 'malformed',
      code: 'ntfs-mft-incomplete',
      message: `${stream.outsideBytes} bytes of $MFT are said to lie outside the volume: files may be missing`,
      where: { offset: source.originOffset + mftOffset },
    });
  }
  const recordCount = Math.floor(stream.sizeBytes / recordSizeBytes);
  return { stream, recordCount, inUse, mirror, problems };
}

/** True when a sound FILE record stands where the boot record says $MFT or its copy is. */
export function hasMft(source: RandomAccessSource, geometry: NtfsGeometry): boolean {
  return [geometry.mftCluster, geometry.mirrorCluster].some(
    (cluster) => readRecordAt(source, cluster * geometry.clusterSizeBytes, geometry.recordSizeBytes) !== null,
  );
}

/** One record, fixed up; null when it is not wholly there, unreadable, torn or not a FILE record. */
function readRecordAt(source: RandomAccessSource, offset: number, recordSize: number): Buffer | null {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + recordSize > source.sizeBytes) return null;
  const bytes = Buffer.allocUnsafe(recordSize);
  if (source.readInto(bytes, offset).length > 0) return null;
  return readU32(bytes, 0) === FILE_MAGIC && applyFixUps(bytes, 0, recordSize) ? bytes : null;
}

/**
 * The end of $MFT: what it says, or the end of the last record in use that its runs hold. Too short a
 * size would hide files without a trace. A record counts when $MFT's bitmap says so too: past the end
 * may stand records of an older file system.
 */
function findEnd(stream: MetadataStream, sizeBytes: number, recordSize: number, inUse: Buffer | null): number {
  let end = sizeBytes;
  const piece = Buffer.allocUnsafe(PROBE_BYTES);
  for (let at = Math.ceil(sizeBytes / recordSize) * recordSize; at + recordSize <= stream.sizeBytes; at += piece.length) {
    stream.read(piece, at);
    const length = Math.min(piece.length, stream.sizeBytes - at);
    let records = 0;
    for (let offset = 0; offset + recordSize <= length; offset += recordSize) {
      if (readU32(piece, offset) !== FILE_MAGIC) continue;
      records++;
      const entry = (at + offset) / recordSize;
      if (inUse !== null && (inUse[entry >> 3]! & (1 << (entry & 7))) === 0) continue;
      if ((readU16(piece, offset + 0x16) & RECORD_IN_USE) !== 0 && applyFixUps(piece, offset, recordSize)) end = at + offset + recordSize;
    }
    // Runs that claim half a disk are not read to their end for nothing.
    if (records === 0) break;
  }
  return end;
}

interface FoundMft {
  readonly sizeBytes: number;
  readonly complete: boolean;
  readonly attributes: AttributeTable;
}

/** Reads $MFT's own runs from its first record and, where it has an attribute list, from the extension records. */
function mftRuns(source: RandomAccessSource, geometry: NtfsGeometry, record: Buffer, runs: RunTable): FoundMft | null {
  const { clusterSizeBytes, recordSizeBytes } = geometry;
  const attributes = new AttributeTable();
  attributes.addRecord(record, 0, recordSizeBytes, 0);
  const first = attributes.findUnnamed(DATA);
  if (first < 0 || attributes.isResident(first) || !attributes.hasRunList(first) || attributes.firstVcn(first) !== 0) return null;
  runs.clear();
  let sound = attributes.appendRuns(first, runs);
  if (runs.count === 0) return null;
  // Records beyond the initialised size have never been written.
  const sizeBytes = Math.min(attributes.sizeBytes(first), attributes.initialisedBytes(first));
  const { list } = attributes;
  if (list >= 0) sound = appendListedRuns(source, geometry, attributes, list, runs) && sound;
  return { sizeBytes, complete: sound && runs.clusters * clusterSizeBytes >= sizeBytes, attributes };
}

/**
 * Follows $MFT's attribute list: each extension record lies in a part of $MFT whose runs are known
 * by then, as VCNs ascend. Entries: u32 type, u16 length, u8 name length, u64 first VCN at 8, reference at 16.
 */
function appendListedRuns(source: RandomAccessSource, geometry: NtfsGeometry, table: AttributeTable, list: number, runs: RunTable): boolean {
  const bytes = readListBytes(source, geometry, table, list);
  if (bytes === null) return false;
  let sound = true;
  const seen = new Set<number>([0]);
  for (let at = 0; at + 26 <= bytes.length; ) {
    const length = readU16(bytes, at + 4);
    if (length < 26) return false;
    const entry = readU48(bytes, at + 16);
    if (readU32(bytes, at) === DATA && bytes[at + 6] === 0 && readU64(bytes, at + 8) > 0 && !seen.has(entry)) {
      seen.add(entry);
      sound = appendExtensionRuns(source, geometry, entry, table, runs) && sound;
    }
    at += length;
  }
  return sound;
}

function appendExtensionRuns(source: RandomAccessSource, geometry: NtfsGeometry, entry: number, table: AttributeTable, runs: RunTable): boolean {
  const known = new MetadataStream(source, runs, geometry.clusterSizeBytes, Number.MAX_SAFE_INTEGER);
  const at = entry * geometry.recordSizeBytes;
  if (at + geometry.recordSizeBytes > known.sizeBytes) return false;
  const record = Buffer.alloc(geometry.recordSizeBytes);
  if (known.read(record, at).length > 0 || readU32(record, 0) !== FILE_MAGIC) return false;
  if (readU48(record, 0x20) !== 0 || !applyFixUps(record, 0, record.length)) return false;
  const before = table.count;
  table.addRecord(record, 0, record.length, at);
  let sound = false;
  for (let i = before; i < table.count; i++) {
    if (table.type[i] !== DATA || table.nameLength(i) !== 0 || table.isResident(i) || !table.hasRunList(i)) continue;
    if (table.firstVcn(i) !== runs.clusters) continue;
    sound = table.appendRuns(i, runs);
  }
  return sound;
}

function readListBytes(source: RandomAccessSource, geometry: NtfsGeometry, table: AttributeTable, list: number): Buffer | null {
  if (table.isResident(list)) {
    const at = table.valueAt(list);
    return at < 0 ? null : table.bytes[list]!.subarray(at, at + table.valueLength(list));
  }
  const runs = new RunTable();
  if (!table.hasRunList(list) || !table.appendRuns(list, runs)) return null;
  const stream = new MetadataStream(source, runs, geometry.clusterSizeBytes, Math.min(table.sizeBytes(list), MAX_LIST_BYTES));
  const bytes = Buffer.alloc(stream.sizeBytes);
  return stream.read(bytes, 0).length > 0 ? null : bytes;
}

/** Counts FILE records from `offset` on: all that can be done when the run list is lost twice. */
function guessRuns(source: RandomAccessSource, geometry: NtfsGeometry, offset: number, runs: RunTable): FoundMft | null {
  const { clusterSizeBytes, recordSizeBytes } = geometry;
  const piece = Buffer.allocUnsafe(Math.max(1024 * 1024, recordSizeBytes));
  // The first records may be the damaged ones: begin to insist only after them.
  let last = -1;
  let seen = 0;
  for (let at = offset; at + recordSizeBytes <= source.sizeBytes; at += piece.length) {
    const part = piece.subarray(0, Math.floor(Math.min(piece.length, source.sizeBytes - at) / recordSizeBytes) * recordSizeBytes);
    source.readInto(part, at);
    for (let in_ = 0; in_ < part.length; in_ += recordSizeBytes, seen++) if (readU32(part, in_) === FILE_MAGIC) last = seen;
    if (seen - last > piece.length / recordSizeBytes) break;
  }
  if (last < 0) return null;
  runs.clear();
  const sizeBytes = (last + 1) * recordSizeBytes;
  runs.push(geometry.mftCluster, Math.ceil(sizeBytes / clusterSizeBytes));
  return { sizeBytes, complete: true, attributes: new AttributeTable() };
}

function readInUse(source: RandomAccessSource, geometry: NtfsGeometry, attributes: AttributeTable, recordCount: number): Buffer | null {
  const i = attributes.findUnnamed(BITMAP);
  if (i < 0) return null;
  const bytes = Buffer.alloc(Math.ceil(recordCount / 8));
  if (attributes.isResident(i)) {
    const at = attributes.valueAt(i);
    if (at < 0) return null;
    attributes.bytes[i]!.copy(bytes, 0, at, at + attributes.valueLength(i));
    return bytes;
  }
  const runs = new RunTable();
  if (!attributes.hasRunList(i) || !attributes.appendRuns(i, runs)) return null;
  const stream = new MetadataStream(source, runs, geometry.clusterSizeBytes, Math.min(attributes.sizeBytes(i), bytes.length));
  return stream.read(bytes, 0).length > 0 ? null : bytes;
}

function startDamaged(source: RandomAccessSource, offset: number, length: number, how: string): Problem {
  return {
    kind: 'malformed',
    code: 'ntfs-mft-start-damaged',
    message: `the first record of $MFT is damaged; ${how}`,
    where: { offset: source.originOffset + Math.min(offset, Number.MAX_SAFE_INTEGER / 2), length },
  };
}
