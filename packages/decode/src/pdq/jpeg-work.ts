/**
 * JPEG markers (ITU-T T.81): FF and a code; all but SOI, EOI, RST and TEM carry a length, high byte
 * first, that counts itself. From the marker's first byte on:
 *
 *     SOFn  FF C0…CF  length u16  depth u8  height u16  width u16  components u8
 *     SOS   FF DA     length u16  components u8
 *
 * A frame whose first scan holds all its components, and that is not progressive (SOF2, SOF6, SOF10), has
 * one scan. In all others each scan visits the whole picture, whose coefficients are held in memory.
 */
import { LimitError } from '@kerbside/bytes';

/** Encoders write about ten scans; libjpeg-turbo's own tests against endless ones stop at 500. */
export const MAX_JPEG_SCANS = 100;

/** Scans × pixels: fifteen scans of a 200-megapixel picture, about half a minute of work. */
export const MAX_JPEG_SCAN_PIXELS = 3_000_000_000;

/** Coefficients of a progressive picture are all held in memory, two bytes each: 160 megapixels in colour at half size. */
export const MAX_JPEG_COEFFICIENT_BYTES = 512 * 1024 * 1024;

/** SOF0 to SOF15 without DHT, JPG and DAC, which share the range. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
const SOS = 0xda;
const EOI = 0xd9;

/**
 * Refuses what a small file could ask of the decoder without end: a decoder written in WebAssembly cannot
 * be stopped from inside, and costs its process when the time limit strikes.
 *
 * @param pixels width × height as the decoder read them
 * @throws LimitError `jpeg-work`
 */
export function checkJpegWork(jpeg: Uint8Array, pixels: number): void {
  let at = 2;
  let scans = 0;
  let components = 0;
  let progressive = false;
  while (at + 4 <= jpeg.length) {
    if (jpeg[at] !== 0xff) {
      at = jpeg.indexOf(0xff, at);
      if (at < 0) return;
      continue;
    }
    const code = jpeg[at + 1]!;
    if (code === EOI) return;
    if (code === 0xff) {
      at += 1;
    } else if (code === 0 || code === 1 || (code >= 0xd0 && code <= 0xd8)) {
      at += 2;
    } else {
      if (FRAMES.has(code)) {
        progressive = code === 0xc2 || code === 0xc6 || code === 0xca;
        components = jpeg[at + 9] ?? 0;
      }
      if (code === SOS) {
        // A picture in one scan is bounded by its own length, and need not be read through here.
        if (!progressive && jpeg[at + 4] === components) return;
        scans += 1;
        if (scans > MAX_JPEG_SCANS || scans * pixels > MAX_JPEG_SCAN_PIXELS || pixels * 3 > MAX_JPEG_COEFFICIENT_BYTES) {
          throw new LimitError('jpeg-work', `The JPEG asks for ${scans} or more passes over ${pixels} pixels, more than is granted.`);
        }
      }
      at += 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
    }
  }
}
