import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAMERA_RAW_KINDS, makeCameraPicture, makeCameraRaw, makeExif, makePhotograph, makePicture, putExifIntoJpeg, putExifIntoPng, putExifIntoWebp } from '@kerbside/corpus';
import sharp, { type Sharp } from 'sharp';
import { hammingDistance } from '../pdq/hash-text.ts';
import { examinePicture } from './handle-picture.ts';
import type { ExifFacts, PictureHashEntry, PictureResult } from './picture-result.ts';

const WIDTH_PX = 800;
const HEIGHT_PX = 600;
const { pixels } = makePhotograph(3, WIDTH_PX, HEIGHT_PX);
const photograph = (): Sharp => sharp(pixels, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } });
const small = async (seed: number, width = 160, height = 120): Promise<Buffer> => {
  const { pixels: own } = makePhotograph(seed, WIDTH_PX, HEIGHT_PX);
  return sharp(own, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } }).resize(width, height, { fit: 'fill' }).jpeg().toBuffer();
};

const OPTIONS = { make: 'Kamerawerk', model: 'K 1', software: 'Firmware 2.0', bodySerial: 'A77-12', takenAt: '2024-05-03T14:07:09', offset: '+02:00', gps: { latitude: -48.205, longitude: 16.371 }, orientation: 6 } as const;
const FACTS: ExifFacts = {
  capturedAt: { local: '2024-05-03T14:07:09', offsetMinutes: 120, field: 'original' },
  gps: { latitude: -48.205, longitude: 16.371 },
  make: 'Kamerawerk',
  model: 'K 1',
  orientation: 6,
  software: 'Firmware 2.0',
  bodySerial: 'A77-12',
};

function entry({ hashes }: PictureResult, of: PictureHashEntry['of'], mode: PictureHashEntry['mode']): PictureHashEntry {
  const found = hashes.find((one) => one.of === of && one.mode === mode);
  ok(found, `no ${of} in mode ${mode}`);
  return found;
}

function distance(a: PictureHashEntry, b: PictureHashEntry): number {
  return hammingDistance(a.hashes.dialects.full.hash, b.hashes.dialects.full.hash);
}

test('one photograph in every format gives its sides and one hash, with the facts where the format holds them', async () => {
  const jpeg = await photograph().jpeg({ quality: 90 }).toBuffer();
  const reference = entry(await examinePicture(await photograph().png().toBuffer(), 'exact', false), 'picture', 'exact');
  const bitmap = Buffer.alloc(54 + WIDTH_PX * HEIGHT_PX * 3);
  makePicture({ kind: 'bmp', seed: 1, widthPx: WIDTH_PX, heightPx: HEIGHT_PX }).copy(bitmap, 0, 0, 54);
  for (let y = 0; y < HEIGHT_PX; y++) for (let x = 0; x < WIDTH_PX; x++) for (let c = 0; c < 3; c++) bitmap[54 + ((HEIGHT_PX - 1 - y) * WIDTH_PX + x) * 3 + 2 - c] = pixels[(y * WIDTH_PX + x) * 3 + c]!;
  const files: readonly (readonly [string, Buffer, boolean])[] = [
    ['jpeg', putExifIntoJpeg(jpeg, makeExif(OPTIONS)), true],
    ['png', putExifIntoPng(await photograph().png().toBuffer(), makeExif({ ...OPTIONS, order: 'MM' })), true],
    ['webp', putExifIntoWebp(await photograph().webp({ quality: 90 }).toBuffer(), makeExif(OPTIONS), WIDTH_PX, HEIGHT_PX), true],
    ['tiff', await photograph().tiff({ compression: 'lzw' }).toBuffer(), false],
    ['gif', await photograph().gif().toBuffer(), false],
    ['avif', await photograph().avif({ effort: 0, quality: 80 }).toBuffer(), false],
    ['bmp', bitmap, false],
  ];
  for (const [format, bytes, withFacts] of files) {
    const result = await examinePicture(bytes, 'exact', false);
    deepEqual([result.format, result.width, result.height, result.frames, result.damaged], [format, WIDTH_PX, HEIGHT_PX, 1, null]);
    if (withFacts) deepEqual(result.exif, FACTS, format);
    const bits = distance(entry(result, 'picture', 'exact'), reference);
    ok(bits <= (format === 'png' || format === 'tiff' || format === 'bmp' ? 0 : 10), `${format}: ${bits} bits`);
  }
});

for (const kind of CAMERA_RAW_KINDS) {
  test(`camera raw ${kind} is told apart, hashed by its preview, and gives the camera and the time`, async () => {
    const preview = await photograph().jpeg().toBuffer();
    const bytes = makeCameraRaw({ kind, preview, model: 'K 1', takenAt: OPTIONS.takenAt, widthPx: 6000, heightPx: 4000 });
    const result = await examinePicture(bytes, 'fast', false);
    equal(result.format, `raw-${kind}`);
    equal(result.exif?.model, 'K 1');
    equal(result.exif?.capturedAt?.local, OPTIONS.takenAt);
    if (kind !== 'cr3' && kind !== 'rw2' && kind !== 'raf') deepEqual([result.width, result.height], [6000, 4000]);
    const whole = await examinePicture(preview, 'exact', false);
    ok(result.hashes.length > 0 && result.hashes.some((one) => distance(one, entry(whole, 'picture', 'exact')) <= 6));
  });
}

test('HEIC: facts, picture and thumbnail; the thumbnail alone when it is enough', async (t) => {
  if (!existsSync('/usr/bin/heif-enc')) return t.skip('heif-enc (Debian libheif-examples) is not installed: there is no HEIC to read');
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-heic-'));
  try {
    writeFileSync(join(folder, 'a.jpg'), putExifIntoJpeg(await photograph().jpeg({ quality: 95 }).toBuffer(), makeExif(OPTIONS)));
    execFileSync('/usr/bin/heif-enc', ['-q', '70', '-t', '240', join(folder, 'a.jpg'), '-o', join(folder, 'a.heic')], { stdio: 'ignore' });
    const bytes = readFileSync(join(folder, 'a.heic'));
    const result = await examinePicture(bytes, 'exact', false);
    deepEqual([result.format, result.width, result.height, result.damaged], ['heic', WIDTH_PX, HEIGHT_PX, null]);
    deepEqual(result.exif, FACTS);
    equal(result.thumbnailDiffers, false);
    const reference = entry(await examinePicture(await photograph().png().toBuffer(), 'exact', false), 'picture', 'exact');
    ok(distance(entry(result, 'picture', 'exact'), reference) <= 10);
    const first = await examinePicture(bytes, 'embedded-only', false);
    ok(first.hashes.every(({ of }) => of === 'thumbnail'));
    ok(Math.min(...first.hashes.map((one) => distance(one, reference))) <= 31);
    await rejects(examinePicture(bytes.subarray(0, bytes.length >> 1), 'exact', false), { code: 'picture-undecodable' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an embedded thumbnail is hashed in two readings and found true', async () => {
  const bytes = putExifIntoJpeg(await photograph().jpeg().toBuffer(), makeExif({ ...OPTIONS, thumbnail: await small(3) }));
  const result = await examinePicture(bytes, 'fast', true);
  equal(result.thumbnailDiffers, false);
  ok(distance(entry(result, 'thumbnail', 'thumbnail'), entry(result, 'picture', 'fast')) <= 31);
  equal(entry(result, 'thumbnail', 'exact').widthPx, 160);
  const thumbnails = result.hashes.filter(({ of }) => of === 'thumbnail');
  deepEqual((await examinePicture(bytes, 'embedded-only', true)).hashes, thumbnails);
  deepEqual((await examinePicture(bytes.subarray(0, 20_000), 'embedded-only', true)).hashes, thumbnails, 'the head of the file is enough');
  ok(result.hashes.every(({ hashes }) => hashes.orientations !== undefined));
});

test('a thumbnail of another picture is told; a turned or letterboxed one of the same is not', async () => {
  const jpeg = await photograph().jpeg().toBuffer();
  const withThumbnail = async (thumbnail: Buffer, picture = jpeg): Promise<boolean | null> => {
    const result = await examinePicture(putExifIntoJpeg(picture, makeExif({ thumbnail })), 'fast', false);
    ok(result.hashes.every(({ hashes }) => hashes.orientations === undefined));
    return result.thumbnailDiffers;
  };
  equal(await withThumbnail(await small(77)), true);
  equal(await withThumbnail(await sharp(await small(3)).rotate(90).jpeg().toBuffer()), false);
  const wide = await photograph().resize(900, 600, { fit: 'fill' }).jpeg().toBuffer();
  const boxed = await sharp(await small(3, 160, 107)).extend({ top: 6, bottom: 7, background: '#000' }).jpeg().toBuffer();
  equal(await withThumbnail(boxed, wide), false);
  equal((await examinePicture(jpeg, 'fast', false)).thumbnailDiffers, null);
});

test('frames of moving pictures are counted and the first is hashed', async () => {
  const frames = [3, 4, 5].map((seed) => Buffer.from(makePhotograph(seed, 120, 90).pixels));
  const moving = (): Sharp => sharp(Buffer.concat(frames), { raw: { width: 120, height: 270, channels: 3, pageHeight: 90 } });
  const first = entry(await examinePicture(await sharp(frames[0], { raw: { width: 120, height: 90, channels: 3 } }).png().toBuffer(), 'exact', false), 'picture', 'exact');
  for (const bytes of [await moving().gif().toBuffer(), await moving().webp({ lossless: true }).toBuffer()]) {
    const result = await examinePicture(bytes, 'exact', false);
    deepEqual([result.frames, result.width, result.height], [3, 120, 90], result.format);
    ok(distance(entry(result, 'picture', 'exact'), first) <= 10);
  }
});

test('dates and places that are none are not told', async () => {
  const facts = async (options: Parameters<typeof makeExif>[0]): Promise<ExifFacts | null> =>
    (await examinePicture(makeCameraPicture({ seed: 1, widthPx: 64, heightPx: 48, ...options }), 'fast', false)).exif;
  for (const takenAt of ['0000-00-00T00:00:00', '2024-02-30T10:00:00', '2024-13-01T10:00:00', '    -  -  T  :  :  ']) equal((await facts({ takenAt, model: 'K' }))?.capturedAt, null, takenAt);
  equal((await facts({ takenAt: '2024-02-29T10:00:00', offset: 'none' }))?.capturedAt?.offsetMinutes, null);
  equal((await facts({ gps: { latitude: 0, longitude: 0 }, model: 'K' }))?.gps, null);
  equal((await facts({ make: 'K\u001b[31m\u202ered\n' }))?.make, 'K [31m red');
  equal(await facts({}), null);
});

test('a bitmap of every depth and direction shows the same picture', async () => {
  const bytes = makePicture({ kind: 'bmp', seed: 4, widthPx: 120, heightPx: 90, grain: 0 });
  const reference = entry(await examinePicture(bytes, 'exact', false), 'picture', 'exact');
  const deep = Buffer.concat([bytes.subarray(0, 54), Buffer.alloc(120 * 90 * 4)]);
  deep.writeUInt16LE(32, 28);
  deep.writeInt32LE(-90, 22);
  const half = Buffer.concat([bytes.subarray(0, 54), Buffer.alloc(120 * 90 * 2)]);
  half.writeUInt16LE(16, 28);
  for (let y = 0; y < 90; y++) {
    for (let x = 0; x < 120; x++) {
      const from = 54 + (y * 120 + x) * 3;
      bytes.copy(deep, 54 + ((89 - y) * 120 + x) * 4, from, from + 3);
      half.writeUInt16LE(((bytes[from + 2]! >> 3) << 10) | ((bytes[from + 1]! >> 3) << 5) | (bytes[from]! >> 3), 54 + (y * 120 + x) * 2);
    }
  }
  equal(distance(entry(await examinePicture(deep, 'exact', false), 'picture', 'exact'), reference), 0);
  ok(distance(entry(await examinePicture(half, 'exact', false), 'picture', 'exact'), reference) <= 12);
});
