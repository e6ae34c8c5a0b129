import { makeRandom, type Random } from '../random.ts';
import { paintSpan, type Canvas } from './canvas.ts';
import { makeFractalField } from './fractal-field.ts';
import { paintLettering } from './paint-lettering.ts';
import { makeSurface, paintShapes } from './paint-shapes.ts';

/** A raster of three bytes a pixel: red, green, blue, row by row from the top. */
export interface Photograph {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8Array;
}

/**
 * Makes a seeded picture with the statistics of a photograph: light that falls off, texture with equal
 * contrast in every octave, things that hide one another, lettering, grain of the sensor. It shows
 * nothing. Decoders, perceptual hashes and scalers meet in it what they meet in photographs; the
 * flat landscapes of `makePicture` are cheaper and have little between their edges.
 *
 * About 100 ns a pixel. The same arguments give the same bytes on every machine.
 */
export function makePhotograph(seed: number, widthPx: number, heightPx: number): Photograph {
  const random = makeRandom(seed ^ 0x70c7);
  const texture = makeFractalField(random, widthPx, heightPx, 0.7 + 0.25 * random.fraction());
  const canvas: Canvas = { widthPx, heightPx, pixels: new Uint8ClampedArray(widthPx * heightPx * 3), texture };
  paintGround(canvas, random);
  const kind = random.fraction();
  if (kind < 0.4) paintShapes(canvas, random, 40 + random.below(160), 0.03, 0.6);
  else if (kind < 0.7) paintShapes(canvas, random, 4 + random.below(12), 0.1, 0.5);
  else if (kind < 0.9) paintShapes(canvas, random, 20 + random.below(40), 0.01, 0.2);
  if (random.chance(0.4)) paintLettering(canvas, random, 1 + random.below(5));
  softenAsLens(canvas);
  addGrain(canvas.pixels, random);
  return { widthPx, heightPx, pixels: new Uint8Array(canvas.pixels.buffer) };
}

/** Sky above, ground below, parted by an uneven line; clouds and soil are the texture. */
function paintGround(canvas: Canvas, random: Random): void {
  const sky = { ...makeSurface(canvas, random), roughness: 0.05 + 0.15 * random.fraction(), slopeY: 1 - 2 * random.fraction(), textureAt: 0 };
  const soil = { ...makeSurface(canvas, random), roughness: 0.1 + 0.25 * random.fraction(), textureAt: 0 };
  for (let y = 0; y < canvas.heightPx; y++) paintSpan(canvas, y, 0, canvas.widthPx, sky);
  const horizon = random.fraction();
  const height = 0.15 * random.fraction();
  const row = Math.floor(random.fraction() * canvas.heightPx) * canvas.widthPx;
  for (let y = 0; y < canvas.heightPx; y++) {
    // Runs of columns whose own line lies above this row.
    let start = -1;
    for (let x = 0; x <= canvas.widthPx; x++) {
      const below = x < canvas.widthPx && y / canvas.heightPx > horizon + height * canvas.texture[row + x]!;
      if (below && start < 0) start = x;
      if (!below && start >= 0) {
        paintSpan(canvas, y, start, x, soil);
        start = -1;
      }
    }
  }
}

/**
 * Spreads every point over 2 × 2 pixels, as lenses and the colour filters of sensors do: no camera's
 * picture has full contrast between one pixel and the next.
 */
function softenAsLens({ widthPx, heightPx, pixels }: Canvas): void {
  const stride = widthPx * 3;
  for (let y = 0; y < heightPx; y++) {
    const below = y + 1 < heightPx ? stride : 0;
    for (let x = 0; x < widthPx; x++) {
      const beside = x + 1 < widthPx ? 3 : 0;
      const at = y * stride + x * 3;
      for (let i = at; i < at + 3; i++) pixels[i] = (pixels[i]! + pixels[i + beside]! + pixels[i + below]! + pixels[i + below + beside]! + 2) >> 2;
    }
  }
}

/** Noise of the sensor: a few steps on every byte, coarser at high sensitivity. */
function addGrain(pixels: Uint8ClampedArray, random: Random): void {
  const reach = 2 + random.below(24);
  const noise = new Uint8Array(65_521);
  random.fill(noise);
  let n = 0;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = pixels[i]! + ((noise[n]! * reach) >> 8) - (reach >> 1);
    n = n + 1 === noise.length ? 0 : n + 1;
  }
}
