import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePhotograph } from '@kerbside/corpus';
import { DIALECTS, hashRaster, hashToText } from '@kerbside/decode';
import fc from 'fast-check';
import { yardstickHash } from './pdq-yardstick.ts';

/** Sides around every turn of the algorithm: 64, 128, 256, 512 and odd ones between and above. */
const side = fc.oneof(fc.constantFrom(64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513), fc.integer({ min: 64, max: 900 }));

describe('PDQ against the yardstick', () => {
  it('gives the same bits, and quality within rounding, in both dialects at any size, in colour and in grey', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), side, side, fc.constantFrom<1 | 3>(1, 3), (seed, width, height, channels) => {
        const { pixels } = makePhotograph(seed, width, height);
        const data = channels === 3 ? pixels : pixels.subarray(0, width * height);
        const ours = hashRaster({ width, height, channels, data });
        for (const dialect of DIALECTS) {
          const published = yardstickHash(data, width, height, channels, dialect);
          const { hash, quality } = ours.dialects[dialect];
          assert.equal(hashToText(hash), published.hex);
          // Of a grey picture whole differences can be exactly a hundredth, which rounding cuts to it or below it.
          assert.ok(Math.abs(quality - published.quality) <= (channels === 1 ? 1 : 0), `quality ${quality}, not ${published.quality}`);
        }
      }),
      { numRuns: process.env['KERBSIDE_LONG'] === undefined ? 60 : 2000, seed: 4 },
    );
  });

  it('gives the same quality down to no pixels at all', () => {
    // Below 64 pixels samples repeat: frequencies are equal and rounding alone decides their bits; and
    // differences of exactly a hundredth are cut to it or below it, many times over.
    const small = fc.integer({ min: 1, max: 63 });
    fc.assert(
      fc.property(fc.nat(1_000_000), small, small, (seed, width, height) => {
        const { pixels } = makePhotograph(seed, width, height);
        const ours = hashRaster({ width, height, channels: 3, data: pixels });
        const difference = ours.dialects.full.quality - yardstickHash(pixels, width, height, 3, 'full').quality;
        assert.ok(Math.abs(difference) <= 2, `differs by ${difference}`);
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});
