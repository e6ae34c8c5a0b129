import { crc32 } from 'node:zlib';
import { LimitError, MalformedError, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import { feedFromSource, type PackedFeed } from '../compressed/packed-feed.ts';
import { borrowPiece, PIECE_BYTES, returnPiece } from '../compressed/piece-buffers.ts';
import { borrowStream, returnStream } from '../compressed/stream-handle.ts';
import { unbzip2Feed } from '../compressed/unbzip2-feed.ts';
import { unlzmaFeed } from '../compressed/unlzma-feed.ts';
import { inflate64Feed } from '../compressed/inflate64-feed.ts';
import { inflateFeed, unzstdFeed } from '../compressed/unpack-stream.ts';
import { unxzFeed } from '../compressed/unxz-feed.ts';
import type { ContainerBudget } from '../container-budget.ts';
import type { MemberState } from '../container.ts';
import { shortPath } from '../member-names.ts';
import type { UnpackElsewhere } from '../unpack-elsewhere.ts';
import { MAX_VIEW_BYTES, type ReadAhead } from '../read-ahead.ts';
import { encryptionOf, methodName } from './zip-facts.ts';
import { FLAG_ENCRYPTED, LOCAL_BYTES, LOCAL_SIGNATURE, METHOD_DEFLATE, METHOD_STORED, u16, u32, type ZipRecord } from './zip-records.ts';

/** One ZIP that is being read. */
export interface ZipArchive {
  readonly source: RandomAccessSource;
  readonly ahead: ReadAhead;
  readonly budget: ContainerBudget;
  /** Unpacks what is not read here; null where nobody does. */
  readonly elsewhere: UnpackElsewhere | null;
}

const UNPACKERS: Readonly<Record<number, (feed: PackedFeed, record: ZipRecord) => Iterable<Uint8Array>>> = {
  [METHOD_DEFLATE]: inflateFeed,
  9: inflate64Feed,
  12: unbzip2Feed,
  14: unlzmaMember,
  93: unzstdFeed,
  95: unxzFeed,
};

/** LZMA in a ZIP (APPNOTE 5.8): 2 bytes version, u16 length of the properties (5), then they and the stream. */
function* unlzmaMember(feed: PackedFeed, record: ZipRecord): Generator<Uint8Array, void, undefined> {
  const head = feed.take(9);
  if (head.length < 9 || head.readUInt16LE(2) !== 5) throw new MalformedError('lzma-damaged', 'an LZMA member has no sound properties');
  yield* unlzmaFeed(feed, head[4]!, head.readUInt32LE(5), record.sizeBytes);
}

export function isReadableMethod(method: number): boolean {
  return method === METHOD_STORED || method in UNPACKERS;
}

/**
 * Reads the local header again and says where the content begins: its name and extra field may be of other
 * lengths than those of the directory.
 * @throws MalformedError `zip-header-damaged`, `zip-headers-differ`, `read-outside-source`; MediumError
 */
export function contentOffset({ ahead, source }: ZipArchive, record: ZipRecord): number {
  const { localOffset } = record;
  const place = { offset: source.originOffset + Math.max(0, Math.min(localOffset, source.sizeBytes)) };
  const small = record.packedBytes <= MAX_VIEW_BYTES / 2 ? Math.max(0, record.packedBytes) : 0;
  if (!(Number.isSafeInteger(localOffset) && localOffset >= 0 && localOffset + LOCAL_BYTES <= source.sizeBytes)) {
    throw new MalformedError('zip-header-damaged', `the header of a member would stand at ${localOffset}, outside the archive`, place);
  }
  // Header and content of a small member in one read; 64 more for what the local extra field usually has.
  const header = ahead.view(localOffset, Math.min(LOCAL_BYTES + record.nameLength + 64 + small, source.sizeBytes - localOffset));
  if (u32(header, 0) !== LOCAL_SIGNATURE) throw new MalformedError('zip-header-damaged', 'no header of a member stands where the directory says', place);
  if (u16(header, 8) !== record.method || ((u16(header, 6) ^ record.flags) & FLAG_ENCRYPTED) !== 0) {
    throw new MalformedError('zip-headers-differ', 'a member is packed in one way by the directory and in another by its own header', place);
  }
  const offset = localOffset + LOCAL_BYTES + u16(header, 26) + u16(header, 28);
  if (!(offset + Math.max(0, record.packedBytes) <= source.sizeBytes)) {
    throw new MalformedError('zip-member-outside', `a member of ${record.packedBytes} packed bytes reaches past the end of the archive`, place);
  }
  return offset;
}

/** The content of a member in pieces, checked at the end against the length and CRC-32 that are stated. */
export function* readMember(archive: ZipArchive, record: ZipRecord, state: MemberState, names: readonly EvidenceName[]): Generator<Uint8Array, void, undefined> {
  if (state === 'encrypted') throw new UnsupportedError('archive-encrypted', `${shortPath(names)} is encrypted (${encryptionOf(record)})`);
  if (state === 'unsupported') throw new UnsupportedError('zip-method-unsupported', `${shortPath(names)} is packed by ${methodName(record.method)}`);
  if (state === 'damaged') throw new LimitError('zip-overlap-limit', `${shortPath(names)} shares its packed bytes with other members`);
  const offset = contentOffset(archive, record);
  const check = new ContentCheck(record, names);
  if (record.method === METHOD_STORED) {
    yield* readStored(archive, record, offset, check);
  } else if (record.method === METHOD_DEFLATE && record.sizeBytes >= 0 && record.sizeBytes < PIECE_BYTES && record.packedBytes <= MAX_VIEW_BYTES) {
    yield* inflateSmall(archive, record, offset, check);
  } else {
    const length = record.packedBytes < 0 ? archive.source.sizeBytes - offset : record.packedBytes;
    for (const piece of UNPACKERS[record.method]!(feedFromSource(archive.source, offset, length), record)) {
      archive.budget.countExpanded(piece.length);
      check.add(piece);
      yield piece;
    }
  }
  check.end();
}

/** Holds what comes out against what the headers say. */
export class ContentCheck {
  readonly #record: ZipRecord;
  readonly #names: readonly EvidenceName[];
  #sizeBytes = 0;
  #crc = 0;

  constructor(record: ZipRecord, names: readonly EvidenceName[]) {
    this.#record = record;
    this.#names = names;
  }

  /** @throws MalformedError `zip-member-length` as soon as there is too much */
  add(piece: Uint8Array): void {
    this.#sizeBytes += piece.length;
    if (this.#record.sizeBytes >= 0 && this.#sizeBytes > this.#record.sizeBytes) this.#wrongLength('more');
    if (this.#record.crc >= 0) this.#crc = crc32(piece, this.#crc);
  }

  /** @throws MalformedError `zip-member-length`, `zip-member-checksum` */
  end(): void {
    if (this.#record.sizeBytes >= 0 && this.#sizeBytes < this.#record.sizeBytes) this.#wrongLength(`${this.#sizeBytes}`);
    if (this.#record.crc >= 0 && this.#crc !== this.#record.crc) throw new MalformedError('zip-member-checksum', `the content of ${shortPath(this.#names)} fails its CRC-32`);
  }

  #wrongLength(seen: string): never {
    throw new MalformedError('zip-member-length', `${shortPath(this.#names)} should unpack to ${this.#record.sizeBytes} bytes and makes ${seen}`);
  }
}

function* readStored(archive: ZipArchive, record: ZipRecord, offset: number, check: ContentCheck): Generator<Uint8Array, void, undefined> {
  if (record.packedBytes <= MAX_VIEW_BYTES / 2) {
    const view = archive.ahead.view(offset, record.packedBytes);
    check.add(view);
    if (view.length > 0) yield view;
    return;
  }
  const feed = feedFromSource(archive.source, offset, record.packedBytes);
  while (feed.fill()) {
    const piece = feed.bytes.subarray(feed.at, feed.end);
    feed.at = feed.end;
    check.add(piece);
    yield piece;
  }
}

/** One step for all of a small member. The output has room for one byte more than is stated, so that more is seen. */
function* inflateSmall(archive: ZipArchive, record: ZipRecord, offset: number, check: ContentCheck): Generator<Uint8Array, void, undefined> {
  const handle = borrowStream('deflate');
  const output = borrowPiece();
  try {
    const packed = archive.ahead.view(offset, record.packedBytes);
    const sound = handle.step(packed, 0, packed.length, true, output, 0, record.sizeBytes + 1);
    archive.budget.countExpanded(handle.produced);
    check.add(output.subarray(0, handle.produced));
    if (!sound) throw new MalformedError('deflate-damaged', 'a deflate stream is damaged or cut short', { offset: archive.source.originOffset + offset, length: record.packedBytes });
    if (handle.produced > 0) yield output.subarray(0, handle.produced);
  } finally {
    returnStream('deflate', handle);
    returnPiece(output);
  }
}
