import sharp from 'sharp';
import type { JsonObject } from '@kerbside/bytes';
import type { Handler } from '../worker/handler.ts';
import { applyMode, STILL_MODES, type StillMode } from './apply-mode.ts';
import type { Raster } from '../pdq/raster.ts';
import { readSmallRaster } from './read-small-raster.ts';
import { DEFAULT_STILL_PX, MAX_STILL_PX } from './still-limits.ts';

/** JPEG quality of a still: forms are plain, and a still has a few kilobytes. */
const JPEG_QUALITY = 80;

/** Request `still`: `{ mode, longerSidePx }` with the picture's bytes; answers with a small JPEG (drawings: PNG) and its size. In the sandbox. */
export const still: Handler = async (request, input) => {
  const mode = STILL_MODES.find((one) => one === request['mode']) ?? 'drawing';
  const asked = request['longerSidePx'];
  const longerSidePx = typeof asked === 'number' ? Math.min(MAX_STILL_PX, asked) : DEFAULT_STILL_PX;
  const shown = applyMode(await readSmallRaster(input.bytes(), { widthPx: longerSidePx, heightPx: longerSidePx, fit: 'inside' }), mode);
  return { json: describe(shown, mode), bytes: await encodeStill(shown, mode) };
};

function describe({ width, height }: Raster, mode: StillMode): JsonObject {
  return { widthPx: width, heightPx: height, mode, format: formatOf(mode) };
}

function formatOf(mode: StillMode): 'png' | 'jpeg' {
  return mode === 'drawing' ? 'png' : 'jpeg';
}

/** A still as the bytes that leave the sandbox: lines pack best as PNG, all else as JPEG. */
export async function encodeStill({ width, height, channels, data }: Raster, mode: StillMode): Promise<Uint8Array> {
  const image = sharp(data, { raw: { width, height, channels } });
  if (channels === 1) image.toColourspace('b-w');
  return formatOf(mode) === 'png' ? image.png({ compressionLevel: 9 }).toBuffer() : image.jpeg({ quality: JPEG_QUALITY }).toBuffer();
}
