/**
 * Thumbs.db of Windows (98 to XP in every folder of pictures; later versions on network drives): a compound file.
 * Stream `Catalog` (as libyal's documentation of the format has it), little-endian:
 *
 *     offset  bytes
 *          0      2  length of this header, 16
 *          2      2  version
 *          4      4  number of entries
 *          8      8  width and height of the thumbnails
 *         16         entries: u32 length, u32 number, u64 time of change (100 ns since 1601), name in UTF-16, zeros
 *
 * The thumbnail with the number 123 is the stream `321`: u32 length of its header (12), u32, u32 length of the picture,
 * JPEG. Windows Vista and later have no catalogue; streams are called by size and id (`256_0123456789abcdef`), and the
 * picture, JPEG or PNG, stands after a longer header. Windows ME and 2000 leave the tables out of the JPEG (header of 16 bytes).
 */
import { KerbsideError, problemFrom, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { Timestamp } from '../../item.ts';
import type { ContainerEvent } from '../container.ts';
import { readCompoundStreams, type CompoundStream } from './compound-file.ts';
import { CATALOG_NAME, NUMBER_NAME, SIZED_NAME } from './sniff-compound.ts';
import { cutExtents, findPictureStart, fromFiletime, MAX_THUMBNAIL_BYTES, readExtents, storedMember } from './stored-member.ts';

/** A catalogue of 100,000 entries with long names is smaller. */
const MAX_CATALOG_BYTES = 32 * 1024 * 1024;

/** Where in its stream a picture begins at the latest. */
const MAX_STREAM_HEAD_BYTES = 128;

interface CatalogEntry {
  readonly name: EvidenceName;
  readonly modified: Timestamp | null;
}

/** Members are the thumbnails as they lie, called by the names of their pictures where the catalogue knows them. */
export function* readThumbsDb(source: RandomAccessSource): Generator<ContainerEvent> {
  const streams: CompoundStream[] = [];
  try {
    for (const entry of readCompoundStreams(source)) {
      if ('fault' in entry) yield { type: 'problem', problem: problemFrom(entry.fault) };
      else streams.push(entry.stream);
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
  const catalog = new Map<string, CatalogEntry>();
  for (const stream of streams.filter(({ name }) => name.toString('utf16le') === CATALOG_NAME)) {
    try {
      readCatalog(Buffer.concat([...readExtents(source, cutExtents(stream.extents, 0, MAX_CATALOG_BYTES))]), catalog);
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      yield { type: 'problem', problem: problemFrom(error) };
    }
  }
  for (const stream of streams) {
    const name = stream.name.toString('utf16le');
    if (!NUMBER_NAME.test(name) && !SIZED_NAME.test(name)) continue;
    yield* readStream(source, stream, catalog.get([...name].reverse().join('')) ?? null);
  }
}

function* readStream(source: RandomAccessSource, stream: CompoundStream, known: CatalogEntry | null): Generator<ContainerEvent> {
  const names = [known?.name ?? { bytes: stream.name, encoding: 'utf-16le' as const }];
  const modified = known?.modified ?? null;
  let start: number;
  try {
    start = findPictureStart(Buffer.concat([...readExtents(source, cutExtents(stream.extents, 0, MAX_STREAM_HEAD_BYTES))]));
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'member', member: storedMember(source, names, stream.extents, { modified, state: 'damaged' }) };
    yield { type: 'problem', problem: problemFrom(error) };
    return;
  }
  if (start < 0 || stream.sizeBytes > MAX_THUMBNAIL_BYTES) {
    yield { type: 'member', member: storedMember(source, names, stream.extents, { modified, state: 'unsupported' }) };
    const problem = new UnsupportedError('thumbnail-unknown', 'A thumbnail of a Thumbs.db is in a form that is not read (Windows ME and 2000 left the tables out).');
    yield { type: 'problem', problem: problemFrom(problem, { offset: stream.extents[0]?.sourceOffset ?? 0 }) };
    return;
  }
  yield { type: 'member', member: storedMember(source, names, cutExtents(stream.extents, start, stream.sizeBytes - start), { modified }) };
}

/** Fills names and times by number; what is damaged ends the list, and the thumbnails keep the names of their streams. */
function readCatalog(bytes: Buffer, catalog: Map<string, CatalogEntry>): void {
  let at = bytes.length >= 16 ? bytes.readUInt16LE(0) : bytes.length;
  while (at >= 16 && at + 18 <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    if (length < 18 || at + length > bytes.length) return;
    const number = bytes.readUInt32LE(at + 4);
    let end = at + 16;
    while (end + 2 <= at + length && bytes.readUInt16LE(end) !== 0) end += 2;
    if (end > at + 16) {
      catalog.set(String(number), { name: { bytes: Buffer.from(bytes.subarray(at + 16, end)), encoding: 'utf-16le' }, modified: fromFiletime(bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12)) });
    }
    at += length;
  }
}
