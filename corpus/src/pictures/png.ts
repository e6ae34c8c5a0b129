/** PNG (W3C PNG specification): signature, IHDR, IDAT, IEND; each chunk length u32, type, data, CRC-32, big-endian. */
import { crc32, deflateSync } from 'node:zlib';

/** Packs the rows to a zlib stream. */
export type PackRows = (rows: Buffer) => Buffer;

/**
 * Encodes three-byte pixels.
 * @param pack zlib's fastest level when absent; its bytes differ between versions of zlib
 */
export function encodePng(pixels: Buffer, widthPx: number, heightPx: number, pack: PackRows = (rows) => deflateSync(rows, { level: 1 })): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rowBytes = widthPx * 3;
  // Each row starts with its filter type; 0 is none.
  const rows = Buffer.alloc((rowBytes + 1) * heightPx);
  for (let y = 0; y < heightPx; y++) pixels.copy(rows, y * (rowBytes + 1) + 1, y * rowBytes, (y + 1) * rowBytes);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', pack(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
