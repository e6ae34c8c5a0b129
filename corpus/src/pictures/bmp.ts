/** Windows bitmap: file header of 14 bytes, BITMAPINFOHEADER of 40, rows from the bottom, blue-green-red, padded to 4 bytes. */
const HEADERS_BYTES = 54;

/** Encodes three-byte pixels. */
export function encodeBmp(pixels: Buffer, widthPx: number, heightPx: number): Buffer {
  const rowBytes = Math.ceil((widthPx * 3) / 4) * 4;
  const bytes = Buffer.alloc(HEADERS_BYTES + rowBytes * heightPx);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(HEADERS_BYTES, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(widthPx, 18);
  bytes.writeInt32LE(heightPx, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  bytes.writeUInt32LE(rowBytes * heightPx, 34);
  for (let y = 0; y < heightPx; y++) {
    let to = HEADERS_BYTES + (heightPx - 1 - y) * rowBytes;
    for (let from = y * widthPx * 3; from < (y + 1) * widthPx * 3; from += 3) {
      bytes[to++] = pixels[from + 2]!;
      bytes[to++] = pixels[from + 1]!;
      bytes[to++] = pixels[from]!;
    }
  }
  return bytes;
}
