import { hash } from 'node:crypto';
import { encodeJpeg } from '../pictures/jpeg.ts';
import { encodePng } from '../pictures/png.ts';
import { rasterise } from '../pictures/raster.ts';
import type { Scene } from '../pictures/scene.ts';
import { storedZlib } from '../pictures/stored-zlib.ts';
import { makeControlScene } from './control-scene.ts';

/*
 * A picture that a control set knows by what it looks like (PDQ), altered copies of it for the control volume, and a
 * picture that looks much like it and is another. The known file itself stands nowhere on the volume.
 */

const KNOWN_SEED = 6000;
const OTHER_SEED = 7003;
/** Over 512 pixels, where the two dialects of PDQ part. */
const KNOWN_WIDTH_PX = 640;
const KNOWN_HEIGHT_PX = 480;
/** So much of the other scene makes about 46 of 256 bits another: near to the eye, and outside the 31 bits of a near-match. */
const OTHER_SHARE = 0.33;

/**
 * PDQ (`full`) of {@link nearKnown}, written down and not computed when the set is made: a hash program that errs must
 * not agree with itself. The gate of the controls computes it from the pixels and compares.
 */
export const NEAR_KNOWN_PDQ = '63a13c28f4e29cde9a1ec3d173257d65fce21c1a829ac3193f64e1e55ce60e1a';

/** Rows of hashes that nothing is near, so that a look-up has to tell rows apart. */
const STRANGERS = 500;

/** Pixels of the known picture, three bytes each. */
export function nearKnownPixels(): { readonly pixels: Buffer; readonly widthPx: number; readonly heightPx: number } {
  return { pixels: rasterise(makeControlScene(KNOWN_SEED), KNOWN_WIDTH_PX, KNOWN_HEIGHT_PX, KNOWN_SEED, 0), widthPx: KNOWN_WIDTH_PX, heightPx: KNOWN_HEIGHT_PX };
}

/** The known picture as a file. */
export function nearKnown(): Buffer {
  const { pixels, widthPx, heightPx } = nearKnownPixels();
  return encodePng(pixels, widthPx, heightPx, storedZlib);
}

/** The known picture made smaller, as a JPEG with losses of its own. */
export function smallerCopy(): Buffer {
  return encodeJpeg(makeControlScene(KNOWN_SEED), 400, 300, KNOWN_SEED + 1, 0.1);
}

/** The known picture mirrored left to right, small, with noise. */
export function mirroredCopy(): Buffer {
  return encodePng(rasterise(mirrored(makeControlScene(KNOWN_SEED)), 176, 132, KNOWN_SEED + 2, 0.05), 176, 132, storedZlib);
}

/** The known picture saved again as a JPEG at its own size. */
export function resavedCopy(): Buffer {
  return encodeJpeg(makeControlScene(KNOWN_SEED), KNOWN_WIDTH_PX, KNOWN_HEIGHT_PX, KNOWN_SEED + 3, 0.06);
}

/** The same ground with the same hills on another day: no copy of the known picture. */
export function nearLookAlike(): Buffer {
  return encodeJpeg(blended(makeControlScene(KNOWN_SEED), makeControlScene(OTHER_SEED)), 416, 312, OTHER_SEED, 0.1);
}

/** CSV of the set: the known picture with its SHA-1, length and PDQ, and strangers by their PDQ alone. */
export function* nearListLines(known: Buffer): Generator<string> {
  yield 'Name,Size,SHA1,PDQ\r\n';
  yield `"known.png",${known.length},${hash('sha1', known)},${NEAR_KNOWN_PDQ}\r\n`;
  for (let n = 0; n < STRANGERS; n++) yield `"stranger-${n}.jpg",,,${hash('sha256', `near stranger ${n}`)}\r\n`;
}

function mirrored(scene: Scene): Scene {
  return { colourAt: (x, y) => scene.colourAt(1 - x, y) };
}

function blended(one: Scene, other: Scene): Scene {
  const mix = (a: number, b: number): number => a + (b - a) * OTHER_SHARE;
  return {
    colourAt(x, y) {
      const from = one.colourAt(x, y);
      const to = other.colourAt(x, y);
      return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
    },
  };
}
