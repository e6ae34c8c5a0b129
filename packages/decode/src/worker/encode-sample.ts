import { RefusedError } from '@kerbside/bytes';
import sharp, { type Sharp } from 'sharp';
import type { Handler } from './handler.ts';

const ENCODERS: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  jpeg: (picture) => picture.jpeg({ quality: 85 }),
  'progressive-jpeg': (picture) => picture.jpeg({ progressive: true, quality: 60 }),
  png: (picture) => picture.png({ compressionLevel: 6 }),
  webp: (picture) => picture.webp({ quality: 70 }),
  gif: (picture) => picture.gif({ effort: 1 }),
  tiff: (picture) => picture.tiff({ compression: 'lzw' }),
  avif: (picture) => picture.avif({ effort: 0, quality: 50 }),
};

/** Makes a test picture of given RGB pixels: tests and benches have no encoder of their own outside the sandbox. */
export const encodeSample: Handler = async (request, input) => {
  const { format, width, height } = request;
  const encode = typeof format === 'string' && Object.hasOwn(ENCODERS, format) ? ENCODERS[format] : undefined;
  if (encode === undefined || typeof width !== 'number' || typeof height !== 'number') throw new RefusedError('wrong-use', 'a sample needs a format that can be made, a width and a height');
  return { json: {}, bytes: await encode(sharp(input.bytes(), { raw: { width, height, channels: 3 } })).toBuffer() };
};
