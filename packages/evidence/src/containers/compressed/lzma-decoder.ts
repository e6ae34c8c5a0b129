import { LimitError, MalformedError } from '@kerbside/bytes';
import type { PackedFeed } from './packed-feed.ts';

/*
 * LZMA (Igor Pavlov's LZMA specification, public domain): a range coder with adaptive bits over literals, matches
 * and the last four distances. Probabilities stand in one table:
 */
const IS_MATCH = 0; // 12 states × 16 positions
const IS_REP = 192; // 12
const IS_REP_0 = 204;
const IS_REP_1 = 216;
const IS_REP_2 = 228;
const IS_REP_0_LONG = 240; // 12 × 16
const SLOT = 432; // 4 × 64
const SPECIAL = 688; // 115
const ALIGN = 803; // 16
const LENGTH = 819; // choice 2, low 16 × 8, mid 16 × 8, high 256
const REP_LENGTH = 1333;
const LITERAL = 1847;
const LENGTH_LOW = 2;
const LENGTH_MID = 130;
const LENGTH_HIGH = 258;

const LEAST_MATCH = 2;
const END_DISTANCE = -1;
/** Dictionaries up to this are kept in memory: `xz -9` and 7-Zip's "ultra" use 64 MiB. It grows only as bytes come. */
export const MAX_DICTIONARY_BYTES = 64 * 1024 * 1024;
const FIRST_DICTIONARY_BYTES = 1024 * 1024;
const LEAST_DICTIONARY_BYTES = 4096;

/** Decodes into its dictionary; the bytes from one call to the next stand in it. */
export class LzmaDecoder {
  /** Where the next byte goes. */
  position = 0;
  /** True once the stream's own end mark was read. */
  hasEnded = false;
  #dictionary: Uint8Array;
  readonly #fullBytes: number;
  readonly #feed: PackedFeed;
  #probabilities = new Uint16Array(0);
  #range = 0;
  #code = 0;
  #total = 0;
  #state = 0;
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;
  #pending = 0;
  #literalContext = 0;
  #literalMask = 0;
  #positionMask = 0;

  /** @throws LimitError `lzma-dictionary-limit` */
  constructor(feed: PackedFeed, dictionaryBytes: number) {
    if (dictionaryBytes > MAX_DICTIONARY_BYTES) throw new LimitError('lzma-dictionary-limit', `an LZMA stream needs a dictionary of ${dictionaryBytes} bytes; ${MAX_DICTIONARY_BYTES} is the limit`);
    this.#feed = feed;
    // A multiple of 16, so that places in the dictionary and in the content agree in the bits that choose probabilities.
    this.#fullBytes = Math.ceil(Math.max(LEAST_DICTIONARY_BYTES, dictionaryBytes) / 16) * 16;
    this.#dictionary = new Uint8Array(Math.min(this.#fullBytes, FIRST_DICTIONARY_BYTES));
  }

  /** Sets lc, lp and pb from their one byte and forgets all probabilities. @throws MalformedError `lzma-damaged` */
  setProperties(properties: number, mostLiteralBits: number): void {
    const lc = properties % 9;
    const lp = Math.floor(properties / 9) % 5;
    const pb = Math.floor(properties / 45);
    if (properties >= 225 || lc + lp > mostLiteralBits) throw damaged('has properties that cannot be');
    this.#literalContext = lc;
    this.#literalMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    this.#probabilities = new Uint16Array(LITERAL + (0x300 << (lc + lp)));
    this.resetState();
  }

  get hasProperties(): boolean {
    return this.#probabilities.length > 0;
  }

  resetState(): void {
    this.#probabilities.fill(1024);
    this.#state = 0;
    this.#rep0 = this.#rep1 = this.#rep2 = this.#rep3 = 0;
    this.#pending = 0;
  }

  resetDictionary(): void {
    this.position = 0;
    this.#total = 0;
  }

  /** Reads the five bytes that a range coder begins with. */
  startCoder(): void {
    if (this.#byte() !== 0) throw damaged('does not begin as one');
    this.#range = -1;
    this.#code = 0;
    for (let i = 0; i < 4; i++) this.#code = (this.#code << 8) | this.#byte();
  }

  /** True when the coder has used its bytes up, as it has at a sound end. */
  get isCoderSpent(): boolean {
    return this.#code === 0;
  }

  get hasPending(): boolean {
    return this.#pending > 0;
  }

  /** Makes room for at least one byte; returns how many fit before the dictionary wraps. */
  room(): number {
    if (this.position === this.#dictionary.length) {
      if (this.#dictionary.length < this.#fullBytes) {
        const grown = new Uint8Array(Math.min(this.#fullBytes, this.#dictionary.length * 2));
        grown.set(this.#dictionary);
        this.#dictionary = grown;
      } else {
        this.position = 0;
      }
    }
    return this.#dictionary.length - this.position;
  }

  /** The bytes made from `start` to `position`, valid until the dictionary wraps round to them. */
  made(start: number): Uint8Array {
    return this.#dictionary.subarray(start, this.position);
  }

  /** Takes bytes that are stored as they are. `count` fits `room`. */
  copyStored(count: number): void {
    for (let left = count; left > 0; ) {
      if (!this.#feed.fill()) throw damaged('is cut short');
      const part = Math.min(left, this.#feed.end - this.#feed.at);
      this.#dictionary.set(this.#feed.bytes.subarray(this.#feed.at, this.#feed.at + part), this.position);
      this.#feed.at += part;
      this.position += part;
      left -= part;
    }
    this.#total = Math.min(this.#total + count, this.#fullBytes);
  }

  /** Decodes until `count` bytes more are made or the end mark is read. `count` fits `room`. */
  decode(count: number): void {
    const limit = this.position + count;
    const start = this.position;
    const probabilities = this.#probabilities;
    while (this.position < limit) {
      if (this.#pending > 0) {
        this.#copyMatch(limit);
        continue;
      }
      const made = Math.min(this.#total + (this.position - start), this.#fullBytes);
      const positionState = this.position & this.#positionMask;
      const state = this.#state;
      if (this.#bit(probabilities, IS_MATCH + state * 16 + positionState) === 0) {
        this.#literal(made);
        continue;
      }
      let length: number;
      if (this.#bit(probabilities, IS_REP + state) === 0) {
        this.#rep3 = this.#rep2;
        this.#rep2 = this.#rep1;
        this.#rep1 = this.#rep0;
        length = this.#length(LENGTH, positionState);
        this.#state = state < 7 ? 7 : 10;
        this.#rep0 = this.#distance(length);
        if (this.#rep0 === END_DISTANCE) {
          this.hasEnded = true;
          break;
        }
      } else {
        length = this.#repeat(state, positionState);
      }
      if (this.#rep0 >>> 0 >= made) throw damaged('points before its start');
      this.#pending = length;
    }
    this.#total = Math.min(this.#total + (this.position - start), this.#fullBytes);
  }

  #copyMatch(limit: number): void {
    const dictionary = this.#dictionary;
    const count = Math.min(this.#pending, limit - this.position);
    let to = this.position;
    let from = to - this.#rep0 - 1;
    if (from < 0) from += dictionary.length;
    for (let i = 0; i < count; i++) {
      dictionary[to++] = dictionary[from++]!;
      if (from === dictionary.length) from = 0;
    }
    this.position = to;
    this.#pending -= count;
  }

  #literal(made: number): void {
    const probabilities = this.#probabilities;
    const dictionary = this.#dictionary;
    const before = made === 0 ? 0 : dictionary[this.position === 0 ? dictionary.length - 1 : this.position - 1]!;
    const context = ((this.position & this.#literalMask) << this.#literalContext) + (before >> (8 - this.#literalContext));
    const base = LITERAL + 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let from = this.position - this.#rep0 - 1;
      if (from < 0) from += dictionary.length;
      let match = dictionary[from]!;
      do {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.#bit(probabilities, base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(probabilities, base + symbol);
    dictionary[this.position++] = symbol & 0xff;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** A match at one of the last four distances; returns its length. */
  #repeat(state: number, positionState: number): number {
    const probabilities = this.#probabilities;
    if (this.#bit(probabilities, IS_REP_0 + state) === 0) {
      if (this.#bit(probabilities, IS_REP_0_LONG + state * 16 + positionState) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else {
      let distance = this.#rep1;
      if (this.#bit(probabilities, IS_REP_1 + state) === 1) {
        distance = this.#rep2;
        if (this.#bit(probabilities, IS_REP_2 + state) === 1) {
          distance = this.#rep3;
          this.#rep3 = this.#rep2;
        }
        this.#rep2 = this.#rep1;
      }
      this.#rep1 = this.#rep0;
      this.#rep0 = distance;
    }
    this.#state = state < 7 ? 8 : 11;
    return this.#length(REP_LENGTH, positionState);
  }

  #length(base: number, positionState: number): number {
    const probabilities = this.#probabilities;
    if (this.#bit(probabilities, base) === 0) return LEAST_MATCH + this.#tree(base + LENGTH_LOW + positionState * 8, 3);
    if (this.#bit(probabilities, base + 1) === 0) return LEAST_MATCH + 8 + this.#tree(base + LENGTH_MID + positionState * 8, 3);
    return LEAST_MATCH + 16 + this.#tree(base + LENGTH_HIGH, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(SLOT + Math.min(length - LEAST_MATCH, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const distance = (2 | (slot & 1)) << bits;
    if (slot < 14) return distance + this.#reverseTree(SPECIAL + distance - slot, bits);
    return (distance + (this.#direct(bits - 4) << 4) + this.#reverseTree(ALIGN, 4)) | 0;
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.#bit(this.#probabilities, base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(this.#probabilities, base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  #direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.#range >>>= 1;
      let bit = 0;
      if (this.#code >>> 0 >= this.#range >>> 0) {
        this.#code = (this.#code - this.#range) | 0;
        bit = 1;
      }
      value = (value << 1) | bit;
      if (this.#range >>> 0 < 0x0100_0000) this.#refill();
    }
    return value;
  }

  #bit(probabilities: Uint16Array, at: number): number {
    const probability = probabilities[at]!;
    const bound = Math.imul(this.#range >>> 11, probability);
    let bit = 0;
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      probabilities[at] = probability + ((2048 - probability) >> 5);
    } else {
      this.#range = (this.#range - bound) | 0;
      this.#code = (this.#code - bound) | 0;
      probabilities[at] = probability - (probability >> 5);
      bit = 1;
    }
    if (this.#range >>> 0 < 0x0100_0000) this.#refill();
    return bit;
  }

  #refill(): void {
    this.#range <<= 8;
    this.#code = (this.#code << 8) | this.#byte();
  }

  #byte(): number {
    const byte = this.#feed.byte();
    if (byte < 0) throw damaged('is cut short');
    return byte;
  }
}

export function damaged(what: string): MalformedError {
  return new MalformedError('lzma-damaged', `an LZMA stream ${what}`);
}
