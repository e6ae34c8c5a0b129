/**
 * What an altered copy of a picture is still known by: the original hashed in exact mode as a set would
 * hold it, the copy by the fast path in all eight orientations, found when one lies within 31 bits.
 *
 *     ./kerbside bench pdq-edits
 */
import { readFileSync } from 'node:fs';
import { DIALECTS, hammingDistance, hashRaster, MATCH_DISTANCE_BITS, MIN_QUALITY, ORIENTATIONS, type Dialect, type DialectHashes, type PictureHashes } from '@kerbside/decode';
import sharp from 'sharp';
import { decodeRaster } from '../packages/decode/src/pdq/decode-raster.ts';
import { hashJpegFast } from '../packages/decode/src/pdq/hash-jpeg-fast.ts';
import type { Bench, BenchOptions, Figure } from './figure.ts';
import { generatedPhotographs, packagedPhotographs, percentText } from './pdq-pictures.ts';

const LEAST_FOUND = 0.97;

/** Smaller pictures are thumbnails themselves; larger ones only make the bench longer. */
const LEAST_SIDE_PX = 300;
const MOST_PIXELS = 4e6;

interface Sides {
  readonly width: number;
  readonly height: number;
}

interface Edit {
  readonly name: string;
  /** PDQ does not claim to survive it: told as it is. */
  readonly toldOnly?: boolean;
  readonly apply: (jpeg: Uint8Array, sides: Sides) => Promise<Uint8Array>;
}

const load = (jpeg: Uint8Array): ReturnType<typeof sharp> => sharp(jpeg, { ignoreIcc: true, autoOrient: false });

const EDITS: readonly Edit[] = [
  { name: 're-saved at quality 30', apply: (jpeg) => load(jpeg).jpeg({ quality: 30 }).toBuffer() },
  { name: 'half size', apply: (jpeg, { width }) => load(jpeg).resize(width >> 1).jpeg({ quality: 80 }).toBuffer() },
  { name: '640 pixels, quality 60', apply: (jpeg) => load(jpeg).resize(640, 640, { fit: 'inside' }).jpeg({ quality: 60 }).toBuffer() },
  { name: 'a fifth brighter', apply: (jpeg) => load(jpeg).linear(1.2, 0).jpeg({ quality: 80 }).toBuffer() },
  { name: 'grey', apply: (jpeg) => load(jpeg).greyscale().jpeg({ quality: 80 }).toBuffer() },
  { name: 'turned by 90°', apply: (jpeg) => load(jpeg).rotate(90).jpeg({ quality: 80 }).toBuffer() },
  { name: 'mirrored', apply: (jpeg) => load(jpeg).flop().jpeg({ quality: 80 }).toBuffer() },
  {
    name: 'a bar of text, 8 % of the height',
    toldOnly: true,
    apply: (jpeg, { width, height }) => load(jpeg).composite([{ input: textBar(width, Math.round(height * 0.08)), gravity: 'south' }]).jpeg({ quality: 80 }).toBuffer(),
  },
  {
    name: '3 % cut off each side',
    toldOnly: true,
    apply: (jpeg, { width, height }) => load(jpeg).extract(inner(width, height, 0.03)).jpeg({ quality: 80 }).toBuffer(),
  },
  {
    name: 'a black border of 5 %',
    toldOnly: true,
    apply: (jpeg, { width, height }) => load(jpeg).extend({ ...frame(width, height, 0.05), background: 'black' }).jpeg({ quality: 80 }).toBuffer(),
  },
];

function textBar(width: number, height: number): Buffer {
  return Buffer.from(`<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="black"/><text x="2%" y="75%" font-size="${height * 0.7}" fill="white">Football club, league table, goal of the month</text></svg>`);
}

function inner(width: number, height: number, share: number): { left: number; top: number; width: number; height: number } {
  const [left, top] = [Math.round(width * share), Math.round(height * share)];
  return { left, top, width: width - 2 * left, height: height - 2 * top };
}

function frame(width: number, height: number, share: number): { left: number; right: number; top: number; bottom: number } {
  const [across, down] = [Math.round(width * share), Math.round(height * share)];
  return { left: across, right: across, top: down, bottom: down };
}

async function run(options: BenchOptions): Promise<Figure[]> {
  const paths = [...(await generatedPhotographs(options.quick ? 13 : 234)), ...packagedPhotographs(options.quick)];
  const found = new Map(EDITS.map(({ name }) => [name, { '512nn': 0, full: 0 }]));
  let pictures = 0;
  for (const path of paths) {
    const jpeg = readFileSync(path);
    const { raster } = await decodeRaster(jpeg);
    const { dialects } = hashRaster(raster);
    if (dialects.full.quality < MIN_QUALITY || Math.min(raster.width, raster.height) < LEAST_SIDE_PX || raster.width * raster.height > MOST_PIXELS) continue;
    pictures += 1;
    for (const { name, apply } of EDITS) {
      const copy = hashJpegFast(await apply(jpeg, raster), { orientations: true })!.hashes;
      for (const dialect of DIALECTS) if (isFound(copy, dialects, dialect)) found.get(name)![dialect] += 1;
    }
  }
  return EDITS.map(({ name, toldOnly }) => {
    const shares = DIALECTS.map((dialect) => found.get(name)![dialect] / pictures);
    return {
      figure: `altered copies found within ${MATCH_DISTANCE_BITS} bits, ${name}, ${pictures} pictures of 0.1 to 4 megapixels`,
      ours: DIALECTS.map((dialect, i) => `${dialect} ${percentText(shares[i]!)}`).join(', '),
      peer: 'none',
      ratio: '',
      mustReach: toldOnly === true ? '' : `≥ ${percentText(LEAST_FOUND)} in each dialect`,
      reached: toldOnly === true ? null : shares.every((share) => share >= LEAST_FOUND),
    };
  });
}

/** Whether the copy, however it lies, is near enough to the original. */
function isFound(copy: PictureHashes, original: DialectHashes, dialect: Dialect): boolean {
  return ORIENTATIONS.some((orientation) => hammingDistance(copy.orientations![orientation][dialect].hash, original[dialect].hash) <= MATCH_DISTANCE_BITS);
}

export const pdqEditsBench: Bench = { name: 'pdq-edits', about: 'which alterations PDQ survives', run };
