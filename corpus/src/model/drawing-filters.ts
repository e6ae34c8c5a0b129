/** Side of the model's input. */
export const MODEL_SIDE_PX = 64;

const SIDE = 3;
const LUMA = [0.299, 0.587, 0.114] as const;

/** Filters over brightness, 3 × 3. Each comes twice, once with its sign turned, so that the rectified pair holds its strength. */
const PATTERNS: readonly (readonly number[])[] = [
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  [0, -1, 0, -1, 4, -1, 0, -1, 0],
];

/** Differences of colours at the middle pixel: red less blue, green less red. */
const COLOURS: readonly (readonly number[])[] = [
  [1, 0, -1],
  [-1, 1, 0],
];

/** Weights of the convolution: for each filter three channels of 3 × 3. */
export const FILTERS: readonly (readonly number[])[] = [
  ...[...PATTERNS, [0, 0, 0, 0, 1, 0, 0, 0, 0]].map((pattern) => LUMA.flatMap((share) => pattern.map((value) => value * share))),
  ...PATTERNS.map((pattern) => LUMA.flatMap((share) => pattern.map((value) => -value * share))),
  ...COLOURS.flatMap((colour) => [1, -1].map((sign) => colour.flatMap((share) => [0, 0, 0, 0, sign * share, 0, 0, 0, 0]))),
];

/**
 * What the model's convolution, rectifier and mean come to, for training.
 * @param planes three planes (red, green, blue) of {@link MODEL_SIDE_PX} squared, 0 to 1
 */
export function filterMeans(planes: Float32Array): Float64Array {
  const inner = MODEL_SIDE_PX - SIDE + 1;
  return Float64Array.from(FILTERS, (filter) => {
    let sum = 0;
    for (let y = 0; y < inner; y++) for (let x = 0; x < inner; x++) sum += Math.max(0, responseAt(planes, filter, x, y));
    return sum / (inner * inner);
  });
}

function responseAt(planes: Float32Array, filter: readonly number[], x: number, y: number): number {
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    const plane = channel * MODEL_SIDE_PX * MODEL_SIDE_PX;
    const weights = channel * SIDE * SIDE;
    for (let row = 0; row < SIDE; row++) {
      const at = plane + (y + row) * MODEL_SIDE_PX + x;
      for (let column = 0; column < SIDE; column++) sum += filter[weights + row * SIDE + column]! * planes[at + column]!;
    }
  }
  return sum;
}
