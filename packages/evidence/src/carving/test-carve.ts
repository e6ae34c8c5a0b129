import { MemorySource, type ByteRange, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import type { Item } from '../item.ts';
import { carveRanges, type CarveOptions } from './carve-ranges.ts';
import type { CarveSummary } from './carve-summary.ts';

/*
 * For tests of carving: runs a search to its end, and sources that count or refuse. Not used by the program.
 */

export interface Carved {
  readonly items: readonly { readonly start: number; readonly end: number; readonly name: string; readonly item: Item }[];
  readonly problems: readonly Problem[];
  readonly pauses: number;
  readonly summary: CarveSummary;
}

/** Searches a source, all of it when no ranges are given, on a grid of 4 KiB clusters. */
export function carve(source: RandomAccessSource | Buffer, ranges?: Iterable<ByteRange>, options: Partial<CarveOptions> = {}): Carved {
  const from = Buffer.isBuffer(source) ? new MemorySource(source) : source;
  const items: Carved['items'][number][] = [];
  const problems: Problem[] = [];
  let pauses = 0;
  const events = carveRanges(from, ranges ?? [{ offset: from.originOffset, length: from.sizeBytes }], { volumeId: 'p1', clusterGrid: { offset: 0, sizeBytes: 4096 }, ...options });
  for (let step = events.next(); ; step = events.next()) {
    if (step.done === true) return { items, problems, pauses, summary: step.value };
    if (step.value.type === 'pause') pauses += 1;
    else if (step.value.type === 'problem') problems.push(step.value.problem);
    else items.push(placeOf(step.value.item));
  }
}

function placeOf(item: Item): Carved['items'][number] {
  const extent = item.content.form === 'extents' ? item.content.extents[0]! : null;
  if (extent === null) throw new Error('a carved item has one extent');
  return { start: extent.sourceOffset, end: extent.sourceOffset + extent.length, name: Buffer.from(item.name.bytes).toString(), item };
}

/** Zeros of any length with a few bytes in them, that counts what is read and refuses some of it. */
export class SparseSource implements RandomAccessSource {
  readonly originOffset = 0;
  readonly sizeBytes: number;
  readBytes = 0;
  readonly #parts: readonly { readonly at: number; readonly bytes: Buffer }[];
  readonly #bad: readonly ByteRange[];

  constructor(sizeBytes: number, parts: readonly { readonly at: number; readonly bytes: Buffer }[], bad: readonly ByteRange[] = []) {
    this.sizeBytes = sizeBytes;
    this.#parts = parts;
    this.#bad = bad;
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    const end = offset + target.length;
    if (offset < 0 || end > this.sizeBytes) throw new RangeError('read outside the source');
    this.readBytes += target.length;
    target.fill(0);
    for (const { at, bytes } of this.#parts) {
      if (at < end && at + bytes.length > offset) target.set(bytes.subarray(Math.max(0, offset - at), end - at), Math.max(0, at - offset));
    }
    const clipped = this.#bad.map((range) => ({ offset: Math.max(range.offset, offset), length: Math.min(range.offset + range.length, end) - Math.max(range.offset, offset) }));
    const unread = clipped.filter(({ length }) => length > 0);
    for (const range of unread) target.fill(0, range.offset - offset, range.offset - offset + range.length);
    return unread;
  }

  close(): void {}
}
