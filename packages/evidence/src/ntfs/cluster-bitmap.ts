import type { ByteRange } from '@kerbside/bytes';
import type { MetadataStream } from './mft-stream.ts';

/** Bytes of $Bitmap read at a time, and clusters that they speak of. */
const PAGE_BYTES = 64 * 1024;
const PAGE_CLUSTERS = PAGE_BYTES * 8;
/** Clusters per step of the running count: an inexact question costs at most two such pieces of counting. */
const STEP_CLUSTERS = 4096;
/** Pages kept: 4 MiB, which covers 128 GiB at 4 KiB clusters. */
const MAX_PAGES = 64;

/** Number of set bits of each byte value. */
const BITS = Uint8Array.from({ length: 256 }, (_, value) => {
  let bits = 0;
  for (let rest = value; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
});

/**
 * The volume's $Bitmap: one bit per cluster, set when in use. Read page by page; a running count,
 * made on first need, keeps a question about a huge run as cheap as one about a small run, so that
 * hostile run lists cannot make the walk slow.
 */
export class ClusterBitmap {
  readonly #stream: MetadataStream;
  readonly #clusterCount: number;
  readonly #pages = new Map<number, Buffer>();
  #usedBefore: Float64Array | null = null;

  /** @param clusterCount clusters of the volume; a shorter bitmap leaves the rest in use */
  constructor(stream: MetadataStream, clusterCount: number) {
    this.#stream = stream;
    this.#clusterCount = Math.min(clusterCount, stream.sizeBytes * 8);
  }

  /** Number of clusters in use in `first..first+count`; clusters beyond the bitmap count as in use. */
  countUsed(first: number, count: number): number {
    const end = Math.min(first + count, this.#clusterCount);
    if (end <= first) return count;
    const beyond = first + count - end;
    if (end - first <= 2 * STEP_CLUSTERS) return beyond + this.#countBits(first, end);
    const before = (this.#usedBefore ??= this.#countAll());
    const from = Math.ceil(first / STEP_CLUSTERS);
    const to = Math.floor(end / STEP_CLUSTERS);
    const middle = before[to]! - before[from]!;
    return beyond + middle + this.#countBits(first, from * STEP_CLUSTERS) + this.#countBits(to * STEP_CLUSTERS, end);
  }

  /** Free runs in clusters, ascending and joined. */
  *freeRuns(): Generator<ByteRange, void, undefined> {
    let start = -1;
    for (let base = 0; base < this.#clusterCount; base += PAGE_CLUSTERS) {
      const page = this.#page(base / PAGE_CLUSTERS);
      const end = Math.min(PAGE_CLUSTERS, this.#clusterCount - base);
      for (let bit = 0; bit < end; ) {
        const value = page[bit >> 3]!;
        // Whole bytes of one kind are most of any bitmap.
        if ((bit & 7) === 0 && bit + 8 <= end && (value === 0xff ? start < 0 : value === 0 && start >= 0)) {
          bit += 8;
          continue;
        }
        const free = (value & (1 << (bit & 7))) === 0;
        if (free && start < 0) start = base + bit;
        else if (!free && start >= 0) {
          yield { offset: start, length: base + bit - start };
          start = -1;
        }
        bit++;
      }
    }
    if (start >= 0) yield { offset: start, length: this.#clusterCount - start };
  }

  #countBits(from: number, to: number): number {
    let used = 0;
    for (let at = from; at < to; ) {
      const page = this.#page(Math.floor(at / PAGE_CLUSTERS));
      const pageStart = at - (at % PAGE_CLUSTERS);
      const end = Math.min(to, pageStart + PAGE_CLUSTERS);
      for (; at < end; ) {
        const bit = at - pageStart;
        if ((bit & 7) === 0 && at + 8 <= end) {
          used += BITS[page[bit >> 3]!]!;
          at += 8;
        } else {
          used += (page[bit >> 3]! >> (bit & 7)) & 1;
          at++;
        }
      }
    }
    return used;
  }

  /** Element i: clusters in use before cluster i × step. */
  #countAll(): Float64Array {
    const steps = Math.floor(this.#clusterCount / STEP_CLUSTERS);
    const before = new Float64Array(steps + 1);
    for (let i = 0; i < steps; i++) before[i + 1] = before[i]! + this.#countBits(i * STEP_CLUSTERS, (i + 1) * STEP_CLUSTERS);
    return before;
  }

  /** Unreadable parts of the bitmap are taken as in use: nothing is called free that may not be. */
  #page(number: number): Buffer {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page = Buffer.alloc(PAGE_BYTES, 0xff);
    const from = number * PAGE_BYTES;
    for (const range of this.#stream.read(page, from)) page.fill(0xff, range.offset - from, range.offset - from + range.length);
    if (this.#pages.size >= MAX_PAGES) this.#pages.clear();
    this.#pages.set(number, page);
    return page;
  }
}
