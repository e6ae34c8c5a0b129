import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePhotograph, mutate } from '@kerbside/corpus';
import { KerbsideError } from '@kerbside/bytes';
import sharp, { type Sharp } from 'sharp';
import { decodeRaster } from './decode-raster.ts';
import { hashJpegFast } from './hash-jpeg-fast.ts';
import { hashRaster } from './hash-raster.ts';
import { hashJpegThumbnail, hashThumbnail } from './hash-thumbnail.ts';
import { hammingDistance } from './hash-text.ts';
import { DIALECTS, ORIENTATIONS } from './picture-hashes.ts';

function photograph(seed: number, width: number, height: number): Sharp {
  return sharp(makePhotograph(seed, width, height).pixels, { raw: { width, height, channels: 3 } });
}

describe('hashJpegFast', () => {
  it('lies near the exact hash at every reduction, all orientations included', async () => {
    let worst = 0;
    let total = 0;
    let count = 0;
    for (const [width, height] of [[1601, 1203], [1000, 801], [500, 397], [200, 190]] as const) {
      for (let seed = 0; seed < 3; seed++) {
        const jpeg = await photograph(seed, width, height).jpeg({ quality: 80, progressive: seed === 1 }).toBuffer();
        const { hashes, ...facts } = hashJpegFast(jpeg, { orientations: true })!;
        assert.deepEqual(facts, { width, height, damaged: false });
        const exact = hashRaster((await decodeRaster(jpeg)).raster, { orientations: true });
        for (const orientation of ORIENTATIONS) {
          for (const dialect of DIALECTS) {
            const distance = hammingDistance(hashes.orientations![orientation][dialect].hash, exact.orientations![orientation][dialect].hash);
            worst = Math.max(worst, distance);
            total += distance;
            count += 1;
          }
        }
      }
    }
    assert.ok(worst <= 16, `worst ${worst}`);
    assert.ok(total / count <= 3, `mean ${total / count}`);
  });

  it('takes a grey JPEG, and leaves CMYK and RGB to the full path', async () => {
    const grey = await photograph(4, 400, 300).toColourspace('b-w').jpeg().toBuffer();
    assert.ok(hashJpegFast(grey) !== null);
    assert.equal(hashJpegFast(await photograph(4, 400, 300).toColourspace('cmyk').jpeg().toBuffer()), null);
    assert.equal(hashJpegFast(await storedAsRgb()), null);
  });

  it('says that a JPEG cut short is damaged, and still hashes what there is', async () => {
    const jpeg = await photograph(5, 800, 600).jpeg().toBuffer();
    assert.equal(hashJpegFast(jpeg.subarray(0, jpeg.length >> 1))?.damaged, true);
  });

  it('refuses what is no JPEG, and decodes the next one', async () => {
    const jpeg = await photograph(6, 300, 300).jpeg().toBuffer();
    const before = hashJpegFast(jpeg);
    for (const bad of [new Uint8Array(0), Buffer.from('goal'), jpeg.subarray(0, 100), Buffer.concat([jpeg.subarray(0, 4), Buffer.alloc(500, 0xff)])]) {
      assert.throws(() => hashJpegFast(bad), { code: 'jpeg-undecodable' });
      assert.deepEqual(hashJpegFast(jpeg), before);
    }
  });

  it('answers every damaged JPEG with hashes or a reason, and stays right afterwards', async () => {
    const jpeg = await photograph(8, 320, 240).jpeg({ progressive: true }).toBuffer();
    const before = hashJpegFast(jpeg);
    for (let i = 0; i < (process.env['KERBSIDE_LONG'] === undefined ? 150 : 5000); i++) {
      try {
        hashJpegFast(mutate(jpeg, 1200 + i));
      } catch (error) {
        assert.ok(error instanceof KerbsideError && error.kind !== 'internal', String(error));
      }
      if (i % 50 === 0) assert.deepEqual(hashJpegFast(jpeg), before);
    }
  });

  it('refuses a picture of endless scans', async () => {
    const jpeg = await photograph(9, 64, 64).jpeg({ progressive: true }).toBuffer();
    const scan = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
    const endless = Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: 200 }, () => jpeg.subarray(scan, -2)), jpeg.subarray(-2)]);
    assert.throws(() => hashJpegFast(endless), { code: 'jpeg-work' });
  });

  it('refuses stated sides beyond any camera', async () => {
    const jpeg = Buffer.from(await photograph(9, 64, 64).jpeg().toBuffer());
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(65_500, frame + 5);
    jpeg.writeUInt16BE(65_500, frame + 7);
    assert.throws(() => hashJpegFast(jpeg), { code: 'picture-pixels' });
  });
});

/** A JPEG whose three components are red, green and blue: an Adobe marker that says so. */
async function storedAsRgb(): Promise<Buffer> {
  const jpeg = await photograph(4, 64, 64).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
  const adobe = Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe', 'latin1'), 0, 100, 0, 0, 0, 0, 0]);
  // A JFIF marker would speak for YCbCr, so it goes.
  const jfifBytes = jpeg.readUInt16BE(4) + 2;
  return Buffer.concat([jpeg.subarray(0, 2), adobe, jpeg.subarray(2 + jfifBytes)]);
}

describe('hashThumbnail', () => {
  it('brings a thumbnail nearer to its picture than plain hashing does', async () => {
    let plain = 0;
    let corrected = 0;
    for (let seed = 20; seed < 26; seed++) {
      const [width, height] = [1600, 1200];
      const picture = makePhotograph(seed, width, height).pixels;
      const full = hashRaster({ width, height, channels: 3, data: picture }).dialects.full.hash;
      const thumbnail = await photograph(seed, width, height).resize(160).jpeg({ quality: 75 }).toBuffer();
      const both = hashThumbnail((await decodeRaster(thumbnail)).raster, { width, height });
      const fromPlane = hashJpegThumbnail(thumbnail, { width, height })!;
      assert.ok(hammingDistance(fromPlane.corrected.dialects.full.hash, both.corrected.dialects.full.hash) <= 10);
      plain += hammingDistance(both.plain.dialects.full.hash, full);
      corrected += hammingDistance(both.corrected.dialects.full.hash, full);
    }
    assert.ok(corrected < plain, `${corrected} against ${plain}`);
    assert.ok(corrected / 6 <= 12, `mean ${corrected / 6}`);
  });

  it('leaves JPEG that is no thumbnail, or has no brightness plane, to others', async () => {
    assert.equal(hashJpegThumbnail(await photograph(3, 1100, 200).jpeg().toBuffer(), null), null);
    assert.equal(hashJpegThumbnail(await photograph(3, 100, 80).toColourspace('cmyk').jpeg().toBuffer(), null), null);
  });

  it('assumes 12 megapixels, lying as the thumbnail does, where the original is unknown', () => {
    const raster = { width: 120, height: 160, channels: 3 as const, data: makePhotograph(3, 120, 160).pixels };
    assert.deepEqual(hashThumbnail(raster, null), hashThumbnail(raster, { width: 3024, height: 4032 }));
  });
});
