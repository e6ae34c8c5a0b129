import { MalformedError } from '@kerbside/bytes';
import sharp from 'sharp';
import type { Handler } from './handler.ts';

/** As everywhere in decode: an 0.8 MB file can hold 256 million pixels. */
const MAX_PIXELS = 150_000_000;

/**
 * Decodes a picture in full and answers with its size and the mean of each channel. The plainest real
 * use of a native decoder: the fuzzer and the bench of the sandbox stand on it.
 */
export const measure: Handler = async (_request, input) => {
  try {
    const { data, info } = await sharp(input.bytes(), { limitInputPixels: MAX_PIXELS, failOn: 'error' }).raw().toBuffer({ resolveWithObject: true });
    return { json: { width: info.width, height: info.height, means: channelMeans(data, info.channels) } };
  } catch (error) {
    throw new MalformedError('media-not-decodable', `the decoder gives up: ${error instanceof Error ? error.message : 'no reason given'}`, {}, error);
  }
};

function channelMeans(data: Uint8Array, channels: number): number[] {
  const sums = Array.from({ length: channels }, () => 0);
  for (let offset = 0; offset < data.length; offset += channels) {
    for (let channel = 0; channel < channels; channel += 1) sums[channel] = (sums[channel] ?? 0) + (data[offset + channel] ?? 0);
  }
  return sums.map((sum) => sum / (data.length / channels));
}
