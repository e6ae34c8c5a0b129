import { requireInside, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import type { Extent, Item, PlainExtent } from './item.ts';
import { readContent } from './read-content.ts';
import { openHostFileSource } from './host-file-source.ts';

/** Unpacked units kept: readers of archives jump between the directory at the end and the members. */
const KEPT_UNITS = 4;

/**
 * An item's content as random-access bytes, as its owner's system shows it (zeros past the valid
 * length), for readers of what is inside it. What the medium cannot give comes as zeros with its range,
 * as from every source; a damaged compression unit counts as such a range.
 *
 * @param source the outermost source; null for an item of a folder
 * @param item its extents must make up its size
 * @throws KerbsideError when a host file cannot be opened
 */
export function openItemSource(source: RandomAccessSource | null, item: Pick<Item, 'content' | 'sizeBytes'>): RandomAccessSource {
  const { content, sizeBytes } = item;
  if (content.form === 'host-file') return openHostFileSource(content.hostPath, sizeBytes);
  const [only] = content.form === 'extents' ? content.extents : [];
  if (source === null || content.form !== 'extents' || only === undefined) return new ExtentSource(source ?? NO_SOURCE, [], 0, 0);
  const origin = only.kind === 'hole' ? 0 : only.sourceOffset;
  return new ExtentSource(source, content.extents, sizeBytes, origin);
}

class ExtentSource implements RandomAccessSource {
  readonly sizeBytes: number;
  readonly originOffset: number;
  readonly #source: RandomAccessSource;
  readonly #extents: readonly Extent[];
  /** Offset in the item at which each extent begins. */
  readonly #starts: Float64Array;
  readonly #units = new Map<number, { readonly bytes: Uint8Array; readonly isWhole: boolean }>();

  constructor(source: RandomAccessSource, extents: readonly Extent[], sizeBytes: number, originOffset: number) {
    this.#source = source;
    this.#extents = extents;
    this.sizeBytes = sizeBytes;
    this.originOffset = originOffset;
    this.#starts = new Float64Array(extents.length);
    let at = 0;
    for (const [index, extent] of extents.entries()) {
      this.#starts[index] = at;
      at += extent.length;
    }
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength, this.originOffset);
    const unread: ByteRange[] = [];
    let done = 0;
    for (let index = this.#indexOf(offset); done < target.byteLength; index++) {
      const extent = this.#extents[index];
      if (extent === undefined) {
        // The caller has made sure that extents make up the size; were it not so, nothing is invented.
        target.fill(0, done);
        unread.push({ offset: offset + done, length: target.byteLength - done });
        break;
      }
      const within = offset + done - this.#starts[index]!;
      const piece = target.subarray(done, done + Math.min(extent.length - within, target.byteLength - done));
      if (extent.kind === 'compressed-unit') this.#copyUnit(index, within, piece, offset + done, unread);
      else this.#readPlain(extent, within, piece, offset + done, unread);
      done += piece.byteLength;
    }
    return unread;
  }

  /** Offset on the outermost source of a byte of the item; -1 where nothing is stored as it is. */
  placeOf(offset: number): number {
    const index = this.#indexOf(offset);
    const extent = this.#extents[index];
    return extent === undefined || extent.kind !== 'data' ? -1 : extent.sourceOffset + offset - this.#starts[index]!;
  }

  /** The outermost source belongs to the caller. */
  close(): void {
    this.#units.clear();
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#extents.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #readPlain(extent: PlainExtent, within: number, target: Uint8Array, itemOffset: number, unread: ByteRange[]): void {
    if (extent.kind !== 'data') {
      target.fill(0);
      return;
    }
    const at = extent.sourceOffset + within - this.#source.originOffset;
    const inside = at >= 0 ? Math.max(0, Math.min(target.byteLength, this.#source.sizeBytes - at)) : 0;
    if (inside > 0) for (const range of this.#source.readInto(target.subarray(0, inside), at)) unread.push({ offset: itemOffset + range.offset - at, length: range.length });
    if (inside < target.byteLength) {
      target.fill(0, inside);
      unread.push({ offset: itemOffset + inside, length: target.byteLength - inside });
    }
  }

  #copyUnit(index: number, within: number, target: Uint8Array, itemOffset: number, unread: ByteRange[]): void {
    const { bytes, isWhole } = this.#unit(index);
    target.set(bytes.subarray(within, within + target.byteLength));
    if (!isWhole) unread.push({ offset: itemOffset, length: target.byteLength });
  }

  #unit(index: number): { readonly bytes: Uint8Array; readonly isWhole: boolean } {
    const kept = this.#units.get(index);
    if (kept !== undefined) return kept;
    const extent = this.#extents[index]!;
    const bytes = Buffer.alloc(extent.length);
    let at = 0;
    let isWhole = true;
    for (const chunk of readContent(this.#source, { content: { form: 'extents', extents: [extent] }, sizeBytes: extent.length }, 'system')) {
      bytes.set(chunk.bytes, at);
      at += chunk.bytes.byteLength;
      isWhole &&= chunk.unreadable.length === 0 && chunk.problems.length === 0;
    }
    if (this.#units.size >= KEPT_UNITS) this.#units.delete(this.#units.keys().next().value!);
    const unit = { bytes, isWhole };
    this.#units.set(index, unit);
    return unit;
  }
}

const NO_SOURCE: RandomAccessSource = { sizeBytes: 0, originOffset: 0, readInto: () => [], close: () => undefined };
