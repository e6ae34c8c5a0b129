/**
 * Any ZIP, sound or not (APPNOTE.TXT 4.3, little-endian; the records are laid out in
 * packages/evidence/src/containers/zip/zip-records.ts). What a member does not say is worked out.
 */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Bytes of the path as they are to stand. */
  readonly name: string | Buffer;
  readonly content: Buffer;
  /** 0 stored, 8 deflate (default); with any other, `packed` must be given. */
  readonly method?: number;
  readonly packed?: Buffer;
  readonly flags?: number;
  /** Lengths and checksum follow the content (flag 3). */
  readonly sizeFollows?: boolean;
  /** Lengths as 64-bit numbers in an extra field. */
  readonly wide?: boolean;
  /** What is stated, where it is to be wrong. */
  readonly statedSize?: number;
  readonly statedCrc?: number;
  /** Extra field of the directory's record. */
  readonly extra?: Buffer;
  /** Upper byte of "made by", and external attributes. */
  readonly system?: number;
  readonly attributes?: number;
  /** The directory points to this member's header instead. */
  readonly sameAs?: number;
}

export interface ZipShape {
  /** Bytes before the archive; stored offsets do not count them. */
  readonly prefix?: Buffer;
  readonly comment?: Buffer;
  readonly suffix?: Buffer;
  /** Members without a record in the directory, by number. */
  readonly unlisted?: readonly number[];
  readonly omitDirectory?: boolean;
  readonly wideEnd?: boolean;
}

const FLAG_SIZE_FOLLOWS = 8;
const DOS_DATE = 0x5a21;
const FULL = 0xffff_ffff;

export function writeZip(entries: readonly ZipEntry[], shape: ZipShape = {}): Buffer {
  const pieces: Buffer[] = [];
  const records: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  entries.forEach((entry, number) => {
    const { local, record } = writeEntry(entry, entry.sameAs === undefined ? at : offsets[entry.sameAs]!);
    offsets.push(at);
    if (entry.sameAs === undefined) {
      pieces.push(local);
      at += local.length;
    }
    if (shape.unlisted?.includes(number) !== true) records.push(record);
  });
  const directory = Buffer.concat(records);
  const end = endRecords(records.length, directory.length, at, shape);
  return Buffer.concat([shape.prefix ?? Buffer.alloc(0), ...pieces, ...(shape.omitDirectory === true ? [] : [directory, end]), shape.suffix ?? Buffer.alloc(0)]);
}

function writeEntry(entry: ZipEntry, offset: number): { readonly local: Buffer; readonly record: Buffer } {
  const name = Buffer.from(entry.name);
  const method = entry.method ?? 8;
  const packed = entry.packed ?? (method === 0 ? entry.content : deflateRawSync(entry.content));
  const crc = entry.statedCrc ?? crc32(entry.content);
  const size = entry.statedSize ?? entry.content.length;
  const follows = entry.sizeFollows === true;
  const flags = (entry.flags ?? 0) | (follows ? FLAG_SIZE_FOLLOWS : 0);
  const wide = entry.wide === true ? Buffer.concat([numbers([2, 0x0001], [2, 16]), wideNumber(size), wideNumber(packed.length)]) : Buffer.alloc(0);
  const stated = entry.wide === true ? [FULL, FULL] : [packed.length, size];
  const facts = (isLocal: boolean): Buffer =>
    numbers([2, flags], [2, method], [2, 0x6000], [2, DOS_DATE], [4, follows && isLocal ? 0 : crc], [4, follows && isLocal ? 0 : stated[0]!], [4, follows && isLocal ? 0 : stated[1]!], [2, name.length]);
  const local = Buffer.concat([
    numbers([4, 0x0403_4b50], [2, 20]), facts(true), numbers([2, wide.length]), name, wide, packed,
    follows ? numbers([4, 0x0807_4b50], [4, crc], [4, packed.length], [4, size]) : Buffer.alloc(0),
  ]);
  const extra = Buffer.concat([wide, entry.extra ?? Buffer.alloc(0)]);
  const record = Buffer.concat([
    numbers([4, 0x0201_4b50], [1, 20], [1, entry.system ?? 0], [2, 20]), facts(false),
    numbers([2, extra.length], [2, 0], [2, 0], [2, 0], [4, entry.attributes ?? 0], [4, offset]), name, extra,
  ]);
  return { local, record };
}

function endRecords(count: number, lengthBytes: number, offset: number, shape: ZipShape): Buffer {
  const comment = shape.comment ?? Buffer.alloc(0);
  const isWide = shape.wideEnd === true;
  const wide = isWide
    ? [
        numbers([4, 0x0606_4b50]), wideNumber(44), numbers([2, 45], [2, 45], [4, 0], [4, 0]), wideNumber(count), wideNumber(count), wideNumber(lengthBytes), wideNumber(offset),
        numbers([4, 0x0706_4b50], [4, 0]), wideNumber(offset + lengthBytes), numbers([4, 1]),
      ]
    : [];
  const stated = isWide ? [0xffff, FULL, FULL] : [count & 0xffff, lengthBytes, offset];
  return Buffer.concat([...wide, numbers([4, 0x0605_4b50], [2, 0], [2, 0], [2, stated[0]!], [2, stated[0]!], [4, stated[1]!], [4, stated[2]!], [2, comment.length]), comment]);
}

function numbers(...fields: readonly (readonly [width: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) at = bytes.writeUIntLE(value, at, width);
  return bytes;
}

function wideNumber(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
