import { MalformedError } from '@kerbside/bytes';
import { BitFeed, makeCode, readSymbol, type HuffmanCode } from './bzip2-huffman.ts';
import type { PackedFeed } from './packed-feed.ts';
import { borrowPiece, returnPiece } from './piece-buffers.ts';

/*
 * bzip2: `BZh`, a digit d (blocks of d × 100,000 bytes), then blocks: 48 bits 31 41 59 26 53 59, u32 CRC, 1 bit
 * randomised, 24 bits origin, used symbols, Huffman tables, symbols; the end is 48 bits 17 72 45 38 50 90 and a
 * u32 CRC over the blocks' CRCs. Undone in turn: Huffman, move-to-front with runs, Burrows-Wheeler, runs of four.
 */
const GROUP_SYMBOLS = 50;

/** CRC-32 with the highest bit first, polynomial 04C11DB7. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  return value;
});

/**
 * Unpacks bzip2 streams that follow one another, to the end of the feed or to bytes that are none; those stay.
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `bzip2-damaged`, and what the feed throws
 */
export function* unbzip2Feed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  const output = borrowPiece();
  try {
    for (let streams = 0; feed.fill(); streams++) {
      // Bytes after a whole stream that begin no other are left for the caller to tell.
      if (streams > 0 && feed.bytes[feed.at] !== 0x42) return;
      yield* unpackStream(feed, output);
    }
  } finally {
    returnPiece(output);
  }
}

function* unpackStream(feed: PackedFeed, output: Buffer): Generator<Uint8Array, void, undefined> {
  const head = feed.take(4).toString('latin1');
  if (!/^BZh[1-9]$/.test(head)) throw damaged('does not begin as one');
  const blockBytes = Number(head[3]) * 100_000;
  const links = new Int32Array(blockBytes);
  const bits = new BitFeed(feed);
  let sum = 0;
  for (;;) {
    const mark = `${bits.bits(24).toString(16)} ${bits.bits(24).toString(16)}`;
    const stated = (bits.bits(16) << 16) | bits.bits(16);
    if (mark === '177245 385090') {
      if (stated !== sum) throw damaged('fails its checksum');
      bits.toByte();
      return;
    }
    if (mark !== '314159 265359') throw damaged('has no block where one should begin');
    if (bits.bits(1) === 1) throw damaged('uses the randomised form of old writers');
    const origin = bits.bits(24);
    const length = readBlock(bits, links, blockBytes);
    if (origin >= length) throw damaged('has a block whose origin lies outside');
    const crc = yield* writeBlock(links, length, origin, output);
    if (crc !== stated) throw damaged('has a block that fails its checksum');
    sum = ((sum << 1) | (sum >>> 31)) ^ crc;
  }
}

/** Fills `links` with the block's bytes after move-to-front; returns how many. */
function readBlock(bits: BitFeed, links: Int32Array, blockBytes: number): number {
  const order = readUsedBytes(bits);
  const codes = readCodes(bits, order.length + 2);
  const endSymbol = order.length + 1;
  const { selectors, tables } = codes;
  let length = 0;
  let run = 0;
  let runBit = 1;
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? -1];
    if (table === undefined) throw damaged('has more symbols than groups');
    for (let i = 0; i < GROUP_SYMBOLS; i++) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        run += runBit << symbol;
        runBit *= 2;
        if (run > blockBytes) throw damaged('has a block that is too long');
        continue;
      }
      if (run > 0) {
        if (length + run > blockBytes) throw damaged('has a block that is too long');
        links.fill(order[0]!, length, length + run);
        length += run;
        run = 0;
        runBit = 1;
      }
      if (symbol === endSymbol) return length;
      const byte = order[symbol - 1]!;
      order.copyWithin(1, 0, symbol - 1);
      order[0] = byte;
      if (length >= blockBytes) throw damaged('has a block that is too long');
      links[length++] = byte;
    }
  }
}

function readUsedBytes(bits: BitFeed): Uint8Array {
  const groups = bits.bits(16);
  const used: number[] = [];
  for (let group = 0; group < 16; group++) {
    if ((groups & (0x8000 >> group)) === 0) continue;
    const inGroup = bits.bits(16);
    for (let i = 0; i < 16; i++) if ((inGroup & (0x8000 >> i)) !== 0) used.push(group * 16 + i);
  }
  if (used.length === 0) throw damaged('has a block without symbols');
  return Uint8Array.from(used);
}

function readCodes(bits: BitFeed, symbolCount: number): { readonly selectors: Uint8Array; readonly tables: readonly HuffmanCode[] } {
  const tableCount = bits.bits(3);
  const selectorCount = bits.bits(15);
  if (tableCount < 2 || tableCount > 6 || selectorCount === 0) throw damaged('has a block without tables');
  const recent = [0, 1, 2, 3, 4, 5].slice(0, tableCount);
  const selectors = new Uint8Array(selectorCount);
  for (let i = 0; i < selectorCount; i++) {
    let place = 0;
    while (bits.bits(1) === 1) if (++place >= tableCount) throw damaged('chooses a table that is not there');
    const [table] = recent.splice(place, 1);
    recent.unshift(table!);
    selectors[i] = table!;
  }
  const tables: HuffmanCode[] = [];
  for (let table = 0; table < tableCount; table++) {
    const lengths = new Uint8Array(symbolCount);
    let length = bits.bits(5);
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      for (;;) {
        if (length < 1 || length > 20) throw damaged('has a code length out of range');
        if (bits.bits(1) === 0) break;
        length += bits.bits(1) === 0 ? 1 : -1;
      }
      lengths[symbol] = length;
    }
    tables.push(makeCode(lengths));
  }
  return { selectors, tables };
}

/** Undoes Burrows-Wheeler and the first run-length step; returns the block's CRC. */
function* writeBlock(links: Int32Array, length: number, origin: number, output: Buffer): Generator<Uint8Array, number, undefined> {
  const place = new Int32Array(257);
  for (let i = 0; i < length; i++) place[(links[i]! & 0xff) + 1]! += 1;
  for (let byte = 1; byte <= 256; byte++) place[byte]! += place[byte - 1]!;
  for (let i = 0; i < length; i++) links[place[links[i]! & 0xff]!++]! |= i << 8;
  let crc = -1;
  let filled = 0;
  let next = links[origin]! >>> 8;
  let last = -1;
  let repeats = 0;
  for (let i = 0; i < length; i++) {
    const link = links[next]!;
    const byte = link & 0xff;
    next = link >>> 8;
    let count = 1;
    if (repeats === 4) {
      count = byte;
      repeats = 0;
    } else {
      repeats = byte === last ? repeats + 1 : 1;
      last = byte;
    }
    if (filled + count > output.length) {
      yield output.subarray(0, filled);
      filled = 0;
    }
    for (; count > 0; count--) {
      output[filled++] = last;
      crc = (crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ last) & 0xff]!;
    }
    if (repeats === 0) last = -1;
  }
  if (filled > 0) yield output.subarray(0, filled);
  return ~crc;
}

function damaged(what: string): MalformedError {
  return new MalformedError('bzip2-damaged', `a bzip2 stream ${what}`);
}
