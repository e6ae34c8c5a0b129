import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePhotograph } from '@kerbside/corpus';
import sharp from 'sharp';
import { checkJpegWork, MAX_JPEG_SCANS } from './jpeg-work.ts';

const frame = (code: number, components: number): Buffer => Buffer.from([0xff, code, 0, 8, 8, 0, 9, 0, 9, components]);
const scan = (components: number): Buffer => Buffer.from([0xff, 0xda, 0, 3, components, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]);
const file = (...parts: Buffer[]): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8]), ...parts, Buffer.from([0xff, 0xd9])]);
const scans = (count: number, components: number): Buffer[] => Array.from({ length: count }, () => scan(components));

describe('checkJpegWork', () => {
  it('lets pass what encoders write', async () => {
    for (const progressive of [false, true]) {
      const jpeg = await sharp(makePhotograph(1, 200, 150).pixels, { raw: { width: 200, height: 150, channels: 3 } }).jpeg({ progressive }).toBuffer();
      checkJpegWork(jpeg, 200 * 150);
      checkJpegWork(jpeg.subarray(0, jpeg.length >> 1), 200 * 150);
    }
  });

  it('counts the scans of progressive frames, and of frames whose scans hold single components', () => {
    checkJpegWork(file(frame(0xc2, 3), ...scans(MAX_JPEG_SCANS, 1)), 100);
    assert.throws(() => checkJpegWork(file(frame(0xc2, 3), ...scans(MAX_JPEG_SCANS + 1, 1)), 100), { code: 'jpeg-work' });
    assert.throws(() => checkJpegWork(file(frame(0xc0, 3), ...scans(MAX_JPEG_SCANS + 1, 1)), 100), { code: 'jpeg-work' });
  });

  it('bounds scans times pixels, and the memory of coefficients', () => {
    checkJpegWork(file(frame(0xc2, 3), ...scans(10, 1)), 100_000_000);
    assert.throws(() => checkJpegWork(file(frame(0xc2, 3), ...scans(31, 1)), 100_000_000), { code: 'jpeg-work' });
    assert.throws(() => checkJpegWork(file(frame(0xc2, 3), scan(1)), 200_000_000), { code: 'jpeg-work' });
  });

  it('asks nothing more of a picture in one scan, however large', () => {
    checkJpegWork(file(frame(0xc0, 3), ...scans(500, 3)), 4_000_000_000);
  });
});
