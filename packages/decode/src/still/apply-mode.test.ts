import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { makeRandom } from '@kerbside/corpus';
import { applyMode, STILL_MODES } from './apply-mode.ts';
import type { Raster } from '../pdq/raster.ts';

/** A white disc on a dark ground, with grain. */
function disc(sizePx: number, grain: number, channels: 1 | 3 = 3): Raster {
  const random = makeRandom(sizePx);
  const data = Uint8Array.from({ length: sizePx * sizePx * channels }, (_, at) => {
    const pixel = Math.floor(at / channels);
    const inside = Math.hypot((pixel % sizePx) - sizePx / 2, Math.floor(pixel / sizePx) - sizePx / 2) < sizePx / 4;
    return (inside ? 200 : 50) + random.below(grain + 1);
  });
  return { width: sizePx, height: sizePx, channels, data };
}

const at = (raster: Raster, x: number, y: number): number => raster.data[(y * raster.width + x) * raster.channels]!;

describe('applyMode', () => {
  it('keeps the size and gives whole rows in every mode, for any pixels', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.constantFrom(1 as const, 3 as const), fc.integer(), (width, height, channels, seed) => {
      const data = new Uint8Array(width * height * channels);
      makeRandom(seed).fill(data);
      const raster = { width, height, channels, data };
      for (const mode of STILL_MODES) {
        const shown = applyMode(raster, mode);
        assert.deepEqual([shown.width, shown.height, shown.data.length], [width, height, width * height * shown.channels]);
        assert.deepEqual(applyMode(raster, mode).data, shown.data, 'the same again');
      }
      assert.deepEqual(data, (() => { const again = new Uint8Array(data.length); makeRandom(seed).fill(again); return again; })(), 'the pixels given are not changed');
    }), { numRuns: 50 });
  });

  it('grey is brightness, with one byte a pixel', () => {
    const colours: Raster = { width: 3, height: 1, channels: 3, data: Uint8Array.from([255, 0, 0, 0, 255, 0, 255, 255, 255]) };
    assert.deepEqual(applyMode(colours, 'grey'), { width: 3, height: 1, channels: 1, data: Uint8Array.from([76, 150, 255]) });
  });

  it('blur takes detail away and keeps forms', () => {
    const raster = disc(120, 40);
    const shown = applyMode(raster, 'blur');
    const spread = (one: Raster): number => {
      const values = Array.from({ length: 20 }, (_, x) => at(one, 50 + x, 60));
      return Math.max(...values) - Math.min(...values);
    };
    assert.ok(spread(shown) < spread(raster) / 3);
    assert.ok(at(shown, 60, 60) > 180 && at(shown, 5, 5) < 100);
  });

  it('a drawing is dark where brightness changes, and white elsewhere, whatever the level', () => {
    const shown = applyMode(disc(120, 10), 'drawing');
    assert.equal(shown.channels, 1);
    assert.ok(at(shown, 30, 60) < 60, 'the rim');
    for (const [x, y] of [[60, 60], [5, 5], [110, 110]] as const) assert.ok(at(shown, x, y) > 240, 'inside and outside look the same');
    const flat: Raster = { width: 40, height: 40, channels: 3, data: new Uint8Array(4800).fill(128) };
    assert.ok(applyMode(flat, 'drawing').data.every((pixel) => pixel === 255));
  });
});
