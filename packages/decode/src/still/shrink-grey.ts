import type { Raster } from '../pdq/raster.ts';

/** A smaller copy of a grey raster by the mean of the area under each new pixel; the same size gives the same raster. */
export function shrinkGrey(grey: Raster, width: number, height: number): Raster {
  if (width === grey.width && height === grey.height) return grey;
  const across = shrinkLines(grey.data, grey.width, width, grey.height, 1, grey.width);
  const data = shrinkLines(across, grey.height, height, width, width, 1);
  return { width, height, channels: 1, data: Uint8Array.from(data, Math.round) };
}

/** Shrinks `count` lines of `from` values to `to`; the result has its lines in the same direction. */
function shrinkLines(values: ArrayLike<number>, from: number, to: number, count: number, step: number, lineStep: number): Float32Array {
  const isAcross = step === 1;
  const shrunk = new Float32Array(to * count);
  const ratio = from / to;
  for (let at = 0; at < to; at++) {
    const start = at * ratio;
    const end = Math.min(from, start + ratio);
    for (let line = 0; line < count; line++) {
      let sum = 0;
      for (let pixel = Math.floor(start); pixel < end; pixel++) sum += values[line * lineStep + pixel * step]! * (Math.min(end, pixel + 1) - Math.max(start, pixel));
      shrunk[isAcross ? line * to + at : at * count + line] = sum / (end - start);
    }
  }
  return shrunk;
}
