import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makeRestOrder, makeSystematicOrder, spacingFor } from './systematic-order.ts';

const chunksOf = (pass: { first: number; step: number; reads: number }): number[] => Array.from({ length: pass.reads }, (_, i) => pass.first + i * pass.step);

test('passes and rest read every chunk once, each ascending, all inside the grid', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 0.999_999, noNaN: true }), fc.integer({ min: 1, max: 20 }), (chunks, spacing, phase, most) => {
      const order = makeSystematicOrder(chunks, spacing, phase);
      const restOrder = makeRestOrder(chunks, order, most);
      const runs = Array.from({ length: restOrder.reads }, (_, i) => restOrder.readAt(i));
      for (const { count } of runs) assert.ok(count >= 1 && count <= most);
      const rest = runs.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
      assert.equal(rest.length, restOrder.chunks);
      const passes = [...order.passes.map(chunksOf), rest];
      for (const pass of passes) assert.deepEqual(pass, pass.toSorted((one, other) => one - other));
      assert.deepEqual(passes.flat().toSorted((one, other) => one - other), Array.from({ length: chunks }, (_, i) => i));
    }),
  );
});

test('after each pass the reads are evenly spaced, at half the spacing of the pass before', () => {
  const order = makeSystematicOrder(10_000, 5, 0.37);
  assert.equal(order.spacingChunks, 5);
  const done: number[] = [];
  let spacing = 5 * 2 ** (order.passes.length - 1);
  for (const pass of order.passes) {
    done.push(...chunksOf(pass));
    done.sort((one, other) => one - other);
    for (let i = 1; i < done.length; i += 1) assert.equal(done[i]! - done[i - 1]!, spacing);
    assert.ok(done[0]! < spacing && done.at(-1)! >= 10_000 - spacing);
    spacing /= 2;
  }
  assert.equal(spacing, 2.5);
  assert.ok(order.passes[0]!.reads >= 62 && order.passes[0]!.reads <= 129);
});

test('spacing is the longest whose guarantee stays within the target', () => {
  assert.equal(spacingFor(20 * 1024 ** 2, 65_536, 8191), 320);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 2, max: 64 }), fc.integer({ min: 1, max: 16 }), (target, blocks, step) => {
      const chunk = blocks * 4096;
      const window = (step + 1) * 4096 - 1;
      const spacing = spacingFor(target, chunk, window);
      assert.ok(spacing * chunk + 2 * window - 1 > target, 'one chunk more would still do');
      if (spacing > 1) assert.ok((spacing - 1) * chunk + 2 * window - 1 <= target);
    }),
  );
});

test('a device without a chunk has no passes; one shorter than the spacing gets one read', () => {
  assert.deepEqual(makeSystematicOrder(0, 320, 0.5).passes, []);
  const order = makeSystematicOrder(7, 320, 0.99);
  assert.deepEqual(order.passes.map(({ reads }) => reads), [1]);
  assert.equal(makeRestOrder(7, order, 16).chunks, 6);
  assert.deepEqual(makeRestOrder(0, makeSystematicOrder(0, 320, 0.5), 16).reads, 0);
});
