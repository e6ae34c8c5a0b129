import { crc32 } from 'node:zlib';
import { MalformedError } from '@kerbside/bytes';
import type { PackedFeed } from './packed-feed.ts';
import { inflateFeed } from './unpack-stream.ts';

/*
 * gzip (RFC 1952, little-endian): `1F 8B`, method 8, flags (1 text, 2 header CRC, 4 extra, 8 name, 16 comment),
 * u32 modified, 2 bytes; then u16 length and extra field, name, comment, u16 CRC, each where its flag says; a deflate
 * stream; u32 CRC-32, u32 length modulo 2^32. Members may follow one another and make one content.
 */
export interface GzipHeader {
  /** As stored, without the zero; latin1 by the RFC. */
  readonly name: Buffer | null;
  readonly modifiedSeconds: number;
}

/** Names and comments read; longer ones are damage. */
const MAX_TEXT_BYTES = 65_535;

/** @throws MalformedError `gzip-damaged` */
export function readGzipHeader(feed: PackedFeed): GzipHeader {
  const head = feed.take(10);
  if (head.length < 10 || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8 || (head[3]! & 0xe0) !== 0) throw damaged('has no sound header');
  const flags = head[3]!;
  if ((flags & 4) !== 0) {
    const length = feed.take(2);
    if (length.length < 2) throw damaged('is cut short');
    feed.take(length.readUInt16LE(0));
  }
  const name = (flags & 8) !== 0 ? readText(feed) : null;
  if ((flags & 16) !== 0) readText(feed);
  if ((flags & 2) !== 0) feed.take(2);
  return { name, modifiedSeconds: head.readUInt32LE(4) };
}

function readText(feed: PackedFeed): Buffer {
  const bytes: number[] = [];
  for (let byte = feed.byte(); byte !== 0; byte = feed.byte()) {
    if (byte < 0 || bytes.length > MAX_TEXT_BYTES) throw damaged('has a name without an end');
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/**
 * Unpacks gzip members that follow one another, to the end of the feed or to bytes that are none; those stay.
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `gzip-damaged`, `deflate-damaged`, and what the feed throws
 */
export function* gunzipFeed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  for (let members = 0; ; members++) {
    // Tapes and block devices pad with zeros.
    while (members > 0 && feed.fill() && feed.bytes[feed.at] === 0) feed.at += 1;
    if (members > 0 && (!feed.fill() || feed.bytes[feed.at] !== 0x1f)) return;
    readGzipHeader(feed);
    let sum = 0;
    let length = 0;
    for (const piece of inflateFeed(feed)) {
      sum = crc32(piece, sum);
      length += piece.length;
      yield piece;
    }
    const end = feed.take(8);
    if (end.length < 8) throw damaged('is cut short');
    if (end.readUInt32LE(0) !== sum || end.readUInt32LE(4) !== length % 2 ** 32) throw damaged('fails its checksum or length');
  }
}

function damaged(what: string): MalformedError {
  return new MalformedError('gzip-damaged', `a gzip file ${what}`);
}
