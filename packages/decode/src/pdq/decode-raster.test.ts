import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePhotograph, makePicture } from '@kerbside/corpus';
import sharp, { type Sharp } from 'sharp';
import { decodeRaster } from './decode-raster.ts';
import { hashRaster } from './hash-raster.ts';
import { hammingDistance } from './hash-text.ts';
import type { PictureHashes } from './picture-hashes.ts';

const [WIDTH, HEIGHT] = [600, 450] as const;

function photograph(seed = 3): Sharp {
  return sharp(makePhotograph(seed, WIDTH, HEIGHT).pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

async function hashesOf(picture: Uint8Array): Promise<PictureHashes> {
  return hashRaster((await decodeRaster(picture)).raster);
}

const plain = async (): Promise<PictureHashes> => hashesOf(await photograph().png().toBuffer());

describe('decodeRaster', () => {
  it('ignores the EXIF orientation', async () => {
    const jpeg = await photograph().jpeg().toBuffer();
    const turned = await photograph().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    assert.deepEqual(await hashesOf(turned), await hashesOf(jpeg));
    assert.equal((await decodeRaster(turned)).raster.width, WIDTH);
  });

  it('ignores a colour profile', async () => {
    const jpeg = await photograph().jpeg({ quality: 95 }).toBuffer();
    // The same coded bytes with a profile of another gamut put into the file.
    const profile = (await sharp(await photograph().withIccProfile('p3').png().toBuffer()).metadata()).icc!;
    const length = profile.length + 16;
    const segment = Buffer.concat([Buffer.from([0xff, 0xe2, length >> 8, length & 0xff]), Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile]);
    const profiled = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
    assert.equal((await sharp(profiled).metadata()).hasProfile, true);
    assert.deepEqual((await decodeRaster(profiled)).raster, (await decodeRaster(jpeg)).raster);
  });

  it('drops alpha and does not blend it', async () => {
    const { pixels } = makePhotograph(3, WIDTH, HEIGHT);
    const withAlpha = new Uint8Array(WIDTH * HEIGHT * 4);
    for (let i = 0; i < WIDTH * HEIGHT; i++) withAlpha.set([pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!, i & 0xff], 4 * i);
    const raw = { raw: { width: WIDTH, height: HEIGHT, channels: 4 as const } };
    assert.deepEqual(await hashesOf(await sharp(withAlpha, raw).png().toBuffer()), await plain());
    const grey = await decodeRaster(await photograph().toColourspace('b-w').ensureAlpha(0.3).png().toBuffer());
    assert.equal(grey.raster.channels, 1);
  });

  it('takes grey as grey, and a palette as colours', async () => {
    const grey = await photograph().toColourspace('b-w').png().toBuffer();
    const { raster } = await decodeRaster(grey);
    assert.equal(raster.channels, 1);
    assert.deepEqual(hashRaster(raster), hashRaster({ ...raster, channels: 3, data: raster.data.reduce((wide, value, i) => wide.fill(value, 3 * i, 3 * i + 3), new Uint8Array(raster.data.length * 3)) }));
    const palette = await photograph().png({ palette: true, colours: 256, dither: 0 }).toBuffer();
    assert.equal((await decodeRaster(palette)).raster.channels, 3);
    assert.ok(hammingDistance((await hashesOf(palette)).dialects.full.hash, (await plain()).dialects.full.hash) <= 10);
  });

  it('takes the high byte of 16-bit values and marks the hash', async () => {
    const deep = new Uint16Array(WIDTH * HEIGHT);
    for (let i = 0; i < deep.length; i++) deep[i] = ((i % WIDTH) * 97 + Math.floor(i / WIDTH) * 31) & 0xffff;
    const png = await sharp(deep, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toColourspace('grey16').png().toBuffer();
    assert.equal((await sharp(png).metadata()).depth, 'ushort');
    const { raster, lowTrust } = await decodeRaster(png);
    assert.equal(lowTrust, true);
    assert.equal(raster.channels, 1);
    assert.deepEqual(raster.data, Uint8Array.from(deep, (value) => value >> 8));
  });

  it('turns CMYK into RGB, within what decoders differ by', async () => {
    const cmyk = await photograph().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const { raster } = await decodeRaster(cmyk);
    assert.equal(raster.channels, 3);
    assert.ok(hammingDistance(hashRaster(raster).dialects.full.hash, (await plain()).dialects.full.hash) <= 16);
  });

  it('takes the first picture of several and every everyday format', async () => {
    for (const kind of ['jpeg', 'png', 'gif'] as const) {
      const { raster } = await decodeRaster(makePicture({ kind, seed: 1, widthPx: 300, heightPx: 200 }));
      assert.deepEqual([raster.width, raster.height], [300, 200], kind);
    }
    for (const file of [await photograph().webp().toBuffer(), await photograph().tiff().toBuffer(), await photograph().resize(64, 48).avif({ effort: 0 }).toBuffer()]) await decodeRaster(file);
    const frames = await sharp(Buffer.concat([0, 1].map((seed) => Buffer.from(makePhotograph(seed, 60, 40).pixels))), { raw: { width: 60, height: 80, channels: 3, pageHeight: 40 } }).gif().toBuffer();
    assert.equal((await sharp(frames).metadata()).pages, 2);
    assert.equal((await decodeRaster(frames)).raster.height, 40);
  });

  it('says why a file cannot be decoded', async () => {
    await assert.rejects(decodeRaster(Buffer.from('no picture at all')), { code: 'picture-undecodable', message: /unsupported image format/ });
    await assert.rejects(decodeRaster((await photograph().png().toBuffer()).subarray(0, 20)), { code: 'picture-undecodable' });
  });

  it('takes what is left of a picture that is cut short, and says so', async () => {
    for (const whole of [await photograph().png().toBuffer(), await photograph().jpeg().toBuffer()]) {
      assert.equal((await decodeRaster(whole)).damaged, false);
      const { raster, damaged } = await decodeRaster(whole.subarray(0, whole.length >> 1));
      assert.deepEqual([raster.width, raster.height, damaged], [WIDTH, HEIGHT, true]);
    }
  });

  it('refuses stated sides that would fill the memory', async () => {
    const png = Buffer.from(await photograph().png().toBuffer());
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    await assert.rejects(decodeRaster(png), { code: 'picture-pixels' });
  });
});

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
