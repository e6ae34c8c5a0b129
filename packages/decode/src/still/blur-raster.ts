import type { Raster } from '../pdq/raster.ts';

/** Blurs with a Gaussian of the given standard deviation in pixels; at the edge the last pixel goes on. */
export function blurRaster(raster: Raster, sigmaPx: number): Raster {
  const kernel = gaussian(sigmaPx);
  const across = blurLines(raster, kernel, 'across');
  return blurLines(across, kernel, 'down');
}

/** Weights of a Gaussian out to three deviations, summing to 1. */
function gaussian(sigmaPx: number): Float32Array {
  const reach = Math.max(1, Math.ceil(sigmaPx * 3));
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigmaPx ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function blurLines(raster: Raster, kernel: Float32Array, direction: 'across' | 'down'): Raster {
  const { width, height, channels, data } = raster;
  const [length, lines] = direction === 'across' ? [width, height] : [height, width];
  const [step, lineStep] = direction === 'across' ? [channels, width * channels] : [width * channels, channels];
  const reach = kernel.length >> 1;
  const blurred = new Uint8Array(data.length);
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < length; at++) {
      for (let channel = 0; channel < channels; channel++) {
        const start = line * lineStep + channel;
        let sum = 0;
        for (let tap = -reach; tap <= reach; tap++) sum += kernel[tap + reach]! * data[start + Math.min(length - 1, Math.max(0, at + tap)) * step]!;
        blurred[start + at * step] = Math.round(sum);
      }
    }
  }
  return { ...raster, data: blurred };
}
