/**
 * Compound file (Microsoft, MS-CFB), the container of Thumbs.db; little-endian.
 *
 *     offset  bytes
 *          0      8  D0 CF 11 E0 A1 B1 1A E1
 *       0x1e      2  sector length as power of two: 9 or 12
 *       0x20      2  the same of small sectors: 6
 *       0x30      4  first sector of the directory
 *       0x38      4  streams shorter than this lie in small sectors
 *       0x3c      4  first sector of the table of small sectors
 *       0x44      4  first sector with more places of the table of sectors
 *       0x4c    436  places of the table of sectors, the first 109
 *
 * Sector n begins at (n + 1) sectors. A table gives for each sector the next of its chain; FFFFFFFE ends it.
 * A directory entry has 128 bytes: name in UTF-16, at 64 its length in bytes with the closing zero, at 66 the kind
 * (2 stream, 5 root), at 108 the time of change, at 116 the first sector, at 120 the length.
 */
import { LimitError, MalformedError, readView, type RandomAccessSource } from '@kerbside/bytes';
import type { PlainExtent } from '../../item.ts';
import { cutExtents, joinRuns, MAX_STORE_MEMBERS } from './stored-member.ts';

export interface CompoundStream {
  /** UTF-16, little-endian, as stored. */
  readonly name: Buffer;
  readonly sizeBytes: number;
  /** Where it lies, in order. */
  readonly extents: readonly PlainExtent[];
}

/** What one stream gave: its place, or why there is none. */
export type CompoundEntry = { readonly stream: CompoundStream } | { readonly fault: MalformedError };

const HEADER_BYTES = 512;
const ENTRY_BYTES = 128;
const LAST_REGULAR = 0xfffffff9;
const END_OF_CHAIN = 0xfffffffe;

/** Bytes of the tables that are read: a file of 2 GiB in sectors of 512 has 16 MiB. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

/** @throws MalformedError `cfb-damaged` when the tables or the directory cannot be read; LimitError `thumbnails-limit` */
export function* readCompoundStreams(source: RandomAccessSource): Generator<CompoundEntry> {
  if (source.sizeBytes < HEADER_BYTES) throw damaged('is shorter than its header');
  const header = readView(source, 0, HEADER_BYTES);
  const shift = header.u16(0x1e);
  if ((shift !== 9 && shift !== 12) || header.u16(0x20) !== 6) throw damaged('states a sector length that does not exist');
  const sectorBytes = 2 ** shift;
  const sectors: Sectors = { source, sectorBytes, count: Math.max(0, Math.ceil(source.sizeBytes / sectorBytes) - 1) };
  const table = readTable(sectors, tablePlaces(sectors, header.bytes));
  const directory = readTable(sectors, chain(header.u32(0x30), table, sectors.count));
  if (directory.length < ENTRY_BYTES) throw damaged('has no directory');
  const smallTable = readTable(sectors, header.u32(0x3c) >= LAST_REGULAR ? [] : chain(header.u32(0x3c), table, sectors.count));
  const smallBelow = header.u32(0x38);
  const small = joinRuns(chainRuns(sectors, chain(directory.readUInt32LE(116), table, sectors.count, true)));
  const smallBytes = small.reduce((sum, { length }) => sum + length, 0);
  let found = 0;
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const nameBytes = directory.readUInt16LE(at + 64);
    if (directory[at + 66] !== 2 || nameBytes < 2 || nameBytes > 64) continue;
    if (++found > MAX_STORE_MEMBERS) throw new LimitError('thumbnails-limit', `The store holds more than ${MAX_STORE_MEMBERS} streams.`);
    const name = directory.subarray(at, at + nameBytes - 2);
    const sizeBytes = directory.readUInt32LE(at + 120);
    const first = directory.readUInt32LE(at + 116);
    try {
      const extents =
        sizeBytes === 0
          ? []
          : sizeBytes < smallBelow
            ? chain(first, smallTable, Math.floor(smallBytes / 64)).flatMap((place) => cutExtents(small, place * 64, 64))
            : joinRuns(chainRuns(sectors, chain(first, table, sectors.count)));
      const cut = cutExtents(joinRuns(extents), 0, sizeBytes);
      if (cut.reduce((sum, { length }) => sum + length, 0) < sizeBytes) throw damaged('has a stream that ends before its stated length');
      yield { stream: { name, sizeBytes, extents: cut } };
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      yield { fault: error };
    }
  }
}

interface Sectors {
  readonly source: RandomAccessSource;
  readonly sectorBytes: number;
  readonly count: number;
}

/** Sectors that hold the table: 109 in the header, more in sectors of their own, each ending with the next one's number. */
function tablePlaces({ source, sectorBytes, count }: Sectors, header: Buffer): number[] {
  const places: number[] = [];
  for (let at = 0x4c; at < HEADER_BYTES; at += 4) places.push(header.readUInt32LE(at));
  const seen = new Set<number>();
  for (let next = header.readUInt32LE(0x44); next < count && !seen.has(next) && seen.size * sectorBytes < MAX_TABLE_BYTES; ) {
    seen.add(next);
    if ((next + 2) * sectorBytes > source.sizeBytes) break;
    const more = readView(source, (next + 1) * sectorBytes, sectorBytes);
    for (let at = 0; at + 4 < sectorBytes; at += 4) places.push(more.u32(at));
    next = more.u32(sectorBytes - 4);
  }
  return places.filter((place) => place < count);
}

function readTable(sectors: Sectors, places: readonly number[]): Buffer {
  if (places.length * sectors.sectorBytes > MAX_TABLE_BYTES) throw new LimitError('thumbnails-limit', `A table of the store is longer than ${MAX_TABLE_BYTES} bytes.`);
  return Buffer.concat([...chainRuns(sectors, places)].map(({ sourceOffset, length }) => readView(sectors.source, sourceOffset, length).bytes));
}

function* chainRuns({ source, sectorBytes }: Sectors, places: readonly number[]): Generator<{ sourceOffset: number; length: number }> {
  for (const place of places) {
    const sourceOffset = (place + 1) * sectorBytes;
    // The last sector of a file may be cut.
    if (sourceOffset < source.sizeBytes) yield { sourceOffset, length: Math.min(sectorBytes, source.sizeBytes - sourceOffset) };
  }
}

/** @throws MalformedError `cfb-damaged` when the chain leaves the file, runs in a circle or leaves the table */
function chain(first: number, table: Buffer, count: number, mayBeEmpty = false): number[] {
  if (mayBeEmpty && first >= LAST_REGULAR) return [];
  const places: number[] = [];
  for (let at = first; at !== END_OF_CHAIN; at = table.readUInt32LE(at * 4)) {
    // A chain longer than there are sectors has come back to one.
    if (at >= count || places.length >= count) throw damaged('has a chain of sectors that leads nowhere');
    places.push(at);
    if (at * 4 + 4 > table.length) throw damaged('has a chain of sectors that leaves its table');
  }
  return places;
}

function damaged(what: string): MalformedError {
  return new MalformedError('cfb-damaged', `The compound file ${what}.`);
}
