import assert from 'node:assert/strict';
import test from 'node:test';
import { chooseChunk } from './choose-chunk.ts';

const KIB = 1024;

test('long chunks where moving is dear, short ones where it is free', () => {
  assert.equal(chooseChunk({ moveMs: 6, bytesPerSecond: 180e6 }), 256 * KIB, 'the reference disk: 22.3 % on its worst layout');
  assert.equal(chooseChunk({ moveMs: 7.5, bytesPerSecond: 150e6 }), 256 * KIB);
  assert.equal(chooseChunk({ moveMs: 7.5, bytesPerSecond: 100e6 }), 128 * KIB);
  assert.equal(chooseChunk({ moveMs: 5, bytesPerSecond: 180e6 }), 128 * KIB);
  assert.equal(chooseChunk({ moveMs: 0.1, bytesPerSecond: 500e6 }), 64 * KIB, 'flash');
  assert.equal(chooseChunk({ moveMs: 1, bytesPerSecond: 20e6 }), 64 * KIB, 'a slow card');
  assert.equal(chooseChunk({ moveMs: 0, bytesPerSecond: 0 }), 64 * KIB, 'nothing could be measured');
});
