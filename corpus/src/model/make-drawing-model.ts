import { createHash } from 'node:crypto';
import { drawLines } from '../pictures/line-drawing.ts';
import { rasterise } from '../pictures/raster.ts';
import { makeScene } from '../pictures/scene.ts';
import { FILTERS, filterMeans, MODEL_SIDE_PX } from './drawing-filters.ts';
import { writeOnnx } from './write-onnx.ts';

/** A model as a force would bring it: the file, and what is said of it. */
export interface DrawingModel {
  readonly onnx: Buffer;
  /** Text of `model.json`. */
  readonly json: string;
}

/** Pictures of each kind to learn from, and passes over them. */
const EXAMPLES = 60;
const PASSES = 400;
const LEARNING_RATE = 0.5;

/** Pulls weights towards zero, so that two kinds that are told apart with ease do not drive them without end. */
const DECAY = 0.002;

/**
 * Trains, in about a second and always to the same numbers, a tiny model that tells drawings from photographs, or rather
 * our generated ones: fixed filters, their mean strength, and a logistic regression over it.
 */
export function makeDrawingModel(): DrawingModel {
  const examples = Array.from({ length: EXAMPLES * 2 }, (_, index) => ({ isPhotograph: index % 2, means: filterMeans(planesOf(index)) }));
  const { weights, bias } = train(examples);
  const onnx = writeOnnx({
    nodes: [
      { operator: 'Conv', inputs: ['pixels', 'filters'], outputs: ['responses'], attributes: { kernel_shape: [3, 3] } },
      { operator: 'Relu', inputs: ['responses'], outputs: ['strengths'] },
      { operator: 'GlobalAveragePool', inputs: ['strengths'], outputs: ['means'] },
      { operator: 'Flatten', inputs: ['means'], outputs: ['row'], attributes: { axis: 1 } },
      { operator: 'Gemm', inputs: ['row', 'weights', 'bias'], outputs: ['sums'] },
      { operator: 'Softmax', inputs: ['sums'], outputs: ['scores'], attributes: { axis: 1 } },
    ],
    tensors: [
      { name: 'filters', dimensions: [FILTERS.length, 3, 3, 3], values: FILTERS.flat() },
      // Two columns: drawing, photograph. The softmax of 0 and s is the logistic function of s.
      { name: 'weights', dimensions: [FILTERS.length, 2], values: [...weights].flatMap((weight) => [0, weight]) },
      { name: 'bias', dimensions: [2], values: [0, bias] },
    ],
    input: { name: 'pixels', dimensions: [1, 3, MODEL_SIDE_PX, MODEL_SIDE_PX] },
    output: { name: 'scores', dimensions: [1, 2] },
  });
  const facts = {
    format: 'kerbside-model',
    formatVersion: 1,
    id: 'demo-drawings',
    version: '1',
    sha256: createHash('sha256').update(onnx).digest('hex'),
    input: { name: 'pixels', widthPx: MODEL_SIDE_PX, heightPx: MODEL_SIDE_PX, mean: [0, 0, 0], std: [255, 255, 255] },
    output: { name: 'scores', labels: ['drawing', 'photograph'] },
    ranksBy: 'photograph',
  };
  return { onnx, json: `${JSON.stringify(facts, null, 2)}\n` };
}

/** Even numbers are drawings, odd ones photographs; grain and size of strokes vary with the seed. */
function planesOf(index: number): Float32Array {
  const seed = 1000 + index;
  const pixels = index % 2 === 0 ? drawLines(seed, MODEL_SIDE_PX, MODEL_SIDE_PX) : rasterise(makeScene(seed), MODEL_SIDE_PX, MODEL_SIDE_PX, seed, (seed % 7) / 20);
  const count = MODEL_SIDE_PX * MODEL_SIDE_PX;
  return Float32Array.from({ length: count * 3 }, (_, at) => pixels[(at % count) * 3 + Math.floor(at / count)]! / 255);
}

interface Example {
  readonly isPhotograph: number;
  readonly means: Float64Array;
}

/** Logistic regression by plain gradient descent over features brought to one scale; the scale is folded back into the weights. */
function train(examples: readonly Example[]): { weights: Float64Array; bias: number } {
  const features = FILTERS.length;
  const mean = Float64Array.from({ length: features }, (_, at) => examples.reduce((sum, one) => sum + one.means[at]!, 0) / examples.length);
  const spread = Float64Array.from({ length: features }, (_, at) => Math.sqrt(examples.reduce((sum, one) => sum + (one.means[at]! - mean[at]!) ** 2, 0) / examples.length) + 1e-6);
  const scaled = examples.map((one) => one.means.map((value, at) => (value - mean[at]!) / spread[at]!));
  const weights = new Float64Array(features);
  let bias = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    const slopes = new Float64Array(features);
    let biasSlope = 0;
    for (const [index, row] of scaled.entries()) {
      const error = logistic(bias + dot(weights, row)) - examples[index]!.isPhotograph;
      for (let at = 0; at < features; at++) slopes[at]! += error * row[at]!;
      biasSlope += error;
    }
    for (let at = 0; at < features; at++) weights[at]! -= LEARNING_RATE * (slopes[at]! / examples.length + DECAY * weights[at]!);
    bias -= (LEARNING_RATE * biasSlope) / examples.length;
  }
  const folded = weights.map((weight, at) => weight / spread[at]!);
  return { weights: folded, bias: bias - dot(folded, mean) };
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}
