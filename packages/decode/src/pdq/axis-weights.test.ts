import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { axisWeights, GRID, type Axis } from './axis-weights.ts';

const length = fc.integer({ min: 5, max: 9000 });

function samplesOf(axis: Axis): [input: number, weight: number][][] {
  const { starts, inputs, weights } = axisWeights(axis);
  return Array.from({ length: GRID }, (_, sample) => {
    return Array.from({ length: starts[sample + 1]! - starts[sample]! }, (_entry, i) => [inputs[starts[sample]! + i]!, weights[starts[sample]! + i]!]);
  });
}

const exact = (original: number, nearest = false, mirrored = false): Axis => ({ original, reduced: original, scale: 1, nearest, mirrored });

describe('axisWeights', () => {
  it('gives each of the 64 samples weights that add up to 1, from places on the axis', () => {
    fc.assert(
      fc.property(length, fc.constantFrom(1, 2, 4, 8), fc.boolean(), fc.boolean(), (original, divisor, nearest, mirrored) => {
        const reduced = Math.ceil(original / divisor);
        for (const sample of samplesOf({ original, reduced, scale: 1 / divisor, nearest, mirrored })) {
          assert.ok(Math.abs(sample.reduce((sum, [, weight]) => sum + weight, 0) - 1) < 1e-9);
          assert.ok(sample.every(([input, weight]) => input >= 0 && input < reduced && weight > 0));
        }
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('takes no more than 2w − 1 inputs for a sample, w being the window', () => {
    for (const original of [5, 64, 128, 129, 256, 1000, 4032]) {
      const window = Math.floor((original + 127) / 128);
      for (const sample of samplesOf(exact(original))) assert.ok(sample.length <= 2 * window - 1);
    }
  });

  it('is every second place, without a filter, at 128', () => {
    assert.deepEqual(samplesOf(exact(128)), Array.from({ length: GRID }, (_, i) => [[2 * i + 1, 1]]));
  });

  it('lays an even window one further ahead than back', () => {
    // At 256 the window is 2: the sample at 2 averages 2 and 3, which average 2, 3 and 3, 4.
    assert.deepEqual(samplesOf(exact(256))[0], [[2, 0.25], [3, 0.5], [4, 0.25]]);
  });

  it('reads a mirrored axis from its end', () => {
    const forward = samplesOf(exact(777, true));
    const backward = samplesOf(exact(777, true, true));
    assert.deepEqual(backward.map((sample) => sample.map(([input, weight]) => [776 - input, weight]).reverse()), forward);
  });

  it('gives the same by input as by sample', () => {
    const { starts, inputs, weights, byInput } = axisWeights(exact(1003, true));
    const bySample = new Map<string, number>();
    for (let sample = 0; sample < GRID; sample++) {
      for (let i = starts[sample]!; i < starts[sample + 1]!; i++) bySample.set(`${sample} ${inputs[i]!}`, weights[i]!);
    }
    let seen = 0;
    for (let input = 0; input < 1003; input++) {
      for (let i = byInput.starts[input]!; i < byInput.starts[input + 1]!; i++, seen++) assert.equal(byInput.weights[i], bySample.get(`${byInput.samples[i]!} ${input}`));
    }
    assert.equal(seen, bySample.size);
  });
});
