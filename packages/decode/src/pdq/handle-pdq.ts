import { KerbsideError, MalformedError, type JsonObject } from '@kerbside/bytes';
import { decodeBmp } from '../picture/decode-bmp.ts';
import { decodeHeic } from '../picture/decode-heic.ts';
import { recognisePicture } from '../picture/picture-format.ts';
import type { Handler } from '../worker/handler.ts';
import { decodeRaster, type DecodedRaster } from './decode-raster.ts';
import { hashJpegFast } from './hash-jpeg-fast.ts';
import { hashRaster } from './hash-raster.ts';
import { packHashes } from './pack-hashes.ts';
import type { PictureHashes } from './picture-hashes.ts';

interface Answer {
  readonly hashes: PictureHashes;
  readonly width: number;
  readonly height: number;
  readonly mode: 'exact' | 'fast';
  readonly damaged: boolean;
  readonly lowTrust: boolean;
}

/**
 * Request `pdq`: hashes one picture. `{ fast, orientations }` in, facts and packed hashes (pack-hashes.ts) out.
 * Fast is tried for JPEG only; what it does not take goes the exact way.
 *
 * @throws what the decoders and hashJpegFast throw, except `jpeg-undecodable`: sharp has the second word
 */
export const handlePdq: Handler = async (request, input) => {
  const bytes = input.bytes();
  const orientations = request['orientations'] === true;
  const fast = request['fast'] === true ? tryFast(bytes, orientations) : null;
  const { hashes, ...facts } = fast ?? (await hashExactly(bytes, orientations));
  return { json: facts satisfies JsonObject, bytes: packHashes(hashes) };
};

function tryFast(bytes: Uint8Array, orientations: boolean): Answer | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  try {
    const found = hashJpegFast(bytes, { orientations });
    return found === null ? null : { ...found, mode: 'fast', lowTrust: false };
  } catch (error) {
    if (error instanceof KerbsideError && error.code === 'jpeg-undecodable') return null;
    throw error;
  }
}

async function hashExactly(bytes: Uint8Array, orientations: boolean): Promise<Answer> {
  const { raster, damaged, lowTrust } = await decodeAny(bytes);
  return { hashes: hashRaster(raster, { orientations }), width: raster.width, height: raster.height, mode: 'exact', damaged, lowTrust };
}

/** libvips as it is packaged knows neither BMP nor HEIC; those have decoders of their own. */
async function decodeAny(bytes: Uint8Array): Promise<DecodedRaster> {
  const format = recognisePicture(bytes);
  if (format === 'bmp') return { ...decodeBmp(bytes), lowTrust: false };
  if (format !== 'heic') return decodeRaster(bytes);
  const { picture, deep } = decodeHeic(bytes, 'always');
  if (picture === null) throw new MalformedError('picture-undecodable', 'The picture cannot be decoded: it holds no main picture.');
  return { raster: picture, damaged: false, lowTrust: deep };
}
