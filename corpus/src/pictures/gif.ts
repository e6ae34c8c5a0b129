/**
 * GIF87a with a fixed palette of 6 × 6 × 6 colours: header, screen descriptor, palette, image
 * descriptor, LZW data in blocks of up to 255 bytes, trailer. The LZW codes stay 9 bits wide
 * because the table is cleared before it would grow.
 */
const CLEAR_CODE = 256;
const END_CODE = 257;
/** With 254 codes a table reaches entry 511, the last that 9 bits can name. */
const CODES_BEFORE_CLEAR = 250;

/** Encodes three-byte pixels. */
export function encodeGif(pixels: Buffer, widthPx: number, heightPx: number): Buffer {
  const palette = Buffer.alloc(256 * 3);
  for (let index = 0; index < 216; index++) palette.set([Math.floor(index / 36) * 51, (Math.floor(index / 6) % 6) * 51, (index % 6) * 51], index * 3);
  const size = [widthPx & 0xff, widthPx >> 8, heightPx & 0xff, heightPx >> 8];
  const data = pack9Bits(codesOf(pixels));
  const blocks: Buffer[] = [];
  for (let at = 0; at < data.length; at += 255) {
    const block = data.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  return Buffer.concat([
    Buffer.from('GIF87a', 'latin1'),
    Buffer.from([...size, 0xf7, 0, 0]),
    palette,
    Buffer.from([0x2c, 0, 0, 0, 0, ...size, 0, 8]),
    ...blocks,
    Buffer.from([0, 0x3b]),
  ]);
}

function codesOf(pixels: Buffer): number[] {
  const codes: number[] = [];
  const level = (value: number): number => Math.round(value / 51);
  for (let at = 0, count = 0; at < pixels.length; at += 3, count++) {
    if (count % CODES_BEFORE_CLEAR === 0) codes.push(CLEAR_CODE);
    codes.push(level(pixels[at]!) * 36 + level(pixels[at + 1]!) * 6 + level(pixels[at + 2]!));
  }
  codes.push(END_CODE);
  return codes;
}

function pack9Bits(codes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil((codes.length * 9) / 8));
  let held = 0;
  let heldBits = 0;
  let length = 0;
  for (const code of codes) {
    held |= code << heldBits;
    heldBits += 9;
    for (; heldBits >= 8; heldBits -= 8, held >>>= 8) bytes[length++] = held & 0xff;
  }
  if (heldBits > 0) bytes[length] = held;
  return bytes;
}
