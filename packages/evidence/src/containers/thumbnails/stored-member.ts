import { MediumError, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ItemTimes, PlainExtent, Timestamp } from '../../item.ts';
import type { Member, MemberState } from '../container.ts';

/** Members of one store: Windows keeps some ten thousand thumbnails a size; the limit is that of archives. */
export const MAX_STORE_MEMBERS = 100_000;

/** A thumbnail is smaller; what is larger is no thumbnail and not taken out. */
export const MAX_THUMBNAIL_BYTES = 64 * 1024 * 1024;

const PIECE_BYTES = 1024 * 1024;
const NO_TIMES: ItemTimes = { created: null, modified: null, accessed: null, changed: null };

/** A thumbnail that lies in its store as it is. */
export function storedMember(source: RandomAccessSource, names: readonly EvidenceName[], extents: readonly PlainExtent[], options: { readonly modified?: Timestamp | null; readonly state?: MemberState } = {}): Member {
  return {
    names,
    kind: 'file',
    sizeBytes: extents.reduce((sum, { length }) => sum + length, 0),
    times: { ...NO_TIMES, modified: options.modified ?? null },
    state: options.state ?? 'readable',
    extents,
    content: () => readExtents(source, extents),
  };
}

/** Joins runs that follow one another, so that a stream in one piece is one extent. */
export function joinRuns(runs: Iterable<{ readonly sourceOffset: number; readonly length: number }>): PlainExtent[] {
  const joined: PlainExtent[] = [];
  for (const { sourceOffset, length } of runs) {
    const last = joined.at(-1);
    if (last !== undefined && last.sourceOffset + last.length === sourceOffset) joined[joined.length - 1] = { ...last, length: last.length + length };
    else joined.push({ kind: 'data', sourceOffset, length });
  }
  return joined;
}

/** The stretch `from` to `from + length` of a content that lies in `extents`. */
export function cutExtents(extents: readonly PlainExtent[], from: number, length: number): PlainExtent[] {
  const cut: PlainExtent[] = [];
  let at = 0;
  for (const extent of extents) {
    const start = Math.max(from, at);
    const end = Math.min(from + length, at + extent.length);
    if (start < end) cut.push({ kind: 'data', sourceOffset: extent.sourceOffset + start - at, length: end - start });
    at += extent.length;
  }
  return cut;
}

/** @throws MediumError `unreadable-bytes` */
export function* readExtents(source: RandomAccessSource, extents: readonly PlainExtent[]): Generator<Uint8Array> {
  for (const { sourceOffset, length } of extents) {
    for (let done = 0; done < length; done += PIECE_BYTES) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, length - done));
      const [unread] = source.readInto(piece, sourceOffset + done);
      if (unread !== undefined) {
        throw new MediumError('unreadable-bytes', `${unread.length} bytes could not be read`, { offset: source.originOffset + unread.offset, length: unread.length });
      }
      yield piece;
    }
  }
}

/** Windows' count of 100 ns since 1601; null for 0 and for what is no date of a computer. */
export function fromFiletime(low: number, high: number): Timestamp | null {
  const ticks = BigInt(high) * 0x1_0000_0000n + BigInt(low);
  const seconds = Number(ticks / 10_000_000n) - 11_644_473_600;
  return ticks === 0n || seconds < 0 || seconds > 7_258_118_400 ? null : { seconds, nanoseconds: Number(ticks % 10_000_000n) * 100, zone: 'utc' };
}

/** Kinds of picture that stores hold, by their beginnings; a bitmap also without its file header is not one of them. */
export function findPictureStart(head: Uint8Array): number {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const places = ['ffd8ff', '89504e470d0a1a0a'].map((hex) => bytes.indexOf(Buffer.from(hex, 'hex'))).filter((at) => at >= 0);
  const bitmap = bytes.subarray(0, 2).toString('latin1') === 'BM' ? [0] : [];
  return places.length + bitmap.length === 0 ? -1 : Math.min(...places, ...bitmap);
}
