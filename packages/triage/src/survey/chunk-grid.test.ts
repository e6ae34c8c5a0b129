import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makeChunkGrid } from './chunk-grid.ts';

test('chunks cover the device once, in order, whatever its size and the start', () => {
  fc.assert(
    fc.property(fc.nat(3_000_000), fc.integer({ min: 2, max: 40 }), fc.nat(39), (sizeBytes, blocks, start) => {
      const grid = makeChunkGrid(sizeBytes, blocks * 4096, (start % blocks) * 4096);
      let at = 0;
      for (let i = 0; i < grid.count; i += 1) {
        const { offset, length } = grid.chunkAt(i);
        assert.equal(offset, at);
        assert.ok(length > 0 && length <= grid.chunkBytes);
        at += length;
      }
      assert.equal(at, sizeBytes);
    }),
  );
});

test('a chunk that is no multiple of a block, or too short, or a start outside it is a fault of ours', () => {
  for (const [chunk, start] of [[65_000, 0], [4096, 0], [65_536, 65_536], [65_536, 512], [65_536, -4096]] as const) {
    assert.throws(() => makeChunkGrid(1e9, chunk, start), { name: 'InternalError', code: 'internal-fault' });
  }
});
