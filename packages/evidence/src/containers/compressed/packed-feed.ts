import { MediumError, type RandomAccessSource } from '@kerbside/bytes';

const FEED_BYTES = 256 * 1024;

/**
 * Packed bytes on their way into an unpacker, which takes them from `bytes[at..end)` and moves `at`.
 * What an unpacker leaves is there for the next, so streams may follow one another.
 */
export class PackedFeed {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  readonly #next: () => Uint8Array | null;
  #before = 0;

  constructor(next: () => Uint8Array | null) {
    this.#next = next;
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#before + this.at;
  }

  /** Makes sure that a byte is there. @returns false at the end. @throws MediumError, or what the source of the bytes throws */
  fill(): boolean {
    while (this.at >= this.end) {
      const piece = this.#next();
      if (piece === null) return false;
      this.#before += this.end;
      this.bytes = piece;
      this.at = 0;
      this.end = piece.length;
    }
    return true;
  }

  /** The next byte, or -1 at the end. */
  byte(): number {
    return this.at < this.end || this.fill() ? this.bytes[this.at++]! : -1;
  }

  /** The next `length` bytes as a copy; fewer at the end. */
  take(length: number): Buffer {
    const out = Buffer.alloc(length);
    let filled = 0;
    while (filled < length && this.fill()) {
      const count = Math.min(length - filled, this.end - this.at);
      out.set(this.bytes.subarray(this.at, this.at + count), filled);
      this.at += count;
      filled += count;
    }
    return out.subarray(0, filled);
  }
}

/** Feeds `length` bytes of a source from `offset` on. */
export function feedFromSource(source: RandomAccessSource, offset: number, length: number): PackedFeed {
  const buffer = Buffer.allocUnsafe(Math.min(length, FEED_BYTES));
  let at = offset;
  const end = offset + length;
  return new PackedFeed(() => {
    if (at >= end) return null;
    const piece = buffer.subarray(0, Math.min(buffer.length, end - at));
    const bad = source.readInto(piece, at)[0];
    if (bad !== undefined) throw new MediumError('unreadable-bytes', `${bad.length} bytes could not be read`, { offset: source.originOffset + bad.offset, length: bad.length });
    at += piece.length;
    return piece;
  });
}

/** Feeds pieces as another reader yields them, e.g. the content of a packed member. */
export function feedFromPieces(pieces: Iterable<Uint8Array>): PackedFeed {
  const iterator = pieces[Symbol.iterator]();
  return new PackedFeed(() => {
    const { done, value } = iterator.next();
    return done === true ? null : value;
  });
}
