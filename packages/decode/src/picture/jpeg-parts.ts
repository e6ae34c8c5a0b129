/**
 * JPEG markers (ITU-T T.81) before the first scan: FF, a code, a length of two bytes that counts itself.
 *
 *     APP1 "Exif\0\0"  block of tags (EXIF)
 *     APP2 "MPF\0"     block of tags (CIPA DC-007), offsets count from its own byte order
 *     SOF0 to SOF15    precision u8, height u16, width u16; SOF3, 7, 11, 15 are lossless: sensor data in raw files
 */
export interface JpegParts {
  /** 0 where no frame header was found. */
  readonly width: number;
  readonly height: number;
  /** A picture that every decoder knows; lossless and arithmetic ones are sensor data or nearly extinct. */
  readonly ordinary: boolean;
  readonly exif: Uint8Array | null;
  /** Offset of the block of the multi-picture extension, -1 where there is none. */
  readonly mpfAt: number;
}

const NOTHING: JpegParts = { width: 0, height: 0, ordinary: false, exif: null, mpfAt: -1 };

/** Markers walked before the frame header; files with large profiles have some hundred. */
const MAX_MARKERS = 4096;

/** @param bytes begins with FF D8 */
export function readJpegParts(bytes: Uint8Array): JpegParts {
  let at = 2;
  let exif: Uint8Array | null = null;
  let mpfAt = -1;
  for (let marker = 0; marker < MAX_MARKERS && at + 4 <= bytes.length; marker++) {
    if (bytes[at] !== 0xff) break;
    const code = bytes[at + 1]!;
    if (code === 0xff) {
      at += 1;
      continue;
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (length < 2 || code === 0xda || code === 0xd9) break;
    const body = at + 4;
    if (code === 0xe1 && exif === null && startsWith(bytes, body, 'Exif\0')) exif = bytes.subarray(body + 6, at + 2 + length);
    if (code === 0xe2 && mpfAt < 0 && startsWith(bytes, body, 'MPF\0')) mpfAt = body + 4;
    if (code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc) {
      if (body + 5 > bytes.length) break;
      const height = (bytes[body + 1]! << 8) | bytes[body + 2]!;
      return { width: (bytes[body + 3]! << 8) | bytes[body + 4]!, height, ordinary: code <= 0xc2, exif, mpfAt };
    }
    at += 2 + length;
  }
  return { ...NOTHING, exif, mpfAt };
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
}
