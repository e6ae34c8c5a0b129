import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawFaces, makePicture } from '@kerbside/corpus';
import sharp from 'sharp';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import type { Raster } from '../pdq/raster.ts';
import { shrinkGrey } from '../still/shrink-grey.ts';
import { parseCascade } from './cascade.ts';
import { countFaces, LEAST_WINDOWS } from './count-faces.ts';
import { groupWindows, type Window } from './group-windows.ts';
import { FACE_CASCADE_PATH, openFaceCounter } from './open-face-counter.ts';

const skip = existsSync(FACE_CASCADE_PATH) ? false : 'opencv-data is not installed';

/** A cascade of one stage and one feature: passes where the cell above the middle one is not darker than it (bit 64 of the pattern). */
const TINY = `<opencv_storage><cascade><featureType>LBP</featureType><height>24</height><width>24</width><stages><_><stageThreshold>0.5</stageThreshold>
<weakClassifiers><_><internalNodes>0 -1 0 0 0 -1 -1 0 0 -1 -1</internalNodes><leafValues>1.0 -1.0</leafValues></_></weakClassifiers></_></stages>
<features><_><rect>0 0 8 8</rect></_></features></cascade></opencv_storage>`;

const raster = (width: number, height: number, data: Uint8Array): Raster => ({ width, height, channels: 1, data });

describe('counting faces', { skip }, () => {
  const cascade = skip === false ? parseCascade(readFileSync(FACE_CASCADE_PATH, 'utf8')) : null;
  const drawn = (faces: Parameters<typeof drawFaces>[2]): Raster => raster(320, 240, drawFaces(320, 240, faces));

  it('counts drawn faces of many sizes, one by one and together', () => {
    for (const halfHeight of [20, 24, 40, 60, 80]) assert.equal(countFaces(drawn([{ x: 160, y: 120, halfHeight }]), cascade!), 1, String(halfHeight));
    assert.equal(countFaces(drawn([{ x: 80, y: 110, halfHeight: 50 }, { x: 235, y: 130, halfHeight: 40 }]), cascade!), 2);
    assert.equal(countFaces(drawn([]), cascade!), 0);
  });

  it('counts none upside down, in landscapes, or in pictures smaller than its window', async () => {
    const upright = drawn([{ x: 160, y: 120, halfHeight: 60 }]);
    assert.equal(countFaces(raster(320, 240, upright.data.toReversed()), cascade!), 0);
    const counter = openFaceCounter()!;
    let found = 0;
    for (let seed = 0; seed < 6; seed++) found += await counter.count(directDecoders(), makePicture({ kind: 'jpeg', seed, widthPx: 400, heightPx: 300 }));
    assert.equal(found, 0);
    assert.equal(countFaces(raster(20, 20, new Uint8Array(400)), cascade!), 0);
  });

  it('counts in a picture file, whatever its size', async () => {
    const faces = Buffer.from(drawFaces(1200, 800, [{ x: 350, y: 400, halfHeight: 200 }, { x: 850, y: 400, halfHeight: 200 }]));
    const picture = await sharp(faces, { raw: { width: 1200, height: 800, channels: 1 } }).jpeg().toBuffer();
    assert.equal(await openFaceCounter()!.count(directDecoders(), picture), 2);
  });

  it('believes no answer that cannot be', async () => {
    for (const faces of [-1, 51, 1.5, '1', null]) await assert.rejects(openFaceCounter()!.count({ run: () => Promise.resolve({ json: { faces }, bytes: new Uint8Array(0) }) }, new Uint8Array(1)), { code: 'decoder-lied' });
  });
});

describe('a cascade', () => {
  it('is not available where the package is not installed, and refused where the file is another', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kerbside-cascade-'));
    try {
      const path = join(folder, 'cascade.xml');
      assert.equal(openFaceCounter(path), null);
      writeFileSync(path, TINY);
      assert.notEqual(openFaceCounter(path), null);
      for (const text of ['', '<opencv_storage/>', TINY.replace('LBP', 'HAAR'), TINY.replace('0 0 8 8', '1 0 8 8'), TINY.replace('0 -1 0 0', '0 -1 1 0'), TINY.replace('1.0 -1.0', '1.0'), TINY.replace('0.5', 'x'), 'x'.repeat(1_100_000)]) {
        writeFileSync(path, text);
        assert.throws(() => openFaceCounter(path), { code: 'face-cascade-unusable' }, text.slice(0, 80));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('sees the pattern it was written for and no other', () => {
    const tiny = parseCascade(TINY);
    /** Three stripes, each as high as a cell; wide enough for several windows side by side. */
    const stripes = (...levels: readonly number[]): Raster => raster(34, 24, Uint8Array.from({ length: 34 * 24 }, (_, at) => levels[Math.floor(at / (34 * 8))]!));
    assert.equal(countFaces(stripes(200, 10, 10), tiny), 1, 'light above dark');
    assert.equal(countFaces(stripes(10, 10, 10), tiny), 1, 'as light as');
    assert.equal(countFaces(stripes(10, 200, 10), tiny), 0, 'dark above light');
    assert.equal(countFaces(raster(24, 24, new Uint8Array(576)), tiny), 0, `one window alone is chance: ${LEAST_WINDOWS} have to agree`);
  });
});

describe('groups of windows', () => {
  const window = (x: number, y: number, size: number): Window => ({ x, y, width: size, height: size });

  it('keeps groups of enough windows, and the larger of two that lie in one another', () => {
    const near = [window(10, 10, 40), window(12, 11, 40), window(11, 9, 42)];
    assert.equal(groupWindows(near, 3).length, 1);
    assert.equal(groupWindows(near.slice(0, 2), 3).length, 0);
    assert.equal(groupWindows([...near, window(100, 10, 40), window(101, 10, 40), window(102, 10, 40)], 3).length, 2);
    assert.deepEqual(groupWindows([...near, window(20, 20, 20), window(20, 21, 20), window(21, 20, 20)], 3).map((one) => Math.round(one.width)), [41]);
  });

  it('does not depend on the order of the windows', () => {
    fc.assert(fc.property(fc.array(fc.record({ x: fc.nat(60), y: fc.nat(60), size: fc.integer({ min: 24, max: 40 }) }), { maxLength: 25 }), (list) => {
      const windows = list.map(({ x, y, size }) => window(x, y, size));
      assert.equal(groupWindows(windows, 2).length, groupWindows(windows.toReversed(), 2).length);
    }));
  });
});

describe('shrinkGrey', () => {
  it('keeps the mean, and gives whole pixels at whole ratios', () => {
    assert.deepEqual(shrinkGrey(raster(4, 2, Uint8Array.from([0, 10, 100, 110, 20, 30, 120, 130])), 2, 1), raster(2, 1, Uint8Array.from([15, 115])));
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.nat(255), (width, height, value) => {
      const flat = raster(30, 30, new Uint8Array(900).fill(value));
      assert.ok(shrinkGrey(flat, width, height).data.every((pixel) => pixel === value));
    }), { numRuns: 50 });
  });
});
