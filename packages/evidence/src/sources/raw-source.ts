import { NO_RANGES, requireInside, type ByteRange, type Problem } from '@kerbside/bytes';
import { EvidenceFiles } from './evidence-files.ts';
import { ProblemLog } from './problem-log.ts';
import { RangeSet } from './range-set.ts';
import { readCarefully, type ReadAt, type UnreadRange } from './read-carefully.ts';
import type { SourceReader } from './source-reader.ts';

/** A part of a raw source: a file (or device) that holds `sizeBytes` of it. */
export interface RawPart {
  readonly readAt: ReadAt;
  readonly sizeBytes: number;
}

/**
 * Bytes as they stand on the medium: one raw image, a split one, or a block device. Ranges found
 * unreadable are remembered and never asked for again, so a failing disk is not worn further.
 */
export class RawSource implements SourceReader {
  readonly originOffset = 0;
  readonly sizeBytes: number;
  readonly unreadable = new RangeSet();
  readonly #parts: readonly RawPart[];
  readonly #starts: readonly number[];
  readonly #sectorSizeBytes: number;
  readonly #release: () => void;
  readonly #problems = new ProblemLog();

  /**
   * @param parts in order; the source is their concatenation
   * @param sectorSizeBytes smallest piece tried on a failing medium
   * @param release closes what the parts read from
   */
  constructor(parts: readonly RawPart[], sectorSizeBytes: number, release: () => void) {
    this.#parts = parts;
    this.#sectorSizeBytes = sectorSizeBytes;
    this.#release = release;
    const starts: number[] = [];
    let total = 0;
    for (const part of parts) {
      starts.push(total);
      total += part.sizeBytes;
    }
    this.#starts = starts;
    this.sizeBytes = total;
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength);
    const end = offset + target.byteLength;
    const unread: ByteRange[] = [];
    for (let part = this.#partAt(offset); part < this.#parts.length && this.#starts[part]! < end; part++) {
      const start = Math.max(offset, this.#starts[part]!);
      const stop = Math.min(end, this.#starts[part]! + this.#parts[part]!.sizeBytes);
      if (this.unreadable.isEmpty) this.#readPart(part, target, offset, start, stop, unread);
      else this.#readAroundKnown(part, target, offset, start, stop, unread);
    }
    return unread.length === 0 ? NO_RANGES : unread;
  }

  takeProblems(): readonly Problem[] {
    return this.#problems.take();
  }

  close(): void {
    this.#release();
  }

  #readAroundKnown(part: number, target: Uint8Array, base: number, start: number, stop: number, unread: ByteRange[]): void {
    let at = start;
    for (const known of this.unreadable.within(start, stop - start)) {
      this.#readPart(part, target, base, at, known.offset, unread);
      target.fill(0, known.offset - base, known.offset + known.length - base);
      unread.push(known);
      at = known.offset + known.length;
    }
    this.#readPart(part, target, base, at, stop, unread);
  }

  #readPart(part: number, target: Uint8Array, base: number, start: number, stop: number, unread: ByteRange[]): void {
    if (stop <= start) return;
    const partStart = this.#starts[part]!;
    const { readAt } = this.#parts[part]!;
    const found = readCarefully(readAt, target, start - base, stop - start, start - partStart, this.#sectorSizeBytes);
    for (const range of found) {
      const onSource = { offset: partStart + range.offset, length: range.length };
      unread.push(onSource);
      this.#record(range, onSource);
    }
  }

  #record(range: UnreadRange, onSource: ByteRange): void {
    // Bytes given up on were not tried: a later, smaller read may still get them. Nor were those of a device that went away.
    if (range.reason !== 'gave-up' && range.reason !== 'gone' && !this.unreadable.add(onSource.offset, onSource.length)) return;
    this.#problems.add(unreadProblem(range, onSource));
  }

  #partAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** A raw source over files in order; descriptors are opened when first read. */
export function rawFileSource(paths: readonly string[], sizesBytes: readonly number[], sectorSizeBytes: number): RawSource {
  const files = new EvidenceFiles(paths);
  const parts = paths.map((_, index): RawPart => ({
    sizeBytes: sizesBytes[index]!,
    readAt: (target, targetOffset, length, position) => files.readAt(index, target, targetOffset, length, position),
  }));
  return new RawSource(parts, sectorSizeBytes, () => files.close());
}

function unreadProblem(range: UnreadRange, where: ByteRange): Problem {
  const bytes = `${range.length} bytes at ${where.offset}`;
  switch (range.reason) {
    case 'bad':
      return { kind: 'medium', code: 'medium-read-failed', message: `the medium failed to read ${bytes} (${range.errno})`, where };
    case 'gone':
      return { kind: 'medium', code: 'medium-gone', message: `the device or file went away while reading; ${bytes} were not read (${range.errno || 'no answer'})`, where };
    case 'short':
      return { kind: 'medium', code: 'source-shorter', message: `the source ends before its stated size; ${bytes} are missing`, where };
    case 'gave-up':
      return { kind: 'limit', code: 'medium-failures-limit', message: `too many failing reads at once; ${bytes} were left unread`, where };
  }
}
