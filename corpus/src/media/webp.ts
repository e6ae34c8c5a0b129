/**
 * A lossless WebP (RFC 9649, VP8L): RIFF, `VP8L` with 2F, width and height less 1 (14 bits each), alpha
 * bit, version (3 bits), then bits from the lowest up: no transform, no colour cache, one group of five
 * prefix codes. Green, red and blue have 256 codes of 8 bits each, alpha and distance one code of none:
 * so every pixel is 24 bits, and no compression is done.
 */
import { rasterise } from '../pictures/raster.ts';
import { makeScene } from '../pictures/scene.ts';

/** Places of the code lengths 0 and 8 in the order in which code-length codes are written. */
const PLACE_OF_0 = 2;
const PLACE_OF_8 = 11;
/** 24 codes of the green alphabet are lengths of copies; none is used. */
const COPY_CODES = 24;

export function makeWebp(seed: number, widthPx: number, heightPx: number, grain: number): Buffer {
  const pixels = rasterise(makeScene(seed), widthPx, heightPx, seed, grain);
  const bits = new BitSink(200 + widthPx * heightPx * 3);
  bits.put(0x2f, 8);
  bits.put(widthPx - 1, 14);
  bits.put(heightPx - 1, 14);
  bits.put(0, 1 + 3);
  bits.put(0, 3); // no transform, no colour cache, no further groups
  putByteCode(bits, COPY_CODES);
  putByteCode(bits, 0);
  putByteCode(bits, 0);
  putSingleCode(bits, 255);
  putSingleCode(bits, 0);
  for (let at = 0; at < pixels.length; at += 3) for (const channel of [1, 0, 2]) bits.put(reversed(pixels[at + channel]!), 8);
  const data = bits.finish();
  const padded = Buffer.concat([data, Buffer.alloc(data.length % 2)]);
  const head = Buffer.alloc(20);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(12 + padded.length, 4);
  head.write('WEBPVP8L', 8, 'latin1');
  head.writeUInt32LE(data.length, 16);
  return Buffer.concat([head, padded]);
}

/** 256 codes of 8 bits, then `unused` of none: the lengths themselves coded with one bit each. */
function putByteCode(bits: BitSink, unused: number): void {
  bits.put(0, 1);
  bits.put(PLACE_OF_8 + 1 - 4, 4);
  for (let place = 0; place <= PLACE_OF_8; place++) bits.put(place === PLACE_OF_0 || place === PLACE_OF_8 ? 1 : 0, 3);
  bits.put(0, 1); // lengths for the whole alphabet follow
  for (let code = 0; code < 256 + unused; code++) bits.put(code < 256 ? 1 : 0, 1);
}

/** One code, of no bits. */
function putSingleCode(bits: BitSink, symbol: number): void {
  bits.put(0b101, 3); // simple, one symbol, of 8 bits
  bits.put(symbol, 8);
}

function reversed(byte: number): number {
  let value = 0;
  for (let bit = 0; bit < 8; bit++) value |= ((byte >> bit) & 1) << (7 - bit);
  return value;
}

class BitSink {
  readonly #bytes: Buffer;
  #length = 0;
  #held = 0;
  #heldBits = 0;

  constructor(mostBytes: number) {
    this.#bytes = Buffer.alloc(mostBytes);
  }

  put(value: number, width: number): void {
    this.#held |= value << this.#heldBits;
    this.#heldBits += width;
    for (; this.#heldBits >= 8; this.#heldBits -= 8, this.#held >>>= 8) this.#bytes[this.#length++] = this.#held & 0xff;
  }

  finish(): Buffer {
    if (this.#heldBits > 0) this.#bytes[this.#length++] = this.#held & 0xff;
    return this.#bytes.subarray(0, this.#length);
  }
}
