import { NO_RANGES, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import { SPARSE, type RunTable } from './run-list.ts';

/** A run of a stream's bytes on the volume; `offset` -1 where the volume holds nothing for it. */
interface Piece {
  readonly start: number;
  readonly length: number;
  readonly offset: number;
}

/** A stream of the volume's own metadata ($MFT, $Bitmap, an attribute list) with random access. */
export class MetadataStream {
  /** Bytes that may be read: the size, or less where the runs give less. */
  readonly sizeBytes: number;
  /** Bytes of it that lie outside the volume; they read as zero. */
  readonly outsideBytes: number;
  readonly #source: RandomAccessSource;
  readonly #pieces: readonly Piece[];
  #last = 0;

  /**
   * @param source the volume
   * @param runs copied; runs outside the volume read as zero and are counted
   * @param sizeBytes wanted length; cut to the runs' and to the volume's, as overlapping runs are a lie
   */
  constructor(source: RandomAccessSource, runs: RunTable, clusterSizeBytes: number, sizeBytes: number) {
    this.#source = source;
    const pieces: Piece[] = [];
    const wanted = Math.min(sizeBytes, source.sizeBytes);
    let start = 0;
    let outside = 0;
    for (let i = 0; i < runs.count && start < wanted; i++) {
      const length = Math.min(runs.length[i]! * clusterSizeBytes, wanted - start);
      const cluster = runs.clusterAt[i]!;
      const offset = cluster * clusterSizeBytes;
      const inside = cluster < 0 ? 0 : Math.max(0, Math.min(length, source.sizeBytes - offset));
      if (inside > 0) pieces.push({ start, length: inside, offset });
      if (inside < length) {
        pieces.push({ start: start + inside, length: length - inside, offset: -1 });
        if (cluster !== SPARSE) outside += length - inside;
      }
      start += length;
    }
    this.#pieces = pieces;
    this.sizeBytes = start;
    this.outsideBytes = outside;
  }

  /**
   * Fills `target` from `from` on, zeros where the volume holds nothing; what is beyond the end is left as it was.
   * @returns ranges the medium could not give, as offsets in the stream
   */
  read(target: Buffer, from: number): readonly ByteRange[] {
    let unread: ByteRange[] | null = null;
    const end = Math.min(from + target.length, this.sizeBytes);
    let at = from;
    for (let i = this.#find(from); i < this.#pieces.length && at < end; i++) {
      const piece = this.#pieces[i]!;
      const within = at - piece.start;
      const length = Math.min(end - at, piece.length - within);
      const part = target.subarray(at - from, at - from + length);
      if (piece.offset < 0) part.fill(0);
      else {
        for (const range of this.#source.readInto(part, piece.offset + within)) {
          (unread ??= []).push({ offset: range.offset - piece.offset + piece.start, length: range.length });
        }
      }
      at += length;
    }
    return unread ?? NO_RANGES;
  }

  /** Offset on the source of byte `at` of the stream; -1 where nothing is stored for it. */
  sourceOffset(at: number): number {
    const piece = this.#pieces[this.#find(at)];
    return piece === undefined || piece.offset < 0 ? -1 : this.#source.originOffset + piece.offset + at - piece.start;
  }

  /** Index of the piece that holds `at`; their count when none does. */
  #find(at: number): number {
    const near = this.#pieces[this.#last];
    if (near !== undefined && at >= near.start && at < near.start + near.length) return this.#last;
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = this.#pieces[middle]!;
      if (at >= piece.start + piece.length) low = middle + 1;
      else high = middle;
    }
    this.#last = low;
    return low;
  }
}
