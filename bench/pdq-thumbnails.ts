/**
 * Thumbnails of 160 pixels as a sign of their pictures: how many hash within 31 bits of the full
 * picture, and what a thumbnail costs against a full decode of 12 megapixels.
 *
 *     ./kerbside bench pdq-thumbnails
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIALECTS, hammingDistance, hashRaster, MATCH_DISTANCE_BITS, MIN_QUALITY } from '@kerbside/decode';
import sharp from 'sharp';
import { decodeRaster } from '../packages/decode/src/pdq/decode-raster.ts';
import { hashJpegThumbnail } from '../packages/decode/src/pdq/hash-thumbnail.ts';
import { measureScript } from './commands.ts';
import { pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { median } from './measure.ts';
import type { Told } from './pdq-one.ts';
import { generatedPhotographs, packagedPhotographs, percentText, pictureOf, spreadOf } from './pdq-pictures.ts';

const THUMBNAIL_PX = 160;
const LEAST_FOUND = 0.97;
const LEAST_RATIO = 50;

async function run(options: BenchOptions): Promise<Figure[]> {
  return [await foundFigure(options), await rateFigure(options)];
}

async function foundFigure(options: BenchOptions): Promise<Figure> {
  const paths = [...(await generatedPhotographs(options.quick ? 13 : 234)), ...packagedPhotographs(options.quick)];
  const bits = { nearest: [] as number[], plain: [] as number[], corrected: [] as number[], unknown: [] as number[] };
  for (const path of paths) {
    const jpeg = readFileSync(path);
    const { raster } = await decodeRaster(jpeg);
    const { dialects } = hashRaster(raster);
    if (dialects.full.quality < MIN_QUALITY || Math.min(raster.width, raster.height) < 2 * THUMBNAIL_PX) continue;
    const thumbnail = await sharp(jpeg, { ignoreIcc: true }).resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: 'inside' }).jpeg({ quality: 75 }).toBuffer();
    const { plain, corrected } = hashJpegThumbnail(thumbnail, raster)!;
    const unknown = hashJpegThumbnail(thumbnail, null)!.corrected;
    for (const dialect of DIALECTS) {
      const distances = [plain, corrected, unknown].map((one) => hammingDistance(one.dialects[dialect].hash, dialects[dialect].hash));
      bits.plain.push(distances[0]!);
      bits.corrected.push(distances[1]!);
      bits.unknown.push(Math.min(distances[0]!, distances[2]!));
      bits.nearest.push(Math.min(distances[0]!, distances[1]!));
    }
  }
  const found = (values: readonly number[]): string => `${percentText(1 - spreadOf(values).shareAbove(MATCH_DISTANCE_BITS))} (mean ${spreadOf(values).mean.toFixed(1)} bits)`;
  const share = 1 - spreadOf(bits.nearest).shareAbove(MATCH_DISTANCE_BITS);
  return {
    figure: `thumbnails of ${THUMBNAIL_PX} pixels within ${MATCH_DISTANCE_BITS} bits of their pictures, ${bits.plain.length / 2} pictures, both dialects`,
    ours: `both readings ${found(bits.nearest)}; corrected alone ${found(bits.corrected)}; size of the original unknown ${found(bits.unknown)}`,
    peer: `plain hashing ${found(bits.plain)}`,
    ratio: '',
    mustReach: `≥ ${percentText(LEAST_FOUND)}`,
    reached: share >= LEAST_FOUND,
  };
}

async function rateFigure(options: BenchOptions): Promise<Figure> {
  const folder = scratchFolder(200 << 20);
  try {
    const lists = { thumbnail: [] as string[], exact: [] as string[] };
    for (let seed = 0; seed < (options.quick ? 2 : 12); seed++) {
      const jpeg = await pictureOf(1000 + seed, 4000, 3000).jpeg({ quality: 85 }).toBuffer();
      const small = await sharp(jpeg).resize(THUMBNAIL_PX).jpeg({ quality: 75 }).toBuffer();
      for (const [side, bytes] of [['exact', jpeg], ['thumbnail', small]] as const) {
        const path = join(folder, `${seed}-${side}.jpg`);
        writeFileSync(path, bytes);
        lists[side].push(path);
      }
    }
    // Thumbnails are over in less than the clock's step: many times the same dozen.
    const written = { exact: join(folder, 'exact.txt'), thumbnail: join(folder, 'thumbnail.txt') };
    writeFileSync(written.exact, lists.exact.join('\n'));
    writeFileSync(written.thumbnail, Array.from({ length: options.quick ? 10 : 100 }, () => lists.thumbnail).flat().join('\n'));
    const told: { thumbnail: number[]; exact: number[] } = { thumbnail: [], exact: [] };
    for (let pair = 0; pair < pairsOf(options, 3); pair++) {
      const order = pair % 2 === 0 ? (['thumbnail', 'exact'] as const) : (['exact', 'thumbnail'] as const);
      for (const side of order) {
        const { cpuMs, files } = JSON.parse(measureScript('pdq-one.ts', [side, written[side]], { keepOutput: true }).output) as Told;
        told[side].push(cpuMs / files.length);
      }
    }
    const ratio = median(told.thumbnail.map((mine, i) => told.exact[i]! / mine));
    return {
      figure: `a thumbnail of ${THUMBNAIL_PX} × 120 decoded and hashed in both readings and dialects, against a full decode and hash of 12 megapixels`,
      ours: `${median(told.thumbnail).toFixed(2)} ms CPU`,
      peer: `${median(told.exact).toFixed(0)} ms CPU`,
      ratio: `${ratio.toFixed(0)} × CPU`,
      mustReach: `≥ ${LEAST_RATIO} × CPU`,
      reached: ratio >= LEAST_RATIO,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const pdqThumbnailsBench: Bench = { name: 'pdq-thumbnails', about: 'PDQ of thumbnails: how near, how fast', run };
