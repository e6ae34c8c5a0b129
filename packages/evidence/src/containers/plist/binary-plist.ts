/**
 * Binary property list, version 00 (CFBinaryPList.c of Apple's published CoreFoundation). Big-endian.
 *
 * | at | what |
 * | --- | --- |
 * | 0 | `bplist00` |
 * | 8 | objects: a byte of kind (high half) and count (low half; 15 = an integer object follows with the count) |
 * | … | table with the offset of each object |
 * | end - 32 | 6 bytes unused, offset size u8, reference size u8, objects u64, top object u64, place of the table u64 |
 *
 * Kinds: 0 null, false, true; 1 integer of 2^n bytes; 2 real; 3 date (double, seconds since 2001);
 * 4 data; 5 ASCII; 6 UTF-16; 8 uid; 10 array, 12 set, 13 dictionary of references.
 */
import { ByteView, LimitError, MalformedError, UnsupportedError } from '@kerbside/bytes';
import { MAX_PLIST_BYTES, MAX_PLIST_DEPTH, MAX_PLIST_VALUES, PlistDate, PlistUid, type PlistValue } from './plist-value.ts';

const TRAILER_BYTES = 32;

/** Seconds from 1970 to 2001, where Apple's dates begin. */
export const APPLE_EPOCH_SECONDS = 978_307_200;

interface Reader {
  readonly view: ByteView;
  readonly offsets: readonly number[];
  readonly referenceBytes: number;
  /** The objects on the way to this one: one of them again would never end. */
  readonly open: Set<number>;
  /** Values read so far. A value is read anew wherever it stands, so that this count sees what it costs. */
  values: number;
  /** Bytes of data and text read so far, for the same reason: objects may overlap. */
  plainBytes: number;
}

/**
 * Reads a binary property list.
 * @throws MalformedError `plist-damaged`; LimitError; UnsupportedError `plist-form-unknown`
 */
export function readBinaryPlist(bytes: Buffer): PlistValue {
  const view = new ByteView(bytes);
  if (!view.hasAscii(0, 'bplist0')) throw new UnsupportedError('plist-form-unknown', 'a binary property list of a version that is not read');
  if (bytes.length < 8 + TRAILER_BYTES + 1) throw damaged('it ends before its trailer');
  const trailer = view.slice(bytes.length - TRAILER_BYTES, TRAILER_BYTES);
  const offsetBytes = trailer.u8(6);
  const referenceBytes = trailer.u8(7);
  const count = trailer.u64be(8);
  const top = trailer.u64be(16);
  const table = trailer.u64be(24);
  if (offsetBytes < 1 || offsetBytes > 8 || referenceBytes < 1 || referenceBytes > 8) throw damaged('its trailer states impossible sizes');
  if (table < 8 || table + count * offsetBytes > bytes.length - TRAILER_BYTES) throw damaged('its table of objects lies outside it');
  if (count > MAX_PLIST_VALUES) throw new LimitError('plist-values-limit', `a property list of ${count} objects; no more than ${MAX_PLIST_VALUES} are read`);
  const offsets = Array.from({ length: count }, (_, i) => readUnsigned(view, table + i * offsetBytes, offsetBytes));
  return readObject({ view, offsets, referenceBytes, open: new Set(), values: 0, plainBytes: 0 }, top, 0);
}

function readObject(reader: Reader, index: number, depth: number): PlistValue {
  const { view } = reader;
  const at = reader.offsets[index];
  if (at === undefined) throw damaged('it refers to an object that is not there');
  if (depth > MAX_PLIST_DEPTH) throw new LimitError('plist-depth-limit', `lists in lists more than ${MAX_PLIST_DEPTH} deep`);
  if (++reader.values > MAX_PLIST_VALUES) throw new LimitError('plist-values-limit', `more than ${MAX_PLIST_VALUES} values`);
  const marker = byteAt(view, at);
  const kind = marker >> 4;
  const low = marker & 15;
  if (kind === 0) {
    if (low === 8 || low === 9) return low === 9;
    return null;
  }
  if (kind === 1) return readInteger(view, at + 1, 2 ** low);
  if (kind === 2 || kind === 3) return readReal(view, at, kind, 2 ** low);
  if (kind === 8) return new PlistUid(readUnsigned(view, at + 1, low + 1));
  const { count, next } = readCount(view, at, low);
  if (kind === 4 || kind === 5 || kind === 6) reader.plainBytes += take(view, next, kind === 6 ? count * 2 : count).length;
  if (reader.plainBytes > MAX_PLIST_BYTES) throw new LimitError('plist-size-limit', `more than ${MAX_PLIST_BYTES} bytes of data and text`);
  if (kind === 4) return Uint8Array.from(take(view, next, count));
  if (kind === 5) return take(view, next, count).toString('latin1');
  if (kind === 6) return Buffer.from(take(view, next, count * 2)).swap16().toString('utf16le');
  if (kind !== 10 && kind !== 12 && kind !== 13) throw damaged(`it holds an object of kind ${kind}`);
  if (reader.open.has(index)) throw damaged('a list in it stands inside itself');
  const width = reader.referenceBytes;
  if (next + count * width * (kind === 13 ? 2 : 1) > view.length) throw damaged('a list in it runs past its end');
  reader.open.add(index);
  const value = kind === 13 ? readDict(reader, next, count, depth) : readArray(reader, next, count, depth);
  reader.open.delete(index);
  return value;
}

function readArray(reader: Reader, at: number, count: number, depth: number): PlistValue[] {
  const values: PlistValue[] = [];
  for (let i = 0; i < count; i++) values.push(readObject(reader, readUnsigned(reader.view, at + i * reader.referenceBytes, reader.referenceBytes), depth + 1));
  return values;
}

function readDict(reader: Reader, at: number, count: number, depth: number): PlistValue {
  const width = reader.referenceBytes;
  const dict = new Map<string, PlistValue>();
  for (let i = 0; i < count; i++) {
    const key = readObject(reader, readUnsigned(reader.view, at + i * width, width), depth + 1);
    const value = readObject(reader, readUnsigned(reader.view, at + (count + i) * width, width), depth + 1);
    if (typeof key === 'string') dict.set(key, value);
  }
  return dict;
}

function readCount(view: ByteView, at: number, low: number): { count: number; next: number } {
  if (low !== 15) return { count: low, next: at + 1 };
  const marker = byteAt(view, at + 1);
  if (marker >> 4 !== 1 || (marker & 15) > 3) throw damaged('a length in it is no number');
  const width = 2 ** (marker & 15);
  return { count: readUnsigned(view, at + 2, width), next: at + 2 + width };
}

/** Integers of 8 and 16 bytes are signed, shorter ones are not. */
function readInteger(view: ByteView, at: number, width: number): number | bigint {
  if (width > 16) throw damaged(`an integer in it has ${width} bytes`);
  const bytes = take(view, at, width);
  if (width < 8) return bytes.readUIntBE(0, width);
  const value = width === 8 ? bytes.readBigInt64BE(0) : (bytes.readBigInt64BE(0) << 64n) | bytes.readBigUInt64BE(8);
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

function readReal(view: ByteView, at: number, kind: number, width: number): number | PlistDate {
  if (width !== 4 && width !== 8) throw damaged(`a real number in it has ${width} bytes`);
  const bytes = take(view, at + 1, width);
  const value = width === 4 ? bytes.readFloatBE(0) : bytes.readDoubleBE(0);
  return kind === 3 ? new PlistDate(value + APPLE_EPOCH_SECONDS) : value;
}

function readUnsigned(view: ByteView, at: number, width: number): number {
  const bytes = take(view, at, width);
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

function byteAt(view: ByteView, at: number): number {
  return take(view, at, 1)[0]!;
}

function take(view: ByteView, at: number, length: number): Buffer {
  if (!(at >= 0 && length >= 0 && at + length <= view.length)) throw damaged('an object in it lies outside it');
  return view.bytes.subarray(at, at + length);
}

function damaged(what: string): MalformedError {
  return new MalformedError('plist-damaged', `a property list cannot be read: ${what}`);
}
