import { CAMERA_RAW_KINDS, makeCameraRaw } from '../exif/make-camera-raw.ts';
import type { MalformedCase, MalformedOutcome, MalformedSeeds, SeedName } from './malformed-case.ts';

/** A stretch of a file: cutting it anywhere within gives this outcome. */
interface Stretch {
  readonly from: number;
  /** Not itself a place of the stretch. */
  readonly to: number;
  readonly expected: MalformedOutcome;
}

const CUTS_PER_STRETCH = 30;

/** The same file ended early, at many places of each part of it. */
export function cutCases(seeds: MalformedSeeds): MalformedCase[] {
  const cases: MalformedCase[] = [];
  for (const [name, bytes] of Object.entries(seeds) as [SeedName, Buffer][]) {
    for (const stretch of stretchesOf(name, bytes)) cases.push(...cutsWithin(name, bytes, stretch));
  }
  for (const kind of CAMERA_RAW_KINDS) {
    const bytes = makeCameraRaw({ kind, preview: seeds.jpeg, widthPx: 600, heightPx: 400 });
    // Behind the preview stands the sensor's data, which is not read: a file cut there is not told from a whole one.
    const preview = bytes.indexOf(seeds.jpeg.subarray(0, 64));
    const tagsLast = kind === 'cr2' || kind === 'nef' || kind === 'arw' || kind === 'dng';
    if (tagsLast) cases.push(...cutsWithin(kind, bytes, { from: 16, to: preview, expected: kind === 'cr2' ? 'picture-no-preview' : 'picture-undecodable' }));
    else cases.push(...cutsWithin(kind, bytes, { from: 24, to: preview, expected: 'picture-no-preview' }));
  }
  return cases;
}

function cutsWithin(name: string, bytes: Buffer, { from, to, expected }: Stretch): MalformedCase[] {
  const step = Math.max(1, Math.floor((to - from) / CUTS_PER_STRETCH));
  const cases: MalformedCase[] = [];
  for (let at = from; at < to; at += step) cases.push({ name: `${name} cut to ${at} of ${bytes.length} bytes`, bytes: bytes.subarray(0, at), expected });
  return cases;
}

function stretchesOf(name: SeedName, bytes: Buffer): Stretch[] {
  const unknown = (to: number): Stretch => ({ from: 0, to, expected: 'picture-unknown' });
  const header = (from: number, to: number): Stretch => ({ from, to, expected: 'picture-undecodable' });
  const pixels = (from: number, to: number): Stretch => ({ from, to, expected: 'damaged' });
  switch (name) {
    case 'jpeg': {
      const scan = bytes.indexOf(Buffer.from('ffda', 'hex'));
      return [unknown(3), header(4, scan), pixels(scan + 80, bytes.length - 8)];
    }
    case 'png': {
      const data = bytes.indexOf('IDAT');
      return [unknown(8), header(8, data - 4), pixels(data + 2048, bytes.length - 32)];
    }
    case 'gif':
      return [unknown(6), header(6, 700), pixels(1200, bytes.length - 64)];
    case 'bmp':
      return [unknown(18), header(18, 54), pixels(4096, bytes.length)];
    // Both decoders want the whole stream.
    case 'webp':
    case 'webp-lossless':
      return [unknown(12), header(12, bytes.length - 8)];
    case 'avif':
      return [unknown(8), header(12, bytes.length - 16)];
    // Its directory stands at the end.
    case 'tiff':
    case 'tiff-lzw':
      return [unknown(4), header(4, bytes.readUInt32LE(4))];
  }
}
