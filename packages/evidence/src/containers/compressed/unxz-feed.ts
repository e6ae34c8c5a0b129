import { crc32 } from 'node:zlib';
import { MalformedError, UnsupportedError } from '@kerbside/bytes';
import { FILTER_NAMES, isFilterRead, undoFilter } from './filters/undo-filter.ts';
import type { PackedFeed } from './packed-feed.ts';
import { unlzma2Feed } from './unlzma-feed.ts';
import { makeXzCheck } from './xz-checks.ts';

/*
 * xz file format 1.1.0: stream header `FD 37 7A 58 5A 00`, 2 bytes flags (the second: kind of check), CRC-32; then
 * blocks: 1 byte header length / 4 - 1, flags (bits 0-1 filters - 1, 6 packed length, 7 length), filters (id, length,
 * properties), padding, CRC-32; packed bytes, padding to 4, check. Then an index that begins with `00`, and a footer
 * of 12 bytes that ends with `YZ`. Streams may follow one another, with zeros between.
 */
const MAGIC = Buffer.from('fd377a585a00', 'hex');
const FILTER_LZMA2 = 0x21;
/** Bytes of an index; each block costs at least two. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/**
 * Unpacks xz streams that follow one another, to the end of the feed or to bytes that are none; those stay.
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `xz-damaged`, `lzma-damaged`; UnsupportedError `xz-filter-unsupported`; LimitError `lzma-dictionary-limit`
 */
export function* unxzFeed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  for (let streams = 0; ; streams++) {
    while (streams > 0 && feed.fill() && feed.bytes[feed.at] === 0) feed.at += 1;
    if (streams > 0 && (!feed.fill() || feed.bytes[feed.at] !== MAGIC[0])) return;
    yield* unpackStream(feed);
  }
}

function* unpackStream(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  const head = feed.take(12);
  if (head.length < 12 || !head.subarray(0, 6).equals(MAGIC) || head.readUInt32LE(8) !== crc32(head.subarray(6, 8))) throw damaged('has no sound header');
  const checkKind = head[7]! & 0x0f;
  for (;;) {
    const first = feed.byte();
    if (first < 0) throw damaged('is cut short');
    if (first === 0) break;
    const { dictionaryBytes, filters } = readBlockHeader(feed, first);
    const start = feed.position;
    const check = makeXzCheck(checkKind);
    for (const piece of filters.reduceRight<Iterable<Uint8Array>>((pieces, { filter, properties }) => undoFilter(filter, properties, pieces), unlzma2Feed(feed, dictionaryBytes))) {
      check.add(piece);
      yield piece;
    }
    feed.take((4 - ((feed.position - start) & 3)) & 3);
    const stated = feed.take(check.sizeBytes);
    if (stated.length < check.sizeBytes) throw damaged('is cut short');
    if (!check.matches(stated)) throw damaged('has a block that fails its check');
  }
  passIndex(feed);
  const footer = feed.take(12);
  if (footer.length < 12 || footer.toString('latin1', 10) !== 'YZ' || footer.readUInt32LE(0) !== crc32(footer.subarray(4, 10))) throw damaged('has no sound end');
}

interface XzBlock {
  readonly dictionaryBytes: number;
  /** Filters before LZMA2, the one that was run first coming first. */
  readonly filters: readonly { readonly filter: number; readonly properties: Buffer }[];
}

function readBlockHeader(feed: PackedFeed, first: number): XzBlock {
  const length = (first + 1) * 4;
  const header = Buffer.concat([Buffer.from([first]), feed.take(length - 1)]);
  if (header.length < length || header.readUInt32LE(length - 4) !== crc32(header.subarray(0, length - 4))) throw damaged('has a block without a sound header');
  const flags = header[1]!;
  let at = 2;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const byte = header[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw damaged('has a number that is too long');
  };
  if ((flags & 0x40) !== 0) number();
  if ((flags & 0x80) !== 0) number();
  const all = Array.from({ length: (flags & 3) + 1 }, () => {
    const filter = number();
    const length = number();
    if (at + length > header.length) throw damaged('has a filter with impossible properties');
    at += length;
    return { filter, properties: header.subarray(at - length, at) };
  });
  const filters = all.slice(0, -1);
  const packer = all.at(-1)!;
  const unread = packer.filter === FILTER_LZMA2 ? filters.find(({ filter }) => !isFilterRead(filter)) : packer;
  if (unread !== undefined) throw new UnsupportedError('xz-filter-unsupported', `an xz stream is packed with the filter ${FILTER_NAMES[unread.filter] ?? `number ${unread.filter}`}, which is not read`);
  const bits = packer.properties[0] ?? 41;
  if (packer.properties.length !== 1 || bits > 40) throw damaged('has a filter with impossible properties');
  return { filters, dictionaryBytes: bits === 40 ? 0xffff_ffff : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11) };
}

/** The index repeats the blocks' lengths, which were seen; it is passed over to its CRC-32. */
function passIndex(feed: PackedFeed): void {
  const start = feed.position - 1;
  let sum = crc32(Buffer.from([0]));
  const byte = (): number => {
    const value = feed.byte();
    if (value < 0 || feed.position - start > MAX_INDEX_BYTES) throw damaged('is cut short in its index');
    sum = crc32(Buffer.from([value]), sum);
    return value;
  };
  const number = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const next = byte();
      value += (next & 0x7f) * factor;
      if (next < 0x80) return value;
    }
    throw damaged('has a number that is too long');
  };
  for (let numbers = number() * 2; numbers > 0; numbers--) number();
  while (((feed.position - start) & 3) !== 0) byte();
  const stated = feed.take(4);
  if (stated.length < 4 || stated.readUInt32LE(0) !== sum >>> 0) throw damaged('has an index that fails its checksum');
}

function damaged(what: string): MalformedError {
  return new MalformedError('xz-damaged', `an xz stream ${what}`);
}
