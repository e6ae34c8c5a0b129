/**
 * Pictures for the PDQ benches: generated ones of many sizes, encoded here, and the photographs that
 * other makers' packages put on this machine. All are ours or published, so the benches decode them
 * without a sandbox: what is compared is decoding and hashing, which the sandbox does not touch
 * (its own cost has a bench of its own).
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePhotograph } from '@kerbside/corpus';
import sharp, { type Sharp } from 'sharp';
import { cachedFolder } from './image-cache.ts';
import { listMachineFiles } from './machine-files.ts';

/** Width and height in pixels, from a small web picture to a phone's; upright ones too. */
const SIZES = [
  [400, 300], [640, 480], [800, 600], [1024, 683], [720, 1280], [1280, 960], [1600, 1067],
  [1536, 2048], [1920, 1080], [2400, 1600], [3000, 2000], [3024, 4032], [4000, 3000],
] as const;

/** The picture of a seed, to be encoded. */
export function pictureOf(seed: number, widthPx: number, heightPx: number): Sharp {
  return sharp(makePhotograph(seed, widthPx, heightPx).pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } });
}

/** Made once: JPEG of all sizes, quality 70 to 95, one in ten progressive. @returns their paths */
export async function generatedPhotographs(count: number): Promise<string[]> {
  const folder = await cachedFolder({ name: 'pdq-photographs', count, edition: 1 }, count * 2_000_000, async (into) => {
    for (let seed = 0; seed < count; seed++) {
      const [width, height] = SIZES[seed % SIZES.length]!;
      const jpeg = await pictureOf(seed, width, height).jpeg({ quality: 70 + ((seed * 7) % 26), progressive: seed % 10 === 9 }).toBuffer();
      writeFileSync(join(into, `${String(seed).padStart(4, '0')}-${width}x${height}.jpg`), jpeg);
    }
  });
  return listJpeg(folder);
}

/** JPEG files of 8 kB and more that packages on this machine hold, and the shared test photographs. @returns their paths */
export function packagedPhotographs(quick: boolean): string[] {
  const shared = join(import.meta.dirname, '..', '..', 'shared', 'testdata', 'pdq');
  const found = listMachineFiles(quick).filter(({ path, sizeBytes }) => /\.jpe?g$/i.test(path) && sizeBytes >= 8192);
  return [...(existsSync(shared) ? listJpeg(shared) : []), ...found.map(({ path }) => path)];
}

function listJpeg(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.jpg')).sort().map((name) => join(folder, name));
}

/** Mean, 95th percentile, share above a bound, largest. */
export interface Spread {
  readonly mean: number;
  readonly p95: number;
  readonly most: number;
  readonly shareAbove: (bound: number) => number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    shareAbove: (bound) => sorted.filter((value) => value > bound).length / sorted.length,
  };
}

export function percentText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
