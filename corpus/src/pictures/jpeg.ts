/**
 * Baseline JPEG (ITU-T T.81) in a JFIF wrapper: SOI, APP0, DQT, SOF0, DHT, SOS, scan, EOI.
 * Three components; brightness at full size, colour at half (4:2:0).
 *
 * No transform is done: a block gets its mean as DC, its slopes as the first two AC coefficients,
 * and for the rest one of a few dozen ready-made strings of grain. So thousands of pictures of any
 * file size cost seconds.
 */
import { makeRandom, type Random } from '../random.ts';
import { makeBitWriter, putAc, putDc, type BitString, type BitWriter } from './jpeg-bits.ts';
import { AC_TABLE, DC_TABLE, type HuffmanTable } from './jpeg-huffman.ts';
import type { Colour, Scene } from './scene.ts';

/** Every coefficient is divided by 8: then the DC value is just the mean less 128. */
const QUANTISER = 8;
/** The first AC coefficient of a ramp that rises by 1 a pixel, after division. */
const RAMP_COEFFICIENT = -18.22 / QUANTISER;
const GRAIN_LEVELS = 32;
const GRAIN_STRINGS = 64;

/** @param grain 0 for a smooth picture of few bytes, up to 1 for about one byte a pixel */
export function encodeJpeg(scene: Scene, widthPx: number, heightPx: number, seed: number, grain: number): Buffer {
  const random = makeRandom(seed ^ 0x5eed);
  const pool = grainPool(Math.round(Math.min(1, Math.max(0, grain)) * (GRAIN_LEVELS - 1)));
  const bits = makeBitWriter(Math.ceil(widthPx * heightPx * (0.1 + grain)));
  const previousDc = [0, 0, 0];
  const columns = Math.ceil(widthPx / 16);
  const rows = Math.ceil(heightPx / 16);
  const sample = (px: number, py: number): YCbCr => toYCbCr(scene.colourAt(px / widthPx, py / heightPx));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let block = 0; block < 4; block++) {
        const px = column * 16 + (block & 1) * 8 + 4;
        const py = row * 16 + (block >> 1) * 8 + 4;
        const here = sample(px, py)[0];
        const slopes: Slopes = [(sample(px + 4, py)[0] - here) / 4, (sample(px, py + 4)[0] - here) / 4];
        putBlock(bits, previousDc, 0, here, slopes, pool, random);
      }
      const centre = sample(column * 16 + 8, row * 16 + 8);
      putBlock(bits, previousDc, 1, centre[1], [0, 0], null, random);
      putBlock(bits, previousDc, 2, centre[2], [0, 0], null, random);
    }
  }
  return Buffer.concat([headers(widthPx, heightPx), bits.finish(), Buffer.from([0xff, 0xd9])]);
}

type YCbCr = readonly [brightness: number, blue: number, red: number];
type Slopes = readonly [across: number, down: number];

function toYCbCr([red, green, blue]: Colour): YCbCr {
  return [
    0.299 * red + 0.587 * green + 0.114 * blue - 128,
    -0.1687 * red - 0.3313 * green + 0.5 * blue,
    0.5 * red - 0.4187 * green - 0.0813 * blue,
  ];
}

function putBlock(bits: BitWriter, previousDc: number[], component: number, mean: number, slopes: Slopes, pool: GrainPool | null, random: Random): void {
  const dc = Math.max(-128, Math.min(127, Math.round(mean)));
  putDc(bits, dc - previousDc[component]!);
  previousDc[component] = dc;
  let zeros = 0;
  for (const slope of slopes) {
    const value = Math.round(Math.max(-20, Math.min(20, slope)) * RAMP_COEFFICIENT);
    if (value === 0) {
      zeros++;
    } else {
      putAc(bits, zeros, value);
      zeros = 0;
    }
  }
  if (pool === null) bits.put(AC_TABLE.codes[0]!, AC_TABLE.lengths[0]!);
  else bits.putString(pool[zeros]![random.below(GRAIN_STRINGS)]!);
}

/** Ready-made strings for coefficients 3 to 63, by the number of zeros before them. */
type GrainPool = readonly (readonly BitString[])[];

const pools = new Map<number, GrainPool>();

function grainPool(level: number): GrainPool {
  const known = pools.get(level);
  if (known !== undefined) return known;
  const made = [0, 1, 2].map((zeros) => {
    // One seed for the three, so that only the first run differs.
    const random = makeRandom(level + 1);
    return Array.from({ length: GRAIN_STRINGS }, () => grainString(level, zeros, random));
  });
  pools.set(level, made);
  return made;
}

function grainString(level: number, zerosBefore: number, random: Random): BitString {
  const values: number[] = [];
  const widths: number[] = [];
  const bits = {
    // Joined up to 24 bits, the most that fit beside the writer's held bits.
    put(value: number, width: number): void {
      const last = values.length - 1;
      if (last >= 0 && widths[last]! + width <= 24) {
        values[last] = (values[last]! << width) | value;
        widths[last] = widths[last]! + width;
      } else {
        values.push(value);
        widths.push(width);
      }
    },
  };
  const share = level / (GRAIN_LEVELS - 1);
  const reach = 1 + Math.floor(share * 24);
  let zeros = zerosBefore;
  for (let position = 3; position < 64; position++) {
    const value = random.chance(share) ? random.below(2 * reach + 1) - reach : 0;
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.put(AC_TABLE.codes[0xf0]!, AC_TABLE.lengths[0xf0]!);
    putAc(bits, zeros, value);
    zeros = 0;
  }
  if (zeros > 0) bits.put(AC_TABLE.codes[0]!, AC_TABLE.lengths[0]!);
  return { values: Uint32Array.from(values), widths: Uint8Array.from(widths) };
}

function headers(widthPx: number, heightPx: number): Buffer {
  const frame = [8, heightPx >> 8, heightPx & 0xff, widthPx >> 8, widthPx & 0xff, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [...Buffer.from('JFIF\0', 'latin1'), 1, 1, 1, 0, 72, 0, 72, 0, 0]),
    segment(0xdb, [0, ...Buffer.alloc(64, QUANTISER)]),
    segment(0xc0, frame),
    huffmanSegment(0x00, DC_TABLE),
    huffmanSegment(0x10, AC_TABLE),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
  ]);
}

function huffmanSegment(identifier: number, table: HuffmanTable): Buffer {
  return segment(0xc4, [identifier, ...table.counts, ...table.symbols]);
}

function segment(marker: number, payload: readonly number[]): Buffer {
  const length = payload.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 0xff, ...payload]);
}
