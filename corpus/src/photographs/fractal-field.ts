import type { Random } from '../random.ts';

/** Cells of the coarsest layer along the longer side. */
const COARSEST_CELLS = 3;

/**
 * Cloud-like noise whose layers, each twice as fine as the one before, weigh `fineness` times as much.
 * Photographs of nature carry about the same contrast in each octave (Field 1987), which is near 0.8 to 1.
 *
 * @param fineness weight of a layer against the one twice as coarse, above 0 and up to 1
 * @returns width × height values of mean about 0 and deviation about 1
 */
export function makeFractalField(random: Random, widthPx: number, heightPx: number, fineness: number): Float32Array {
  let layers = 1;
  while (COARSEST_CELLS << layers < Math.max(widthPx, heightPx)) layers += 1;
  let [width, height] = layerSize(widthPx, heightPx, layers - 1);
  let field = new Float32Array(width * height);
  let weight = 1;
  let power = 0;
  addNoise(field, weight, random);
  for (let layer = layers - 2; layer >= 0; layer--) {
    const [wider, higher] = layerSize(widthPx, heightPx, layer);
    field = enlarge(field, width, height, wider, higher);
    [width, height] = [wider, higher];
    power += weight * weight;
    weight *= fineness;
    addNoise(field, weight, random);
  }
  // Bilinear enlargement keeps roughly half of the power of each coarser layer.
  const scale = 1 / Math.sqrt(weight * weight + power / 2);
  for (let i = 0; i < field.length; i++) field[i]! *= scale;
  return field;
}

function layerSize(widthPx: number, heightPx: number, layer: number): [width: number, height: number] {
  return [Math.ceil(widthPx / 2 ** layer), Math.ceil(heightPx / 2 ** layer)];
}

/** Adds noise of deviation `weight`: the sum of two even spreads, close enough to a bell. */
function addNoise(field: Float32Array, weight: number, random: Random): void {
  const bytes = new Uint8Array(field.length * 2);
  random.fill(bytes);
  const scale = weight / 104;
  for (let i = 0; i < field.length; i++) field[i]! += (bytes[2 * i]! + bytes[2 * i + 1]! - 255) * scale;
}

/** Doubles a field, bilinear, sample k standing for the samples 2k and 2k + 1. */
function enlarge(field: Float32Array, width: number, height: number, wider: number, higher: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(wider * height);
  for (let y = 0; y < height; y++) {
    const from = y * width;
    for (let x = 0; x < wider; x++) {
      const near = x >> 1;
      const far = Math.min(width - 1, Math.max(0, near + ((x & 1) === 0 ? -1 : 1)));
      rows[y * wider + x] = 0.75 * field[from + near]! + 0.25 * field[from + far]!;
    }
  }
  const grown = new Float32Array(wider * higher);
  for (let y = 0; y < higher; y++) {
    const near = (y >> 1) * wider;
    const far = Math.min(height - 1, Math.max(0, (y >> 1) + ((y & 1) === 0 ? -1 : 1))) * wider;
    for (let x = 0; x < wider; x++) grown[y * wider + x] = 0.75 * rows[near + x]! + 0.25 * rows[far + x]!;
  }
  return grown;
}
