import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, JsonValue } from '@kerbside/bytes';
import { makeCameraPicture, makeExif, makePicture, putExifIntoJpeg } from '@kerbside/corpus';
import { examinePicture } from './handle-picture.ts';
import { packPicture, unpackPicture } from './pack-picture.ts';

const picture = makeCameraPicture({ seed: 2, widthPx: 64, heightPx: 48, make: 'K', takenAt: '2024-05-03T14:07:09', gps: { latitude: 1, longitude: 2 } });

test('a result survives packing and unpacking', async () => {
  for (const orientations of [false, true]) {
    const result = await examinePicture(picture, 'fast', orientations);
    const { json, bytes } = packPicture(result);
    deepEqual(unpackPicture(JSON.parse(JSON.stringify(json)) as JsonObject, Uint8Array.from(bytes), orientations, 'exact'), result);
  }
});

test('no hash at all is an answer in the mode that asks for embedded pictures only', async () => {
  const bare = putExifIntoJpeg(makePicture({ kind: 'jpeg', seed: 4, widthPx: 64, heightPx: 48 }), makeExif({ make: 'K' }));
  const result = await examinePicture(bare, 'embedded-only', true);
  deepEqual(result.hashes, []);
  const { json, bytes } = packPicture(result);
  deepEqual(unpackPicture(json, bytes, true, 'embedded-only'), result);
  throws(() => unpackPicture(json, bytes, true, 'fast'), { code: 'decoder-lied' });
});

/** Values that stand for what a taken-over worker may answer in any field. */
const LIES: readonly JsonValue[] = [-1, 1.5, 1e300, 'x'.repeat(300), 'a\nb', [], {}, true, ''];

test('a lie in any field is refused, or is a value that the field may have', async () => {
  const result = await examinePicture(picture, 'fast', false);
  const { json, bytes } = packPicture(result);
  const change = (path: readonly (string | number)[], value: JsonValue | undefined): JsonObject => {
    const copy = JSON.parse(JSON.stringify(json)) as JsonObject;
    let at = copy as Record<string | number, JsonValue>;
    for (const part of path.slice(0, -1)) at = at[part] as Record<string | number, JsonValue>;
    if (value === undefined) delete at[path.at(-1)!];
    else at[path.at(-1)!] = value;
    return copy;
  };
  const paths = [['format'], ['width'], ['height'], ['frames'], ['damaged'], ['thumbnailDiffers'], ['exif'], ['entries'], ['entries', 0], ['entries', 0, 'of'], ['entries', 0, 'mode'], ['entries', 0, 'widthPx'], ['entries', 0, 'lowTrust'], ['exif', 'capturedAt'], ['exif', 'capturedAt', 'local'], ['exif', 'capturedAt', 'field'], ['exif', 'gps', 'latitude'], ['exif', 'make'], ['exif', 'orientation']];
  const allowed = new Set(['thumbnailDiffers:true', 'entries.0.lowTrust:true', 'exif.gps.latitude:-1', 'exif.gps.latitude:1.5']);
  for (const path of paths) {
    // A list over the wire has no holes.
    if (typeof path.at(-1) === 'string') throws(() => unpackPicture(change(path, undefined), bytes, false, 'exact'), { code: 'decoder-lied' }, `${path.join('.')} missing`);
    for (const value of LIES) {
      const name = `${path.join('.')}:${JSON.stringify(value)}`;
      if (!allowed.has(name)) throws(() => unpackPicture(change(path, value), bytes, false, 'exact'), { code: 'decoder-lied' }, name);
    }
  }
  throws(() => unpackPicture(json, bytes.subarray(1), false, 'exact'), { code: 'decoder-lied' });
  throws(() => unpackPicture(json, bytes, true, 'exact'), { code: 'decoder-lied' });
  const overQuality = Uint8Array.from(bytes);
  overQuality[32] = 101;
  throws(() => unpackPicture(json, overQuality, false, 'exact'), { code: 'decoder-lied' });
});
