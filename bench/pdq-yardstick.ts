/**
 * PDQ as it was published, transcribed step by step with no thought of speed: a float plane of the whole
 * picture, four passes of a box filter with a running sum, every 64th place, a transform by its formula.
 * The yardstick that `packages/decode/src/pdq` is held against; it shares no code with it.
 *
 * Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook, 2019),
 * and the order of passes of its public implementation. In doubles throughout.
 */

/** 256 bits as 64 hex digits, and the quality, 0 to 100. */
export interface YardstickHash {
  readonly hex: string;
  readonly quality: number;
}

/** @param pixels width × height × channels bytes, channels 1 or 3 */
export function yardstickHash(pixels: Uint8Array, width: number, height: number, channels: 1 | 3, dialect: '512nn' | 'full'): YardstickHash {
  if (Math.min(width, height) < 5) return { hex: '0'.repeat(64), quality: 0 };
  let plane = luma(pixels, width * height, channels);
  let [columns, rows] = [width, height];
  if (dialect === '512nn' && (width > 512 || height > 512)) {
    plane = nearest512(plane, width, height);
    [columns, rows] = [512, 512];
  }
  const across = Math.floor((columns + 127) / 128);
  const down = Math.floor((rows + 127) / 128);
  for (let pass = 0; pass < 2; pass++) {
    const filtered = new Float64Array(plane.length);
    for (let y = 0; y < rows; y++) boxFilter(plane, filtered, y * columns, 1, columns, across);
    for (let x = 0; x < columns; x++) boxFilter(filtered, plane, x, columns, rows, down);
  }
  const grid = Array.from({ length: 64 }, (_, i) => {
    const y = Math.floor(((i + 0.5) * rows) / 64);
    return Array.from({ length: 64 }, (_column, j) => plane[y * columns + Math.floor(((j + 0.5) * columns) / 64)]!);
  });
  return { hex: bitsToHex(transform(grid)), quality: quality(grid) };
}

function luma(pixels: Uint8Array, count: number, channels: 1 | 3): Float64Array {
  const plane = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    plane[i] = channels === 1 ? pixels[i]! : 0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]!;
  }
  return plane;
}

function nearest512(plane: Float64Array, width: number, height: number): Float64Array {
  const resized = new Float64Array(512 * 512);
  for (let y = 0; y < 512; y++) {
    for (let x = 0; x < 512; x++) resized[y * 512 + x] = plane[Math.floor((y * height) / 512) * width + Math.floor((x * width) / 512)]!;
  }
  return resized;
}

/** Mean over a window that reaches one further ahead than back when its size is even, cut off at both ends. */
function boxFilter(from: Float64Array, to: Float64Array, start: number, stride: number, length: number, windowSize: number): void {
  const ahead = Math.floor(windowSize / 2);
  const back = windowSize - ahead - 1;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < Math.min(ahead, length); i++) {
    sum += from[start + i * stride]!;
    count++;
  }
  for (let i = 0; i < length; i++) {
    if (i + ahead < length) {
      sum += from[start + (i + ahead) * stride]!;
      count++;
    }
    if (i - back - 1 >= 0) {
      sum -= from[start + (i - back - 1) * stride]!;
      count--;
    }
    to[start + i * stride] = sum / count;
  }
}

function quality(grid: readonly (readonly number[])[]): number {
  let sum = 0;
  for (let i = 0; i < 64; i++) {
    for (let j = 0; j < 64; j++) {
      if (i < 63) sum += Math.abs(Math.trunc(((grid[i]![j]! - grid[i + 1]![j]!) * 100) / 255));
      if (j < 63) sum += Math.abs(Math.trunc(((grid[i]![j]! - grid[i]![j + 1]!) * 100) / 255));
    }
  }
  return Math.min(100, Math.floor(sum / 90));
}

const MATRIX = Array.from({ length: 16 }, (_, i) => Array.from({ length: 64 }, (_column, j) => Math.sqrt(2 / 64) * Math.cos((Math.PI / 128) * (i + 1) * (2 * j + 1))));

function transform(grid: readonly (readonly number[])[]): number[] {
  const product = MATRIX.map((row) => grid[0]!.map((_, j) => row.reduce((sum, factor, k) => sum + factor * grid[k]![j]!, 0)));
  return product.flatMap((row) => MATRIX.map((other) => other.reduce((sum, factor, k) => sum + factor * row[k]!, 0)));
}

function bitsToHex(values: readonly number[]): string {
  const median = [...values].sort((a, b) => a - b)[127]!;
  let bits = 0n;
  values.forEach((value, k) => {
    if (value > median) bits |= 1n << BigInt(k);
  });
  return bits.toString(16).padStart(64, '0');
}
