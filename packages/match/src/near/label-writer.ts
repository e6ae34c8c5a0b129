import { BLOCK_BYTES } from '../compiled/layout.ts';
import type { SpillBuckets } from '../build/spill-buckets.ts';
import { NO_VALUE } from './near-layout.ts';

/** Longest media id or series kept, in bytes; longer ones are cut. */
const MAX_TEXT_BYTES = 120;

/** Unit of a label's place. */
export const LABEL_UNIT_BYTES = 4;

/** Lays labels out in blocks, none across two, and keeps them for the section `near-labels`. */
export class LabelWriter {
  readonly #spill: SpillBuckets;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #fill = 0;
  #blockStart = 0;

  constructor(spill: SpillBuckets) {
    this.#spill = spill;
  }

  /** @returns the label's place, or that of none */
  add(mediaId: string, series: string): number {
    if (mediaId === '' && series === '') return NO_VALUE;
    const texts = [mediaId, series].map(cutText);
    const length = Math.ceil(texts.reduce((sum, text) => sum + 1 + text.length, 0) / LABEL_UNIT_BYTES) * LABEL_UNIT_BYTES;
    if (this.#fill + length > BLOCK_BYTES) this.#flush();
    const place = (this.#blockStart + this.#fill) / LABEL_UNIT_BYTES;
    let at = this.#fill;
    for (const text of texts) {
      this.#block[at] = text.length;
      text.copy(this.#block, at + 1);
      at += 1 + text.length;
    }
    this.#fill += length;
    return place;
  }

  /** All labels, block by block; may be called once. */
  *blocks(): Generator<Buffer, void, void> {
    if (this.#fill > 0) this.#flush();
    yield* this.#spill.take(0);
  }

  close(): void {
    this.#spill.close();
  }

  #flush(): void {
    // Chunks of the spill hold whole blocks, so that places stay true.
    const at = this.#spill.reserve(0, BLOCK_BYTES);
    this.#block.copy(this.#spill.target, at);
    this.#block.fill(0);
    this.#blockStart += BLOCK_BYTES;
    this.#fill = 0;
  }
}

/** UTF-8 cut at a character's end. */
function cutText(text: string): Buffer {
  let bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MAX_TEXT_BYTES) {
    let end = MAX_TEXT_BYTES;
    while ((bytes[end]! & 0xc0) === 0x80) end--;
    bytes = bytes.subarray(0, end);
  }
  return bytes;
}

/** The two texts of a label at `at` of a block. */
export function readLabel(block: Buffer, at: number): { mediaId: string; series: string } {
  const middle = at + 1 + block[at]!;
  return { mediaId: block.toString('utf8', at + 1, middle), series: block.toString('utf8', middle + 1, middle + 1 + block[middle]!) };
}
