/*
 * Deflate64 ("enhanced deflate", method 9 of ZIP; what Windows packs files of more than 2 GiB with): deflate (RFC 1951)
 * with a window of 64 KiB. The length code 285 has 16 more bits and begins at 3; the distance codes 30 and 31 exist, with 14 more bits.
 */
import { MalformedError } from '@kerbside/bytes';
import { codeTable, type CodeTable } from './deflate-codes.ts';
import type { PackedFeed } from './packed-feed.ts';
import { PIECE_BYTES } from './piece-buffers.ts';

const WINDOW_BYTES = 64 * 1024;
const END_OF_BLOCK = 256;
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;
/** More bits and first length of the codes from 257 on. */
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16] as const;
const LENGTH_FIRST = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 3] as const;

/**
 * Unpacks one raw deflate64 stream.
 * @yields pieces of at most 1 MiB, each valid until the next
 * @throws MalformedError `deflate-damaged`, and what the feed throws
 */
export function* inflate64Feed(feed: PackedFeed): Generator<Uint8Array, void, undefined> {
  const bits = new BitFeed(feed);
  const out = new WindowedOutput();
  for (let isLast = false; !isLast; ) {
    isLast = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 3) throw damaged();
    if (kind === 0) yield* copyStored(bits, out);
    else yield* unpackBlock(bits, out, kind === 1 ? fixedTables() : readTables(bits));
  }
  if (out.fresh > 0) yield out.piece();
}

/** The bits of a feed, lowest first. */
class BitFeed {
  readonly #feed: PackedFeed;
  #bits = 0;
  #count = 0;
  /** Bits past the end that were looked at. */
  #missing = 0;

  constructor(feed: PackedFeed) {
    this.#feed = feed;
  }

  take(count: number): number {
    this.#need(count);
    const value = this.#bits & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  symbol(table: CodeTable): number {
    this.#need(15);
    const entry = table[this.#bits & 0x7fff]!;
    if (entry === 0) throw damaged();
    this.#drop(entry & 15);
    return entry >> 4;
  }

  /** Leaves the rest of a byte. */
  align(): void {
    this.#drop(this.#count & 7);
  }

  #need(count: number): void {
    while (this.#count < count) {
      const byte = this.#feed.byte();
      if (byte < 0) this.#missing += 8;
      else this.#bits |= byte << this.#count;
      this.#count += 8;
    }
  }

  #drop(count: number): void {
    this.#bits >>>= count;
    this.#count -= count;
    if (this.#missing > this.#count) throw damaged();
  }
}

/** What was unpacked, with the window behind it. */
class WindowedOutput {
  readonly bytes = Buffer.allocUnsafe(WINDOW_BYTES + PIECE_BYTES);
  at = 0;
  /** Bytes made since the last piece. */
  fresh = 0;

  get room(): number {
    return this.bytes.length - this.at;
  }

  put(byte: number): void {
    this.bytes[this.at++] = byte;
    this.fresh += 1;
  }

  piece(): Uint8Array {
    const piece = this.bytes.subarray(this.at - this.fresh, this.at);
    this.fresh = 0;
    return piece;
  }

  /** To be called once the last piece is not needed any more. */
  slide(): void {
    this.bytes.copyWithin(0, this.at - WINDOW_BYTES, this.at);
    this.at = WINDOW_BYTES;
  }
}

function* copyStored(bits: BitFeed, out: WindowedOutput): Generator<Uint8Array, void, undefined> {
  bits.align();
  const length = bits.take(16);
  if (bits.take(16) !== (~length & 0xffff)) throw damaged();
  for (let done = 0; done < length; done++) {
    if (out.room === 0) {
      yield out.piece();
      out.slide();
    }
    out.put(bits.take(8));
  }
}

function* unpackBlock(bits: BitFeed, out: WindowedOutput, { lengths, distances }: Tables): Generator<Uint8Array, void, undefined> {
  for (;;) {
    if (out.room === 0) {
      yield out.piece();
      out.slide();
    }
    const symbol = bits.symbol(lengths);
    if (symbol < END_OF_BLOCK) {
      out.put(symbol);
      continue;
    }
    if (symbol === END_OF_BLOCK) return;
    const extra = LENGTH_BITS[symbol - 257];
    if (extra === undefined || distances === null) throw damaged();
    let left = LENGTH_FIRST[symbol - 257]! + bits.take(extra);
    const code = bits.symbol(distances);
    const more = code < 4 ? 0 : (code >> 1) - 1;
    const distance = (code < 4 ? code : (2 | (code & 1)) << more) + 1 + bits.take(more);
    if (distance > out.at) throw damaged();
    for (; left > 0; left--) {
      if (out.room === 0) {
        yield out.piece();
        out.slide();
      }
      out.put(out.bytes[out.at - distance]!);
    }
  }
}

interface Tables {
  readonly lengths: CodeTable;
  /** Null in a block without any distance. */
  readonly distances: CodeTable | null;
}

let fixed: Tables | null = null;

function fixedTables(): Tables {
  const lengths = Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8));
  return (fixed ??= { lengths: codeTable(lengths)!, distances: codeTable(new Uint8Array(32).fill(5)) });
}

function readTables(bits: BitFeed): Tables {
  const [lengthCodes, distanceCodes, codeCodes] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const own = new Uint8Array(19);
  for (let i = 0; i < codeCodes; i++) own[LENGTH_ORDER[i]!] = bits.take(3);
  const table = codeTable(own);
  if (table === null) throw damaged();
  const all = new Uint8Array(lengthCodes + distanceCodes);
  for (let at = 0; at < all.length; ) {
    const symbol = bits.symbol(table);
    if (symbol < 16) {
      all[at++] = symbol;
      continue;
    }
    if (symbol === 16 && at === 0) throw damaged();
    const repeated = symbol === 16 ? all[at - 1]! : 0;
    const count = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (at + count > all.length) throw damaged();
    all.fill(repeated, at, at + count);
    at += count;
  }
  const lengths = codeTable(all.subarray(0, lengthCodes));
  const distances = all.subarray(lengthCodes);
  const hasDistances = distances.some((length) => length > 0);
  const distanceTable = hasDistances ? codeTable(distances) : null;
  if (lengths === null || all[END_OF_BLOCK] === 0 || (hasDistances && distanceTable === null)) throw damaged();
  return { lengths, distances: distanceTable };
}

function damaged(): MalformedError {
  return new MalformedError('deflate-damaged', 'a deflate64 stream is damaged or cut short');
}
