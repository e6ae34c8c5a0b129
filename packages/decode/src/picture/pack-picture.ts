/**
 * A picture's result on its way out of the sandbox: facts as JSON, hashes as bytes, one packed set (pdq/pack-hashes.ts) for
 * each entry in order. Both ends are here, so that they agree; the reading end trusts nothing.
 */
import { MalformedError, type JsonObject, type JsonValue } from '@kerbside/bytes';
import { PACKED_ORIENTATIONS_BYTES, PACKED_PLAIN_BYTES, packHashes, unpackHashes } from '../pdq/pack-hashes.ts';
import { MAX_EXIF_TEXT } from './exif-facts.ts';
import { MAX_FRAMES } from './frames-and-size.ts';
import type { CaptureTime, ExifFacts, PictureFormat, PictureHashEntry, PictureMode, PictureResult } from './picture-result.ts';

/** Entries of one file: the picture, two previews, two thumbnails in four readings and some to spare. */
export const MAX_ENTRIES = 16;

/** Longest sentence about damage. */
export const MAX_DAMAGE_TEXT = 240;

/** Beyond the sides that any format can state. */
const MAX_SIDE_PX = 2 ** 32;

const FORMATS: Readonly<Record<PictureFormat, true>> = {
  jpeg: true, png: true, gif: true, webp: true, tiff: true, bmp: true, avif: true, heic: true,
  'raw-cr2': true, 'raw-cr3': true, 'raw-nef': true, 'raw-arw': true, 'raw-dng': true, 'raw-orf': true, 'raw-rw2': true, 'raw-raf': true,
};

export function packPicture(result: PictureResult): { json: JsonObject; bytes: Uint8Array } {
  const { hashes, ...facts } = result;
  const entries = hashes.map(({ of, widthPx, heightPx, mode, lowTrust }) => ({ of, widthPx, heightPx, mode, lowTrust }));
  return { json: { ...facts, exif: facts.exif as JsonObject | null, entries }, bytes: Buffer.concat(hashes.map((entry) => packHashes(entry.hashes))) };
}

/**
 * @param orientations whether all eight were asked for
 * @param mode that was asked for: one alone may bring no hash
 * @throws MalformedError `decoder-lied` when a field is missing, of another type or out of range
 */
export function unpackPicture(json: JsonObject, bytes: Uint8Array, orientations: boolean, mode: PictureMode): PictureResult {
  const { format, width, height, frames, damaged, exif, entries, thumbnailDiffers } = json;
  if (typeof format !== 'string' || !Object.hasOwn(FORMATS, format)) throw lied('a format that is none');
  if (!isWhole(width, 0, MAX_SIDE_PX) || !isWhole(height, 0, MAX_SIDE_PX)) throw lied('sides that no picture has');
  if (!isWhole(frames, 1, MAX_FRAMES)) throw lied('a number of frames that no picture has');
  if (damaged !== null && !isText(damaged, MAX_DAMAGE_TEXT)) throw lied('damage that is no sentence');
  if (thumbnailDiffers !== null && typeof thumbnailDiffers !== 'boolean') throw lied('a mark that is neither true nor false');
  if (!Array.isArray(entries) || (entries.length < 1 && mode !== 'embedded-only') || entries.length > MAX_ENTRIES) throw lied('a number of hashes that no picture has');
  const size = orientations ? PACKED_ORIENTATIONS_BYTES : PACKED_PLAIN_BYTES;
  if (bytes.length !== entries.length * size) throw lied('hashes of another length');
  const hashes = entries.map((entry: JsonValue, i) => unpackEntry(entry, bytes.subarray(i * size, (i + 1) * size)));
  return { format: format as PictureFormat, width, height, frames, damaged, exif: unpackExif(exif), hashes, thumbnailDiffers };
}

function unpackEntry(entry: JsonValue, packed: Uint8Array): PictureHashEntry {
  const { of, widthPx, heightPx, mode, lowTrust } = asObject(entry);
  const hashes = unpackHashes(packed);
  if (of !== 'picture' && of !== 'thumbnail' && of !== 'preview') throw lied('a hash of nothing');
  if (mode !== 'exact' && mode !== 'fast' && mode !== 'thumbnail') throw lied('a hash in a mode that is none');
  if (!isWhole(widthPx, 1, MAX_SIDE_PX) || !isWhole(heightPx, 1, MAX_SIDE_PX)) throw lied('sides that no picture has');
  if (typeof lowTrust !== 'boolean' || hashes === null) throw lied('hashes that are none');
  return { of, widthPx, heightPx, mode, hashes, lowTrust };
}

function unpackExif(value: JsonValue | undefined): ExifFacts | null {
  if (value === null) return null;
  const { capturedAt, gps, make, model, orientation, software, bodySerial } = asObject(value);
  const text = (one: JsonValue | undefined): string | null => {
    if (one !== null && !isText(one, MAX_EXIF_TEXT)) throw lied('a text that is none');
    return one;
  };
  if (orientation !== null && !isWhole(orientation, 1, 8)) throw lied('an orientation that is none');
  return { capturedAt: unpackTime(capturedAt), gps: unpackGps(gps), make: text(make), model: text(model), orientation, software: text(software), bodySerial: text(bodySerial) };
}

function unpackTime(value: JsonValue | undefined): CaptureTime | null {
  if (value === null) return null;
  const { local, offsetMinutes, field } = asObject(value);
  if (typeof local !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(local) || Number.isNaN(Date.parse(`${local}Z`))) throw lied('a time that is none');
  if (offsetMinutes !== null && !isWhole(offsetMinutes, -14 * 60, 14 * 60)) throw lied('an offset that no zone has');
  if (field !== 'original' && field !== 'digitised' && field !== 'changed') throw lied('a time from nowhere');
  return { local, offsetMinutes, field };
}

function unpackGps(value: JsonValue | undefined): ExifFacts['gps'] {
  if (value === null) return null;
  const { latitude, longitude } = asObject(value);
  if (typeof latitude !== 'number' || typeof longitude !== 'number' || !(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) throw lied('a place that is not on earth');
  return { latitude, longitude };
}

function asObject(value: JsonValue | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw lied('something else than facts');
  return value as JsonObject;
}

function isWhole(value: JsonValue | undefined, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

/** Printable, not empty, not too long: it will stand in reports. */
function isText(value: JsonValue | undefined, longest: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longest && !/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(value);
}

function lied(what: string): MalformedError {
  return new MalformedError('decoder-lied', `The sandbox answered with ${what}.`);
}
