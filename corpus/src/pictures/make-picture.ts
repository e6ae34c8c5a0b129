import { encodeBmp } from './bmp.ts';
import { encodeGif } from './gif.ts';
import { encodeJpeg } from './jpeg.ts';
import { encodePng } from './png.ts';
import { rasterise } from './raster.ts';
import { makeScene } from './scene.ts';

export type PictureKind = 'jpeg' | 'png' | 'bmp' | 'gif';

export interface PictureOptions {
  readonly kind: PictureKind;
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Noise from 0 to 1, which makes the file larger: JPEG up to about a byte a pixel. 0.2 when absent. */
  readonly grain?: number;
}

/** Makes a seeded picture of a landscape with a football pitch. The same options give the same bytes. */
export function makePicture(options: PictureOptions): Buffer {
  const { kind, seed, widthPx, heightPx } = options;
  const grain = options.grain ?? 0.2;
  const scene = makeScene(seed);
  if (kind === 'jpeg') return encodeJpeg(scene, widthPx, heightPx, seed, grain);
  const pixels = rasterise(scene, widthPx, heightPx, seed, grain);
  switch (kind) {
    case 'png':
      return encodePng(pixels, widthPx, heightPx);
    case 'bmp':
      return encodeBmp(pixels, widthPx, heightPx);
    case 'gif':
      return encodeGif(pixels, widthPx, heightPx);
  }
}
