import { NO_RANGES, requireInside, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';

/** What a model disk is made from. Every figure that comes of it is a model's, not a measurement. */
export interface DiskShape {
  readonly name: string;
  readonly sizeBytes: number;
  /** One turn: 60,000 / rpm. */
  readonly turnMs: number;
  /** Mean over random pairs of places. 8.5 ms: shared reference on triage method, section 2. */
  readonly averageSeekMs: number;
  /** To the next track, settling included: 1.0 ms, as makers of 3.5-inch disks state it for reading. */
  readonly trackSeekMs: number;
  /**
   * From the end of one command to the start of the next without a queue: bridge, driver, drive. 0.8 ms makes ascending reads of
   * the 7,200 model come to the 166 a second of the shared reference. Hidden behind the work of others in a queue.
   */
  readonly commandMs: number;
  /** Rate at the outer and at the inner edge; falls evenly between. Their mean is the reference's. */
  readonly outerBytesPerSecond: number;
  readonly innerBytesPerSecond: number;
}

/** 1 TB, 7,200 turns a minute, 180 MB/s on average (shared reference on triage method, sections 2 and 3.4). */
export const DISK_7200: DiskShape = { name: '1 TB, 7,200 rpm', sizeBytes: 1e12, turnMs: 60_000 / 7200, averageSeekMs: 8.5, trackSeekMs: 1, commandMs: 0.8, outerBytesPerSecond: 210e6, innerBytesPerSecond: 150e6 };

/** 1 TB, 5,400 turns a minute, as in portable disks: 12 ms and 110 MB/s are usual for them. */
export const DISK_5400: DiskShape = { name: '1 TB, 5,400 rpm', sizeBytes: 1e12, turnMs: 60_000 / 5400, averageSeekMs: 12, trackSeekMs: 1, commandMs: 0.8, outerBytesPerSecond: 130e6, innerBytesPerSecond: 90e6 };

/** Mean of √(distance / size) over random pairs of places: ∫ √x · 2(1 − x) dx from 0 to 1. */
const MEAN_ROOT = 8 / 15;

/** What the drive's own memory holds behind the head, so that an overlapping read in order costs nothing twice. */
const CACHE_BYTES = 1024 ** 2;

/** A run of bytes with content; everything else on a model disk is zero. */
export interface PlantedExtent extends ByteRange {
  /** Fills `target` with the extent's bytes from `position` on. */
  fill(target: Uint8Array, position: number): void;
}

/**
 * A disk with a clock instead of a platter: reads are answered at once from what was planted, and the clock
 * goes on by what a disk of this shape would have taken. Seek time is a + b·√distance, the usual law for the part of
 * a seek that accelerates (Ruemmler and Wilkes, An introduction to disk drive modeling, 1994). The angle
 * of a place is its place in its track, and each track begins at an angle of its own that nobody knows: a fixed random one.
 */
export class DiskModel implements RandomAccessSource {
  readonly originOffset = 0;
  readonly sizeBytes: number;
  readonly #shape: DiskShape;
  readonly #planted: readonly PlantedExtent[];
  #nowMs = 0;
  #head = 0;

  /** @param planted ascending, without overlap */
  constructor(shape: DiskShape, planted: readonly PlantedExtent[] = []) {
    this.#shape = shape;
    this.#planted = planted;
    this.sizeBytes = shape.sizeBytes;
  }

  /** Time gone by since the disk was made. */
  get nowMs(): number {
    return this.#nowMs;
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength);
    this.advance({ offset, length: target.byteLength });
    target.fill(0);
    const end = offset + target.byteLength;
    for (let i = this.#firstEndingBehind(offset); i < this.#planted.length && this.#planted[i]!.offset < end; i += 1) {
      const extent = this.#planted[i]!;
      const from = Math.max(offset, extent.offset);
      const to = Math.min(end, extent.offset + extent.length);
      extent.fill(target.subarray(from - offset, to - offset), from - extent.offset);
    }
    return NO_RANGES;
  }

  close(): void {}

  /** Lets the clock go on as for a read, without content. */
  advance({ offset, length }: ByteRange, commandMs = this.#shape.commandMs): void {
    const from = this.#isCached(offset) ? Math.min(this.#head, offset + length) : offset;
    this.#nowMs += this.#positionMs(offset, commandMs) + this.#sweepMs(offset + length) - this.#sweepMs(from);
    this.#head = Math.max(offset + length, this.#isCached(offset) ? this.#head : 0);
  }

  /** The same for many reads of which the drive knows the next `depth` and takes the nearest in time (native command queueing). */
  advanceQueued(reads: Iterable<ByteRange>, depth: number): void {
    const queue: ByteRange[] = [];
    const serveOne = (): void => {
      let best = 0;
      let bestMs = Infinity;
      for (const [i, { offset }] of queue.entries()) {
        const ms = this.#positionMs(offset, 0);
        if (ms < bestMs) [best, bestMs] = [i, ms];
      }
      this.advance(queue.splice(best, 1)[0]!, 0);
    };
    for (const read of reads) {
      queue.push(read);
      if (queue.length >= depth) serveOne();
    }
    while (queue.length > 0) serveOne();
  }

  /** Until the head is over `offset`: on along the track, or away and wait for the turn, whichever is sooner. */
  #positionMs(offset: number, commandMs: number): number {
    if (this.#isCached(offset)) return 0;
    const { turnMs, averageSeekMs, trackSeekMs } = this.#shape;
    const pass = offset > this.#head ? this.#sweepMs(offset) - this.#sweepMs(this.#head) : Infinity;
    const seekMs = commandMs + trackSeekMs + ((averageSeekMs - trackSeekMs) / MEAN_ROOT) * Math.sqrt(Math.abs(offset - this.#head) / this.sizeBytes);
    const turnsAtArrival = (this.#nowMs + seekMs) / turnMs;
    const wait = fraction(this.#angleOf(offset) - fraction(turnsAtArrival)) * turnMs;
    return Math.min(pass, seekMs + wait);
  }

  #isCached(offset: number): boolean {
    return offset <= this.#head && offset > this.#head - CACHE_BYTES && this.#nowMs > 0;
  }

  /** Time of reading everything before `offset` in order: ∫ dx / rate(x). */
  #sweepMs(offset: number): number {
    const { outerBytesPerSecond: outer, innerBytesPerSecond: inner, sizeBytes } = this.#shape;
    if (outer === inner) return (offset / outer) * 1000;
    const slope = (outer - inner) / sizeBytes;
    return (-Math.log1p((-slope * offset) / outer) / slope) * 1000;
  }

  #angleOf(offset: number): number {
    const turns = this.#sweepMs(offset) / this.#shape.turnMs;
    const track = Math.floor(turns);
    return fraction(turns - track + scatter(track));
  }

  #firstEndingBehind(offset: number): number {
    let low = 0;
    let high = this.#planted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#planted[middle]!.offset + this.#planted[middle]!.length <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function fraction(value: number): number {
  return value - Math.floor(value);
}

/** A fixed fraction for each track that looks random: the finaliser of MurmurHash3 by Appleby. */
function scatter(track: number): number {
  let bits = Math.imul(track ^ (track >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
