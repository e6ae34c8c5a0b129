/**
 * PDQ reduces each axis to 64 samples by two box filters and a choice of every so-manieth value. All of
 * it is linear and the two axes do not mix, so each of the 64 samples is a fixed weighted sum of inputs,
 * found once for an axis length: see docs/reference/pdq.md.
 */

/** Samples that remain of each axis. */
export const GRID = 64;

/** Sides of the raster that the 512nn dialect reduces larger pictures to. */
const NEAREST_SIDE = 512;

/** What decides the weights of one axis. Lengths in pixels. */
export interface Axis {
  /** Length in the picture as it was made. */
  readonly original: number;
  /** Length of the raster at hand; equal to `original` unless that was reduced. */
  readonly reduced: number;
  /** Pixels of the raster for one pixel of the original; 1 unless reduced. */
  readonly scale: number;
  /** Whether the 512nn dialect reduces this picture. */
  readonly nearest: boolean;
  /** Whether the axis is read from its end. */
  readonly mirrored: boolean;
}

/** For each of the 64 samples its inputs and their weights, packed one after the other. */
export interface AxisWeights {
  /** 65 places: sample i has the entries from `starts[i]` up to, not including, `starts[i + 1]`. */
  readonly starts: Int32Array;
  readonly inputs: Int32Array;
  readonly weights: Float64Array;
  /** For each input the samples that it counts for: the same numbers, by input. */
  readonly byInput: { readonly starts: Int32Array; readonly samples: Int32Array; readonly weights: Float64Array };
}

/** Axes kept ready: both dialects of both axes of some dozens of picture sizes. */
const MAX_CACHED_AXES = 256;

const cache = new Map<string, AxisWeights>();

/** The weights of an axis; those used lately are kept. */
export function axisWeights(axis: Axis): AxisWeights {
  const key = `${axis.original}/${axis.reduced}/${axis.scale}/${axis.nearest}/${axis.mirrored}`;
  const known = cache.get(key);
  if (known !== undefined) {
    // A map keeps the order of insertion: put back last, the least used is first.
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const made = makeAxisWeights(axis);
  if (cache.size >= MAX_CACHED_AXES) cache.delete(cache.keys().next().value!);
  cache.set(key, made);
  return made;
}

function makeAxisWeights(axis: Axis): AxisWeights {
  const length = axis.nearest ? NEAREST_SIDE : axis.original;
  const starts = new Int32Array(GRID + 1);
  const inputs: number[] = [];
  const weights: number[] = [];
  // The weights of one sample by input; a sample looks at neighbours only, so few places are touched.
  const row = new Float64Array(axis.reduced);
  for (let sample = 0; sample < GRID; sample++) {
    const tent = tentOf(sample, length);
    let least = axis.reduced;
    let most = -1;
    for (let i = 0; i < tent.weights.length; i++) {
      const place = placeOf(axis, tent.first + i);
      const near = Math.floor(place);
      const far = place - near;
      row[near]! += tent.weights[i]! * (1 - far);
      if (far > 0) row[near + 1]! += tent.weights[i]! * far;
      least = Math.min(least, near);
      most = Math.max(most, far > 0 ? near + 1 : near);
    }
    for (let input = least; input <= most; input++) {
      if (row[input] === 0) continue;
      inputs.push(input);
      weights.push(row[input]!);
      row[input] = 0;
    }
    starts[sample + 1] = inputs.length;
  }
  return { starts, inputs: Int32Array.from(inputs), weights: Float64Array.from(weights), byInput: indexByInput(starts, inputs, weights, axis.reduced) };
}

/** Where place `k` of the axis that is filtered lies on the raster: between two pixels where that is reduced. */
function placeOf({ original, reduced, scale, nearest, mirrored }: Axis, k: number): number {
  const chosen = nearest ? Math.floor((k * original) / NEAREST_SIDE) : k;
  const pixel = mirrored ? original - 1 - chosen : chosen;
  if (reduced === original && scale === 1) return pixel;
  return Math.min(reduced - 1, Math.max(0, (pixel + 0.5) * scale - 0.5));
}

/** Both box filters at the place that sample `sample` of 64 is taken from: weights that sum to 1, from input `first` on. */
function tentOf(sample: number, length: number): { readonly first: number; readonly weights: Float64Array } {
  const windowSize = Math.floor((length + 127) / 128);
  const after = Math.floor(windowSize / 2);
  const before = windowSize - after - 1;
  const firstOf = (place: number): number => Math.max(0, place - before);
  const lastOf = (place: number): number => Math.min(length - 1, place + after);
  const place = Math.floor(((sample + 0.5) * length) / GRID);
  const [outerFirst, outerLast] = [firstOf(place), lastOf(place)];
  const first = firstOf(outerFirst);
  const weights = new Float64Array(lastOf(outerLast) - first + 1);
  for (let k = outerFirst; k <= outerLast; k++) {
    const weight = 1 / ((outerLast - outerFirst + 1) * (lastOf(k) - firstOf(k) + 1));
    for (let x = firstOf(k); x <= lastOf(k); x++) weights[x - first]! += weight;
  }
  return { first, weights };
}

function indexByInput(starts: Int32Array, inputs: readonly number[], weights: readonly number[], inputCount: number): AxisWeights['byInput'] {
  const inputStarts = new Int32Array(inputCount + 1);
  for (const input of inputs) inputStarts[input + 1]! += 1;
  for (let input = 0; input < inputCount; input++) inputStarts[input + 1]! += inputStarts[input]!;
  const next = inputStarts.slice();
  const samples = new Int32Array(inputs.length);
  const sampleWeights = new Float64Array(inputs.length);
  for (let sample = 0; sample < GRID; sample++) {
    for (let i = starts[sample]!; i < starts[sample + 1]!; i++) {
      const place = next[inputs[i]!]!++;
      samples[place] = sample;
      sampleWeights[place] = weights[i]!;
    }
  }
  return { starts: inputStarts, samples, weights: sampleWeights };
}
