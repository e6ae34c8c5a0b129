import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { makePhotograph } from './make-photograph.ts';

describe('makePhotograph', () => {
  it('gives the same bytes for the same seed and others for another', () => {
    const digest = (seed: number): string => createHash('sha256').update(makePhotograph(seed, 61, 47).pixels).digest('hex');
    assert.equal(digest(3), digest(3));
    assert.notEqual(digest(3), digest(4));
  });

  it('fills every size, odd and tiny ones included', () => {
    for (const [width, height] of [[1, 1], [5, 3], [64, 64], [333, 17]] as const) {
      const { pixels, widthPx, heightPx } = makePhotograph(9, width, height);
      assert.deepEqual([pixels.length, widthPx, heightPx], [width * height * 3, width, height]);
    }
  });

  it('has detail: neighbours differ, yet resemble one another far more than distant pixels do', () => {
    let near = 0;
    let far = 0;
    for (let seed = 0; seed < 8; seed++) {
      const { pixels, widthPx } = makePhotograph(seed, 200, 150);
      for (let y = 0; y < 150; y++) {
        for (let x = 0; x < 100; x++) {
          const at = (y * widthPx + x) * 3 + 1;
          near += Math.abs(pixels[at]! - pixels[at + 3]!);
          far += Math.abs(pixels[at]! - pixels[at + 300]!);
        }
      }
    }
    assert.ok(near > 0);
    assert.ok(far > 3 * near, `neighbours differ by ${near}, pixels 100 apart by ${far}`);
  });
});
