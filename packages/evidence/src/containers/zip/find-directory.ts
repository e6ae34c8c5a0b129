import { MalformedError, readView, type RandomAccessSource } from '@kerbside/bytes';
import { CENTRAL_SIGNATURE, u16, u32, u64 } from './zip-records.ts';

/*
 * End record, `50 4B 05 06`: 4 disk, 6 disk of the directory, 8 and 10 records (here, in all), u32 at 12 length
 * and at 16 offset of the directory, 20 length of the comment that follows. ZIP64: a locator of 20 bytes before
 * it (`50 4B 06 07`, u64 at 8: offset of the ZIP64 end record), which is `50 4B 06 06` with u64 at 24 and 32
 * records, at 40 length, at 48 offset of the directory.
 */
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');
const LOCATOR_SIGNATURE = 0x0706_4b50;
const END64_SIGNATURE = 0x0606_4b50;

/** A comment has at most 65,535 bytes; the rest leaves room for what was added after the archive. */
const MAX_SEARCH_BYTES = 256 * 1024;
/** End records looked at: a comment could hold thousands. */
const MAX_CANDIDATES = 64;

export interface ZipDirectory {
  /** Place and length in the source. */
  readonly offset: number;
  readonly lengthBytes: number;
  /** Members that the end record states. */
  readonly statedCount: number;
  /** What stored offsets are counted from: bytes before the archive, as of a self-extracting program. */
  readonly base: number;
  /** The archive is one of several parts. */
  readonly isPart: boolean;
}

/**
 * Finds the central directory. Of several end records the last counts that has a directory where it says.
 * @throws MalformedError `zip-directory-missing`; MediumError `unreadable-bytes`
 */
export function findDirectory(source: RandomAccessSource): ZipDirectory {
  const length = Math.min(source.sizeBytes, MAX_SEARCH_BYTES);
  const start = source.sizeBytes - length;
  const tail = readView(source, start, length).bytes;
  let at = tail.lastIndexOf(END_SIGNATURE);
  for (let looked = 0; at >= 0 && looked < MAX_CANDIDATES; looked++) {
    const found = at + END_BYTES <= tail.length ? readEnd(source, tail, at, start) : null;
    if (found !== null) return found;
    at = at === 0 ? -1 : tail.lastIndexOf(END_SIGNATURE, at - 1);
  }
  throw new MalformedError('zip-directory-missing', 'a ZIP has no directory that can be found at its end: it may be cut short; members are looked for by their own headers', { offset: source.originOffset });
}

/** True when a ZIP ends here, whatever it begins with. Costs one read of up to 256 KiB. */
export function hasZipEnd(source: RandomAccessSource): boolean {
  try {
    return findDirectory(source).lengthBytes > 0;
  } catch {
    return false;
  }
}

function readEnd(source: RandomAccessSource, tail: Buffer, at: number, start: number): ZipDirectory | null {
  let statedCount = u16(tail, at + 10);
  let lengthBytes = u32(tail, at + 12);
  let stated = u32(tail, at + 16);
  let end = start + at;
  const isPart = u16(tail, at + 4) !== 0 && u16(tail, at + 4) !== 0xffff;
  if (at >= LOCATOR_BYTES && u32(tail, at - LOCATOR_BYTES) === LOCATOR_SIGNATURE) {
    // Bytes before the archive move the record; it nearly always stands right before its locator.
    for (const place of [u64(tail, at - LOCATOR_BYTES + 8), end - LOCATOR_BYTES - END64_BYTES]) {
      if (!(Number.isSafeInteger(place) && place >= 0 && place + END64_BYTES <= end)) continue;
      const wide = readView(source, place, END64_BYTES).bytes;
      if (u32(wide, 0) !== END64_SIGNATURE) continue;
      statedCount = u64(wide, 32);
      lengthBytes = u64(wide, 40);
      stated = u64(wide, 48);
      end = place;
      break;
    }
  }
  if (lengthBytes === 0) return statedCount === 0 ? { offset: end, lengthBytes: 0, statedCount, base: 0, isPart } : null;
  for (const offset of [end - lengthBytes, stated]) {
    if (!(Number.isSafeInteger(offset) && offset >= 0 && offset + lengthBytes <= end && lengthBytes >= 4)) continue;
    if (u32(readView(source, offset, 4).bytes, 0) === CENTRAL_SIGNATURE) return { offset, lengthBytes, statedCount, base: offset - stated, isPart };
  }
  return null;
}
