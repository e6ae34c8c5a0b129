import { InternalError } from '@kerbside/bytes';
import type { Raster } from '../pdq/raster.ts';

/** Pixels between two frames, in a grey that tells them from each other in drawings (white) and in dark scenes. */
export const SHEET_GAP_PX = 4;
const GAP_BRIGHTNESS = 0x80;

/** Frames in a row: as many rows as columns, or one fewer. */
export function sheetColumns(frames: number): number {
  return Math.ceil(Math.sqrt(frames));
}

/**
 * Puts frames of one size side by side, left to right and then top to bottom.
 * @throws InternalError `raster-shape` when they are of several sizes, or none
 */
export function composeSheet(frames: readonly Raster[]): Raster {
  const [first] = frames;
  if (first === undefined || frames.some(({ width, height, channels }) => width !== first.width || height !== first.height || channels !== first.channels)) {
    throw new InternalError('raster-shape', `A sheet of ${frames.length} frames that are not all of one size.`);
  }
  const columns = sheetColumns(frames.length);
  const rows = Math.ceil(frames.length / columns);
  const { channels } = first;
  const width = columns * (first.width + SHEET_GAP_PX) - SHEET_GAP_PX;
  const height = rows * (first.height + SHEET_GAP_PX) - SHEET_GAP_PX;
  const data = new Uint8Array(width * height * channels).fill(GAP_BRIGHTNESS);
  const lineBytes = first.width * channels;
  for (const [index, frame] of frames.entries()) {
    const left = (index % columns) * (first.width + SHEET_GAP_PX);
    const top = Math.floor(index / columns) * (first.height + SHEET_GAP_PX);
    for (let y = 0; y < first.height; y++) data.set(frame.data.subarray(y * lineBytes, (y + 1) * lineBytes), ((top + y) * width + left) * channels);
  }
  return { width, height, channels, data };
}
