import type { CaptureTime, ExifFacts } from './picture-result.ts';
import { TIFF_TAG, type TiffDirectory, type TiffTree } from './tiff-directories.ts';

/** Longest text that is passed on; makers' and programs' names are shorter. */
export const MAX_EXIF_TEXT = 64;

/** Letters of the fields `GPSLatitudeRef` and `GPSLongitudeRef`, their tags and the values' tags (EXIF 2.32, table 15). */
const GPS = { latitudeRef: 1, latitude: 2, longitudeRef: 3, longitude: 4 } as const;

/** @returns null when none of the facts is there */
export function exifFacts({ directories }: TiffTree): ExifFacts | null {
  const main = directories.filter(({ role, place }) => role === 'main' && place === 0);
  const exif = directories.filter(({ role }) => role === 'exif');
  const facts: ExifFacts = {
    capturedAt: captureTime(main, exif),
    gps: position(directories.filter(({ role }) => role === 'gps')),
    make: firstText(main, TIFF_TAG.make),
    model: firstText(main, TIFF_TAG.model),
    orientation: orientationOf(main),
    software: firstText(main, TIFF_TAG.software),
    bodySerial: firstText(exif, TIFF_TAG.bodySerial) ?? firstText(main, TIFF_TAG.cameraSerial),
  };
  return Object.values(facts).some((value) => value !== null) ? facts : null;
}

function firstText(directories: readonly TiffDirectory[], tag: number): string | null {
  for (const directory of directories) {
    const text = directory.text(tag);
    if (text !== null) return text.slice(0, MAX_EXIF_TEXT).trim();
  }
  return null;
}

function orientationOf(main: readonly TiffDirectory[]): number | null {
  const value = main[0]?.number(TIFF_TAG.orientation) ?? null;
  return value !== null && value >= 1 && value <= 8 ? value : null;
}

function captureTime(main: readonly TiffDirectory[], exif: readonly TiffDirectory[]): CaptureTime | null {
  const sources = [
    [exif, TIFF_TAG.takenAt, TIFF_TAG.takenOffset, 'original'],
    [exif, TIFF_TAG.digitisedAt, TIFF_TAG.digitisedOffset, 'digitised'],
    [main, TIFF_TAG.changedAt, TIFF_TAG.changedOffset, 'changed'],
  ] as const;
  for (const [directories, tag, offsetTag, field] of sources) {
    const local = localTime(firstText(directories, tag));
    if (local !== null) return { local, offsetMinutes: offsetMinutes(firstText(exif, offsetTag)), field };
  }
  return null;
}

/** `2024:05:03 14:07:09` as `2024-05-03T14:07:09`; null for a date that is none, as cameras with a dead clock write. */
function localTime(text: string | null): string | null {
  const parts = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(text ?? '');
  if (parts === null) return null;
  const local = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}`;
  const moment = new Date(`${local}Z`);
  return Number.isNaN(moment.getTime()) || Number(parts[1]) < 1900 || moment.toISOString().slice(0, 19) !== local ? null : local;
}

/** `+02:00` as 120. */
function offsetMinutes(text: string | null): number | null {
  const parts = /^([+-])(\d\d):(\d\d)$/.exec(text ?? '');
  if (parts === null) return null;
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return minutes > 14 * 60 || Number(parts[3]) > 59 ? null : (parts[1] === '-' ? -1 : 1) * minutes;
}

function position(directories: readonly TiffDirectory[]): ExifFacts['gps'] {
  for (const directory of directories) {
    const latitude = degrees(directory, GPS.latitude, GPS.latitudeRef, 'S', 90);
    const longitude = degrees(directory, GPS.longitude, GPS.longitudeRef, 'W', 180);
    // 0, 0 is what a receiver without a fix writes.
    if (latitude !== null && longitude !== null && (latitude !== 0 || longitude !== 0)) return { latitude, longitude };
  }
  return null;
}

function degrees(directory: TiffDirectory, tag: number, refTag: number, negative: string, limit: number): number | null {
  const [whole, minutes = 0, seconds = 0] = directory.numbers(tag) ?? [];
  if (whole === undefined) return null;
  const value = whole + minutes / 60 + seconds / 3600;
  if (!Number.isFinite(value) || whole < 0 || minutes < 0 || seconds < 0 || value > limit) return null;
  const signed = directory.text(refTag)?.toUpperCase() === negative ? -value : value;
  // A ten-millionth of a degree is a centimetre: more digits are noise of the division.
  return Math.round(signed * 1e7) / 1e7 + 0;
}
