import { problemFrom, MalformedError, UnsupportedError, type ByteRange, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import type { CompressedUnit, Extent, Item, ItemContent, PlainExtent } from './item.ts';
import { decompressLznt1Unit } from './ntfs/lznt1.ts';
import { readHostFile } from './read-host-file.ts';

/**
 * `system`: what the owner's system shows, zeros past the valid length. `raw`: the stored bytes there.
 * Both are honest contents of one item (the "both hashes" rule), so both are hashed where they differ.
 */
export type ContentView = 'system' | 'raw';

/** The next bytes of an item, in file order. */
export interface ContentChunk {
  /** Valid until the next chunk is asked for; the buffer is used again. */
  readonly bytes: Uint8Array;
  /** Source ranges inside this chunk that could not be read: they stand as zeros in `bytes` and are not content. */
  readonly unreadable: readonly ByteRange[];
  /** What else is wrong with these bytes, e.g. a damaged compression unit. An item with any is not read whole. */
  readonly problems: readonly Problem[];
}

/** Most bytes handed out at once, and so the memory one reader takes: the read size that is quickest on disks and cards. */
export const CONTENT_BUFFER_BYTES = 8 * 1024 * 1024;

/** Largest compression unit accepted, stored or unpacked. NTFS compresses in 16 clusters of at most 4 KiB; 1 MiB leaves room. */
const MAX_COMPRESSION_UNIT_BYTES = 1024 * 1024;

/** The views in which an item's content differs: `raw` only where an extent is `uninitialised`. */
export function viewsOf(content: ItemContent): readonly ContentView[] {
  return content.form === 'extents' && content.extents.some((extent) => extent.kind === 'uninitialised')
    ? ['system', 'raw']
    : ['system'];
}

/**
 * Streams an item's bytes in file order, in bounded memory. Never throws on evidence: what cannot
 * be read comes as zeros with its ranges or a problem, so an item is read whole only when every
 * chunk had neither.
 *
 * @param source the outermost source, or a window that holds all of the item's extents
 * @param item content and declared size; no more than `sizeBytes` come out
 * @param view what to show past the valid length
 * @param buffer used for the chunks when given, so that a worker allocates once; any length above 0
 */
export function* readContent(
  source: RandomAccessSource,
  item: Pick<Item, 'content' | 'sizeBytes'>,
  view: ContentView,
  buffer?: Uint8Array,
): Generator<ContentChunk, void, undefined> {
  const { content, sizeBytes } = item;
  switch (content.form) {
    case 'extents':
      yield* readExtents(source, content.extents, sizeBytes, view, buffer);
      return;
    case 'inline':
      yield* readInline(content.bytes, sizeBytes);
      return;
    case 'host-file':
      yield* readHostFile(content.hostPath, sizeBytes, buffer ?? Buffer.allocUnsafe(bufferSize(sizeBytes)));
      return;
    case 'none':
      if (content.reason !== 'not-content') yield nothingToRead(content.reason);
  }
}

function* readInline(bytes: Uint8Array, sizeBytes: number): Generator<ContentChunk, void, undefined> {
  const problems = bytes.byteLength < sizeBytes ? [contentShort(bytes.byteLength, sizeBytes)] : [];
  if (bytes.byteLength > 0 || problems.length > 0) yield { bytes: bytes.subarray(0, sizeBytes), unreadable: [], problems };
}

function* readExtents(
  source: RandomAccessSource,
  extents: readonly Extent[],
  sizeBytes: number,
  view: ContentView,
  given: Uint8Array | undefined,
): Generator<ContentChunk, void, undefined> {
  const buffer = given ?? Buffer.allocUnsafe(bufferSize(sizeBytes));
  let filled = 0;
  let done = 0;
  let unreadable: ByteRange[] = [];
  let problems: Problem[] = [];
  let unit: Uint8Array | null = null;

  for (const extent of extents) {
    // Clipped to the declared size, so that a hostile extent list cannot make more content than the item says.
    const extentLength = Math.min(extent.length, sizeBytes - done);
    if (extentLength <= 0) break;
    if (extent.kind === 'compressed-unit') {
      unit = unpackUnit(source, extent, unreadable, problems);
    }
    for (let at = 0; at < extentLength; ) {
      const length = Math.min(extentLength - at, buffer.byteLength - filled);
      const target = buffer.subarray(filled, filled + length);
      if (extent.kind === 'compressed-unit') copyUnit(unit, at, target);
      else fillPlain(source, extent, at, target, view, unreadable);
      at += length;
      filled += length;
      if (filled === buffer.byteLength) {
        yield { bytes: buffer, unreadable, problems };
        filled = 0;
        unreadable = [];
        problems = [];
      }
    }
    done += extentLength;
  }
  if (done < sizeBytes) problems.push(contentShort(done, sizeBytes));
  if (filled > 0 || problems.length > 0 || unreadable.length > 0) {
    yield { bytes: buffer.subarray(0, filled), unreadable, problems };
  }
}

function fillPlain(
  source: RandomAccessSource,
  extent: PlainExtent,
  at: number,
  target: Uint8Array,
  view: ContentView,
  unreadable: ByteRange[],
): void {
  if (extent.kind === 'hole' || (extent.kind === 'uninitialised' && view === 'system')) {
    target.fill(0);
    return;
  }
  readPlaced(source, extent.sourceOffset + at, target, unreadable);
}

/** Reads bytes named by their place on the outermost source; what lies outside `source` is zero-filled and told. */
function readPlaced(source: RandomAccessSource, sourceOffset: number, target: Uint8Array, unreadable: ByteRange[]): void {
  const offset = sourceOffset - source.originOffset;
  const inside = Number.isSafeInteger(offset) && offset >= 0 ? Math.max(0, Math.min(target.byteLength, source.sizeBytes - offset)) : 0;
  if (inside > 0) {
    for (const range of source.readInto(inside === target.byteLength ? target : target.subarray(0, inside), offset)) {
      unreadable.push({ offset: range.offset + source.originOffset, length: range.length });
    }
  }
  if (inside < target.byteLength) {
    target.fill(0, inside);
    unreadable.push({ offset: sourceOffset + inside, length: target.byteLength - inside });
  }
}

/** The unpacked bytes of one unit, zeros where its chunks are bad, or null when the whole unit is. */
function unpackUnit(
  source: RandomAccessSource,
  unit: CompressedUnit,
  unreadable: ByteRange[],
  problems: Problem[],
): Uint8Array | null {
  const place = { offset: unit.sourceOffset };
  const storedBytes = unit.stored.reduce((sum, run) => sum + run.length, 0);
  if (!(storedBytes <= MAX_COMPRESSION_UNIT_BYTES && unit.length <= MAX_COMPRESSION_UNIT_BYTES)) {
    problems.push(
      problemFrom(new UnsupportedError('compression-unit-too-large', `a compression unit of ${storedBytes} stored bytes is larger than any that NTFS makes`, place)),
    );
    return null;
  }
  const stored = Buffer.allocUnsafe(storedBytes);
  let at = 0;
  for (const run of unit.stored) {
    readPlaced(source, run.sourceOffset, stored.subarray(at, at + run.length), unreadable);
    at += run.length;
  }
  const target = Buffer.alloc(unit.length);
  const { badChunks } = decompressLznt1Unit(stored, target);
  if (badChunks > 0) {
    problems.push(problemFrom(new MalformedError('compressed-unit-damaged', `${badChunks} chunks of a compression unit cannot be unpacked`, place)));
  }
  return target;
}

function copyUnit(unit: Uint8Array | null, at: number, target: Uint8Array): void {
  if (unit === null) target.fill(0);
  else target.set(unit.subarray(at, at + target.byteLength));
}

function bufferSize(sizeBytes: number): number {
  return Math.max(1, Math.min(CONTENT_BUFFER_BYTES, sizeBytes));
}

function contentShort(haveBytes: number, sizeBytes: number): Problem {
  return problemFrom(new MalformedError('content-shorter-than-size', `only ${haveBytes} of ${sizeBytes} bytes of the item have a known place`));
}

function nothingToRead(reason: string): ContentChunk {
  const problem = problemFrom(new UnsupportedError('content-not-readable', `the item's content cannot be read here (${reason})`));
  return { bytes: new Uint8Array(0), unreadable: [], problems: [problem] };
}
