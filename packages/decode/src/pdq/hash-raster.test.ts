import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePhotograph } from '@kerbside/corpus';
import fc from 'fast-check';
import { countSetBits, hashToText } from './hash-text.ts';
import { hashRaster } from './hash-raster.ts';
import { DIALECTS, ORIENTATIONS, type Orientation, type PictureHashes } from './picture-hashes.ts';
import type { Raster } from './raster.ts';
import { signRuleHashes } from './sign-rule.ts';

function greyScene(seed: number, width: number, height: number): Raster {
  const { pixels } = makePhotograph(seed, width, height);
  return { width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, i) => pixels[3 * i + 1]!) };
}

function colourScene(seed: number, width: number, height: number): Raster {
  return { width, height, channels: 3, data: makePhotograph(seed, width, height).pixels };
}

/** Where the pixel at a row and column of the turned picture comes from in a picture of `width` × `height`. */
const SOURCES: Readonly<Record<Orientation, (row: number, column: number, width: number, height: number) => readonly [row: number, column: number]>> = {
  original: (row, column) => [row, column],
  rotate90: (row, column, width) => [column, width - 1 - row],
  rotate180: (row, column, width, height) => [height - 1 - row, width - 1 - column],
  rotate270: (row, column, _, height) => [height - 1 - column, row],
  flipX: (row, column, _, height) => [height - 1 - row, column],
  flipY: (row, column, width) => [row, width - 1 - column],
  flipPlus1: (row, column) => [column, row],
  flipMinus1: (row, column, width, height) => [height - 1 - column, width - 1 - row],
};

const SWAPPED: ReadonlySet<Orientation> = new Set(['rotate90', 'rotate270', 'flipPlus1', 'flipMinus1']);

function turn(raster: Raster, orientation: Orientation): Raster {
  const { channels, data } = raster;
  const [width, height] = SWAPPED.has(orientation) ? [raster.height, raster.width] : [raster.width, raster.height];
  const turned = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [fromRow, fromColumn] = SOURCES[orientation](row, column, raster.width, raster.height);
      for (let c = 0; c < channels; c++) turned[(row * width + column) * channels + c] = data[(fromRow * raster.width + fromColumn) * channels + c]!;
    }
  }
  return { width, height, channels, data: turned };
}

function texts({ dialects }: Pick<PictureHashes, 'dialects'>): Record<string, string> {
  return Object.fromEntries(DIALECTS.map((dialect) => [dialect, `${hashToText(dialects[dialect].hash)} ${dialects[dialect].quality}`]));
}

/** From 64 up: below that samples repeat, so that frequencies are equal and rounding alone parts them. */
const side = fc.oneof(fc.constantFrom(64, 127, 128, 129, 256, 511, 512, 513), fc.integer({ min: 64, max: 640 }));

describe('hashRaster', () => {
  it('gives for each orientation what the really turned raster gives, in both dialects', () => {
    fc.assert(
      fc.property(fc.nat(100_000), side, side, fc.boolean(), (seed, width, height, colour) => {
        const raster = colour ? colourScene(seed, width, height) : greyScene(seed, width, height);
        const { dialects, orientations } = hashRaster(raster, { orientations: true });
        assert.deepEqual(texts({ dialects }), texts(hashRaster(raster)));
        for (const orientation of ORIENTATIONS) {
          assert.deepEqual(texts({ dialects: orientations![orientation] }), texts(hashRaster(turn(raster, orientation))), orientation);
        }
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('gives for a reduced raster the same orientations as for the turned reduced raster of an even reduction', () => {
    const raster = greyScene(7, 200, 150);
    const reduction = { originalWidth: 1600, originalHeight: 1200, scaleX: 1 / 8, scaleY: 1 / 8 };
    const { orientations } = hashRaster(raster, { orientations: true, reduction });
    for (const orientation of ORIENTATIONS) {
      const swapped = SWAPPED.has(orientation) ? { ...reduction, originalWidth: 1200, originalHeight: 1600 } : reduction;
      assert.deepEqual(texts({ dialects: orientations![orientation] }), texts(hashRaster(turn(raster, orientation), { reduction: swapped })), orientation);
    }
  });

  it('sets 128 bits of a picture with detail', () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const { hash } of Object.values(hashRaster(colourScene(seed, 300, 200)).dialects)) assert.equal(countSetBits(hash), 128);
    }
  });

  it('does not see brightness added to every pixel, nor contrast', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 60 }), (seed, added) => {
        const raster = greyScene(seed, 160, 120);
        const faint = { ...raster, data: raster.data.map((value) => value >> 2) };
        const lifted = { ...faint, data: faint.data.map((value) => value + added) };
        const doubled = { ...faint, data: faint.data.map((value) => value * 2) };
        const { hash } = hashRaster(faint).dialects.full;
        assert.deepEqual(hashRaster(lifted).dialects.full.hash, hash);
        assert.deepEqual(hashRaster(doubled).dialects.full.hash, hash);
      }),
      { numRuns: 20, seed: 2 },
    );
  });

  it('holds the dialects apart above 512 pixels only', () => {
    const small = hashRaster(colourScene(3, 512, 400)).dialects;
    assert.deepEqual(small['512nn'], small.full);
    const large = hashRaster(colourScene(3, 513, 400)).dialects;
    assert.notDeepEqual(large['512nn'].hash, large.full.hash);
  });

  it('gives zero and quality 0 to pictures under 5 pixels', () => {
    for (const [width, height] of [[4, 300], [300, 4], [1, 1]] as const) {
      const { dialects, orientations } = hashRaster(greyScene(1, width, height), { orientations: true });
      assert.equal(dialects.full.quality, 0);
      assert.equal(countSetBits(dialects['512nn'].hash), 0);
      assert.equal(countSetBits(orientations!.rotate90.full.hash), 0);
    }
    assert.notEqual(countSetBits(hashRaster(greyScene(1, 5, 5)).dialects.full.hash), 0);
  });

  it('says quality 0 of an even surface and much of a picture', () => {
    const even: Raster = { width: 90, height: 90, channels: 1, data: new Uint8Array(8100).fill(77) };
    assert.equal(hashRaster(even).dialects.full.quality, 0);
    assert.ok(hashRaster(colourScene(2, 300, 300)).dialects.full.quality >= 50);
  });

  it('refuses a raster whose bytes do not fit its sides', () => {
    assert.throws(() => hashRaster({ width: 10, height: 10, channels: 3, data: new Uint8Array(299) }), { code: 'raster-shape' });
  });
});

describe('signRuleHashes', () => {
  it('equals the exact orientations where no filter shifts anything: at 64 × 64', () => {
    const raster = greyScene(5, 64, 64);
    const exact = hashRaster(raster, { orientations: true }).orientations!;
    const signed = signRuleHashes(raster, 'full');
    for (const orientation of ORIENTATIONS) assert.equal(hashToText(signed[orientation]), hashToText(exact[orientation].full.hash), orientation);
  });

  it('equals them for the picture itself and along the main diagonal at any size', () => {
    for (const dialect of DIALECTS) {
      const raster = colourScene(11, 700, 433);
      const exact = hashRaster(raster, { orientations: true }).orientations!;
      const signed = signRuleHashes(raster, dialect);
      assert.deepEqual(signed.original, exact.original[dialect].hash);
      assert.deepEqual(signed.flipPlus1, exact.flipPlus1[dialect].hash);
    }
  });
});
