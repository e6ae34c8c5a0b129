import { MalformedError } from '@kerbside/bytes';
import type { PackedFeed } from './packed-feed.ts';

/** Bits of a bzip2 stream, highest first. */
export class BitFeed {
  readonly #feed: PackedFeed;
  #held = 0;
  #count = 0;

  constructor(feed: PackedFeed) {
    this.#feed = feed;
  }

  /** Up to 24 bits. @throws MalformedError `bzip2-damaged` at the end */
  bits(count: number): number {
    while (this.#count < count) {
      const byte = this.#feed.byte();
      if (byte < 0) throw new MalformedError('bzip2-damaged', 'a bzip2 stream is cut short');
      this.#held = ((this.#held << 8) | byte) & 0x7fff_ffff;
      this.#count += 8;
    }
    this.#count -= count;
    const value = (this.#held >>> this.#count) & ((1 << count) - 1);
    this.#held &= (1 << this.#count) - 1;
    return value;
  }

  /** Drops what is left of the current byte. */
  toByte(): void {
    this.#count = 0;
    this.#held = 0;
  }
}

const MAX_LENGTH = 20;

/** A canonical Huffman code, read bit by bit from its limits. */
export interface HuffmanCode {
  readonly least: number;
  /** By length: largest code of that length, and what to take away to get a place in `symbols`. */
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

export function makeCode(lengths: Uint8Array): HuffmanCode {
  const counts = new Int32Array(MAX_LENGTH + 2);
  for (const length of lengths) counts[length]! += 1;
  const symbols = new Uint16Array(lengths.length);
  const limit = new Int32Array(MAX_LENGTH + 2).fill(-1);
  const base = new Int32Array(MAX_LENGTH + 2);
  let code = 0;
  let placed = 0;
  let least = 0;
  for (let length = 1; length <= MAX_LENGTH; length++) {
    base[length] = code - placed;
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) symbols[placed++] = symbol;
    code += counts[length]!;
    if (counts[length]! > 0) {
      limit[length] = code - 1;
      least ||= length;
    }
    code *= 2;
  }
  return { least: Math.max(1, least), limit, base, symbols };
}

export function readSymbol(bits: BitFeed, code: HuffmanCode): number {
  let value = bits.bits(code.least);
  for (let length = code.least; length <= MAX_LENGTH; length++) {
    if (value <= code.limit[length]!) {
      const symbol = code.symbols[value - code.base[length]!];
      if (symbol !== undefined) return symbol;
      break;
    }
    value = value * 2 + bits.bits(1);
  }
  throw new MalformedError('bzip2-damaged', 'a bzip2 stream holds a code that its tables do not');
}
