/**
 * TIFF 6.0 structure, which EXIF 2.32 (CIPA DC-008), MPF (CIPA DC-007) and most camera raw files share:
 *
 *     offset  bytes
 *          0      2  byte order: II little-endian, MM big-endian
 *          2      2  42 (others in raw files)
 *          4      4  offset of the first directory
 *
 *     directory: u16 number of entries; entries of 12 bytes; u32 offset of the next directory, 0 at the end
 *     entry:     u16 tag; u16 type; u32 count; the value itself when it fits into 4 bytes, else its offset
 *
 * Offsets count from the byte-order mark. Directories may point anywhere, also at themselves: each offset
 * is read once, and numbers of directories and entries are limited.
 */
import { ByteView } from '@kerbside/bytes';

/** More than any camera writes; shared reference on reliability, section 7. */
export const MAX_TIFF_TAGS = 512;
export const MAX_TIFF_DIRECTORIES = 64;

/** Numbers of one tag that are read: strips of a large scan are thousands, none of them needed beyond the first. */
const MAX_NUMBERS = 64;
/** Characters of one text that are read. */
const MAX_TEXT_BYTES = 256;

export const TIFF_TAG = {
  newSubfileType: 0xfe,
  imageWidth: 0x100,
  imageLength: 0x101,
  bitsPerSample: 0x102,
  compression: 0x103,
  photometric: 0x106,
  make: 0x10f,
  model: 0x110,
  stripOffsets: 0x111,
  orientation: 0x112,
  stripByteCounts: 0x117,
  samplesPerPixel: 0x115,
  software: 0x131,
  changedAt: 0x132,
  subDirectories: 0x14a,
  jpegOffset: 0x201,
  jpegLength: 0x202,
  panasonicJpeg: 0x2e,
  exifDirectory: 0x8769,
  gpsDirectory: 0x8825,
  takenAt: 0x9003,
  digitisedAt: 0x9004,
  changedOffset: 0x9010,
  takenOffset: 0x9011,
  digitisedOffset: 0x9012,
  bodySerial: 0xa431,
  mpEntries: 0xb002,
  cameraSerial: 0xc62f,
  dngVersion: 0xc612,
} as const;

/** Bytes of one value by type: 1 byte, 2 ASCII, 3 short, 4 long, 5 rational, 6 to 12 the signed and floating ones, 13 a directory's offset. */
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where the value stands, in bytes from the byte-order mark. */
  readonly valueAt: number;
}

export type DirectoryRole = 'main' | 'sub' | 'exif' | 'gps';

/** One directory. A getter answers null where the tag is absent, of another type or points outside. */
export interface TiffDirectory {
  readonly role: DirectoryRole;
  /** Place in the chain of main directories; that of the parent for others. */
  readonly place: number;
  has(tag: number): boolean;
  number(tag: number): number | null;
  /** Up to 64 numbers; rationals as quotients, NaN where the divisor is 0. */
  numbers(tag: number): readonly number[] | null;
  /** Up to the first zero byte, trimmed; null when nothing printable is left. */
  text(tag: number): string | null;
  /** The value's bytes as they are. */
  bytes(tag: number): Uint8Array | null;
}

export interface TiffTree {
  readonly directories: readonly TiffDirectory[];
  /** One sentence when a structure was damaged or a limit reached; what was read stays good. */
  readonly fault: string | null;
}

interface Walk {
  readonly view: ByteView;
  readonly littleEndian: boolean;
  readonly seen: Set<number>;
  readonly found: TiffDirectory[];
  fault: string | null;
}

/**
 * Reads every directory that can be reached.
 *
 * @param block begins with the byte-order mark
 * @param reach `first`: only the first directory, for telling formats apart
 */
export function readTiffDirectories(block: Uint8Array, reach: 'first' | 'all' = 'all'): TiffTree {
  const view = new ByteView(block);
  const littleEndian = view.hasAscii(0, 'II');
  if (view.length < 8 || (!littleEndian && !view.hasAscii(0, 'MM'))) return { directories: [], fault: 'The block of tags has no byte order.' };
  const walk: Walk = { view, littleEndian, seen: new Set(), found: [], fault: null };
  let at = u32(walk, 4);
  for (let place = 0; at !== 0; place++) {
    const next = readDirectory(walk, at, 'main', place, reach === 'all');
    if (next === null || reach === 'first') break;
    at = next;
  }
  return { directories: walk.found, fault: walk.fault };
}

/** @returns the offset of the next directory, null when there is none to go on with */
function readDirectory(walk: Walk, at: number, role: DirectoryRole, place: number, descend: boolean): number | null {
  if (walk.seen.has(at)) return giveUp(walk, 'Directories of tags point in a circle.');
  if (walk.seen.size >= MAX_TIFF_DIRECTORIES) return giveUp(walk, `There are more than ${MAX_TIFF_DIRECTORIES} directories of tags.`);
  walk.seen.add(at);
  const { view } = walk;
  if (at < 8 || at + 2 > view.length) return giveUp(walk, 'A directory of tags lies outside its block.');
  const stated = u16(walk, at);
  if (stated > MAX_TIFF_TAGS) walk.fault ??= `A directory states ${stated} tags, more than ${MAX_TIFF_TAGS}.`;
  const there = Math.min(stated, MAX_TIFF_TAGS, Math.floor((view.length - at - 2) / 12));
  if (there < stated) walk.fault ??= 'A directory of tags is cut short.';
  const entries = new Map<number, Entry>();
  for (let i = 0; i < there; i++) {
    const entryAt = at + 2 + 12 * i;
    const type = u16(walk, entryAt + 2);
    const count = u32(walk, entryAt + 4);
    const length = (TYPE_BYTES[type] ?? 0) * count;
    const valueAt = length <= 4 ? entryAt + 8 : u32(walk, entryAt + 8);
    // A value outside, or of a type that is none, counts as absent: cameras themselves write some.
    if (length > 0 && valueAt + length <= view.length && !entries.has(u16(walk, entryAt))) entries.set(u16(walk, entryAt), { type, count, valueAt });
  }
  const directory = makeDirectory(walk, entries, role, place);
  walk.found.push(directory);
  if (descend && role !== 'gps') readChildren(walk, directory, place);
  const nextAt = at + 2 + 12 * stated;
  return role === 'main' && there === stated && nextAt + 4 <= view.length ? u32(walk, nextAt) : null;
}

function readChildren(walk: Walk, directory: TiffDirectory, place: number): void {
  const children: (readonly [number, DirectoryRole])[] = [[TIFF_TAG.exifDirectory, 'exif'], [TIFF_TAG.gpsDirectory, 'gps'], [TIFF_TAG.subDirectories, 'sub']];
  for (const [tag, role] of children) {
    for (const at of directory.numbers(tag) ?? []) readDirectory(walk, at, role, place, true);
  }
}

function makeDirectory(walk: Walk, entries: ReadonlyMap<number, Entry>, role: DirectoryRole, place: number): TiffDirectory {
  const numbers = (tag: number): number[] | null => {
    const entry = entries.get(tag);
    if (entry === undefined || entry.type === 2) return null;
    return Array.from({ length: Math.min(entry.count, MAX_NUMBERS) }, (_, i) => valueAt(walk, entry.type, entry.valueAt + i * TYPE_BYTES[entry.type]!));
  };
  const bytes = (tag: number): Uint8Array | null => {
    const entry = entries.get(tag);
    return entry === undefined ? null : walk.view.bytes.subarray(entry.valueAt, entry.valueAt + entry.count * TYPE_BYTES[entry.type]!);
  };
  return {
    role,
    place,
    has: (tag) => entries.has(tag),
    number: (tag) => numbers(tag)?.[0] ?? null,
    numbers,
    text: (tag) => (entries.get(tag)?.type === 2 ? plainText(bytes(tag)!) : null),
    bytes,
  };
}

/** UTF-8 up to the first zero byte; what cannot be shown becomes a space. */
export function plainText(bytes: Uint8Array): string | null {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, MAX_TEXT_BYTES)).toString('utf8');
  const end = whole.indexOf('\0');
  const text = (end < 0 ? whole : whole.slice(0, end)).replaceAll(/[\p{C}\p{Z}\ufffd]+/gu, ' ').trim();
  return text === '' ? null : text;
}

function valueAt(walk: Walk, type: number, at: number): number {
  const { view } = walk;
  switch (type) {
    case 3:
      return u16(walk, at);
    case 4:
    case 13:
      return u32(walk, at);
    case 5:
      return quotient(u32(walk, at), u32(walk, at + 4));
    case 6:
      return (view.u8(at) << 24) >> 24;
    case 8:
      return (u16(walk, at) << 16) >> 16;
    case 9:
      return u32(walk, at) | 0;
    case 10:
      return quotient(u32(walk, at) | 0, u32(walk, at + 4) | 0);
    case 11:
      return walk.littleEndian ? view.bytes.readFloatLE(at) : view.bytes.readFloatBE(at);
    case 12:
      return walk.littleEndian ? view.bytes.readDoubleLE(at) : view.bytes.readDoubleBE(at);
    default:
      return view.u8(at);
  }
}

function quotient(above: number, below: number): number {
  return below === 0 ? Number.NaN : above / below;
}

function giveUp(walk: Walk, fault: string): null {
  walk.fault ??= fault;
  return null;
}

function u16({ view, littleEndian }: Walk, at: number): number {
  return littleEndian ? view.u16(at) : view.u16be(at);
}

function u32({ view, littleEndian }: Walk, at: number): number {
  return littleEndian ? view.u32(at) : view.u32be(at);
}
