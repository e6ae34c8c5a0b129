/**
 * Footer of a VHD, last 512 bytes, big-endian (Microsoft Virtual Hard Disk Image Format Specification):
 *
 * | offset | size | field                          |
 * | -----: | ---: | ------------------------------ |
 * |      0 |    8 | `conectix`                     |
 * |     48 |    8 | current size                   |
 * |     60 |    4 | disk type: 2 = fixed           |
 * |     64 |    4 | ones' complement of the sum of all bytes but this field |
 */
const FIXED = 2;

/**
 * Size of the disk in a fixed VHD, whose bytes stand plainly before the footer.
 * Null when the file is no fixed VHD or the footer does not check out.
 */
export function fixedVhdSizeBytes(tail: Buffer, fileSizeBytes: number): number | null {
  if (tail.length !== 512 || tail.toString('latin1', 0, 8) !== 'conectix' || tail.readUInt32BE(60) !== FIXED) return null;
  let sum = 0;
  for (let at = 0; at < 512; at++) if (at < 64 || at >= 68) sum += tail[at]!;
  if ((~sum >>> 0) !== tail.readUInt32BE(64)) return null;
  const sizeBytes = Number(tail.readBigUInt64BE(48));
  // Some writers round the size up past the bytes they store.
  return sizeBytes > 0 ? Math.min(sizeBytes, fileSizeBytes - 512) : null;
}
