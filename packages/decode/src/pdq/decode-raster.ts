import { LimitError, MalformedError } from '@kerbside/bytes';
import sharp from 'sharp';
import { MAX_RASTER_PIXELS, type Raster } from './raster.ts';

/** A decoded picture, ready to be hashed. */
export interface DecodedRaster {
  readonly raster: Raster;
  /** Depth over 8 bits, where decoders disagree: a hash that few others will compute alike. */
  readonly lowTrust: boolean;
  /** The file ends early or is damaged, and a part of the raster is made up. */
  readonly damaged: boolean;
}

/**
 * Decodes the first picture of a file as PDQ wants it: pixels as they are stored, coded values without
 * colour profile, alpha dropped, palettes and CMYK as RGB, grey as grey, the high byte of 16 bits.
 * Runs native decoders: only ever called inside the sandbox.
 *
 * @throws MalformedError `picture-undecodable`, with the decoder's words as cause; LimitError `picture-pixels`
 */
export async function decodeRaster(bytes: Uint8Array): Promise<DecodedRaster> {
  try {
    return await decodeWithSharp(bytes, 'error').catch(async (cause: unknown) => {
      if (cause instanceof LimitError) throw cause;
      // What is left of a damaged picture may still be known: the second try takes what comes.
      return { ...(await decodeWithSharp(bytes, 'none')), damaged: true };
    });
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new MalformedError('picture-undecodable', `The picture cannot be decoded: ${decoderWords(cause)}.`, {}, cause);
  }
}

async function decodeWithSharp(bytes: Uint8Array, failOn: 'error' | 'none'): Promise<DecodedRaster> {
  // One picture at a time and no memory kept from one to the next: the pool has a worker for each core.
  sharp.concurrency(1);
  sharp.cache(false);
  const picture = sharp(bytes, { ignoreIcc: true, autoOrient: false, failOn, limitInputPixels: false, sequentialRead: true, pages: 1 });
  const { width, height, channels, depth, space } = await picture.metadata();
  if (width * height > MAX_RASTER_PIXELS) {
    throw new LimitError('picture-pixels', `The picture has ${width} × ${height} pixels, more than are decoded.`);
  }
  const grey = channels <= 2 && space !== 'srgb';
  const deep = depth !== 'uchar';
  // removeAlpha cuts the channel off; nothing is blended with a background.
  const plain = picture.removeAlpha().toColourspace(grey ? (deep ? 'grey16' : 'b-w') : deep ? 'rgb16' : 'srgb');
  const { data, info } = await plain.raw({ depth: deep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true });
  const found = info.channels;
  if (found !== 1 && found !== 3) throw new MalformedError('picture-undecodable', `The picture cannot be decoded: ${found} channels came out.`);
  return { raster: { width: info.width, height: info.height, channels: found, data: deep ? highBytes(data) : data }, lowTrust: deep, damaged: false };
}

/** The high byte of each 16-bit value, which sharp gives in the machine's order: low byte first. */
function highBytes(data: Uint8Array): Uint8Array {
  const high = new Uint8Array(data.length >> 1);
  for (let i = 0; i < high.length; i++) high[i] = data[2 * i + 1]!;
  return high;
}

/** Longest part of a decoder's own words that is passed on. */
const MAX_WORDS = 160;

function decoderWords(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim().slice(0, MAX_WORDS).replace(/\.$/, '');
}
