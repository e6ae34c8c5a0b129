/**
 * Run lengths of Windows bitmaps, in pairs of bytes: count, value (two values of 4 bits in RLE4, in turn). A count of 0
 * means: 0 end of the row, 1 end of the picture, 2 skip by the next two bytes, n ≥ 3 that many pixels as they are,
 * padded to an even number of bytes.
 */
export function expandRunLengths(stored: Uint8Array, width: number, height: number, bits: 4 | 8): { indices: Uint8Array; whole: boolean } {
  const indices = new Uint8Array(width * height);
  let [x, y, at] = [0, 0, 0];
  const put = (value: number): void => {
    if (x < width && y < height) indices[y * width + x] = value;
    x += 1;
  };
  while (at + 2 <= stored.length && y < height) {
    const [count, value] = [stored[at]!, stored[at + 1]!];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15);
    } else if (value === 0) {
      [x, y] = [0, y + 1];
    } else if (value === 1) {
      return { indices, whole: true };
    } else if (value === 2) {
      x += stored[at] ?? 0;
      y += stored[at + 1] ?? 0;
      at += 2;
    } else {
      const length = Math.ceil((value * bits) / 8);
      if (at + length > stored.length) return { indices, whole: false };
      for (let i = 0; i < value; i++) put(bits === 8 ? stored[at + i]! : i % 2 === 0 ? stored[at + (i >> 1)]! >> 4 : stored[at + (i >> 1)]! & 15);
      at += length + (length % 2);
    }
  }
  return { indices, whole: y >= height };
}
