import { makeExif, type ExifOptions } from './make-exif.ts';
import { putExifIntoJpeg } from './put-exif.ts';
import { writeTiff, type TagDirectory, type TagValue } from './write-tiff.ts';
import { ascii, box, u32 } from '../media/box.ts';

export type CameraRawKind = 'cr2' | 'cr3' | 'nef' | 'arw' | 'dng' | 'orf' | 'rw2' | 'raf';
export const CAMERA_RAW_KINDS: readonly CameraRawKind[] = ['cr2', 'cr3', 'nef', 'arw', 'dng', 'orf', 'rw2', 'raf'];

export interface CameraRawOptions extends Pick<ExifOptions, 'make' | 'model' | 'takenAt'> {
  readonly kind: CameraRawKind;
  /** The JPEG that the camera puts in. */
  readonly preview: Uint8Array;
  /** Pixels of the sensor. */
  readonly widthPx: number;
  readonly heightPx: number;
}

const MAKES: Readonly<Record<CameraRawKind, string>> = { cr2: 'Canon', cr3: 'Canon', nef: 'NIKON CORPORATION', arw: 'SONY', dng: 'Kerbside', orf: 'OLYMPUS', rw2: 'Panasonic', raf: 'FUJIFILM' };

/** Bytes that stand for the sensor's data; no value FF, so that nothing in it looks like a JPEG. */
const SENSOR = Buffer.alloc(4096, 0x5a);

/** A file with the structure of a camera maker's raw form, a true preview and no true sensor data. */
export function makeCameraRaw(options: CameraRawOptions): Buffer {
  const { kind, preview } = options;
  const make = options.make ?? MAKES[kind];
  const tags = (more: Iterable<readonly [number, TagValue]>): TagDirectory =>
    new Map<number, TagValue>([[0x10f, { type: 'ascii', text: make }], [0x110, { type: 'ascii', text: options.model ?? 'Test' }], ...exifTags(options), ...more]);
  const jpeg: TagValue = { type: 'data', bytes: preview, lengthTag: 0x202 };
  switch (kind) {
    case 'cr2':
      return writeTiff([tags([[0x103, { type: 'short', numbers: [6] }], [0x111, { type: 'data', bytes: preview, lengthTag: 0x117 }]]), sensorTags(options)], { gap: Buffer.from('CR\x02\0\0\0\0\0', 'latin1') });
    case 'nef':
      return writeTiff([tags([[0xfe, { type: 'long', numbers: [1] }], [0x14a, { type: 'directories', directories: [new Map([[0x201, jpeg]]), sensorTags(options)] }]])], { order: 'MM' });
    case 'arw':
      return writeTiff([tags([[0xfe, { type: 'long', numbers: [1] }], [0x201, jpeg], [0x14a, { type: 'directories', directories: [sensorTags(options)] }]])]);
    case 'dng': {
      const small = new Map<number, TagValue>([[0xfe, { type: 'long', numbers: [1] }], [0x103, { type: 'short', numbers: [7] }], [0x111, { type: 'data', bytes: preview, lengthTag: 0x117 }]]);
      return writeTiff([tags([[0xc612, { type: 'bytes', bytes: Buffer.from([1, 4, 0, 0]) }], [0x14a, { type: 'directories', directories: [sensorTags(options), small] }]])]);
    }
    case 'orf':
      // The preview stands in the maker's own note, which only the maker describes.
      return writeTiff([tags([[0x927c, { type: 'bytes', bytes: preview }], ...sensorTags(options)])], { magic: 0x4f52 });
    case 'rw2':
      return writeTiff([tags([[0x2e, { type: 'bytes', bytes: preview }]])], { magic: 0x55 });
    case 'raf':
      return makeRaf(options, make);
    case 'cr3':
      return makeCr3(options, make);
  }
}

function sensorTags({ widthPx, heightPx }: CameraRawOptions): Map<number, TagValue> {
  return new Map<number, TagValue>([
    [0x100, { type: 'long', numbers: [widthPx] }],
    [0x101, { type: 'long', numbers: [heightPx] }],
    [0x103, { type: 'short', numbers: [1] }],
    [0x111, { type: 'data', bytes: SENSOR, lengthTag: 0x117 }],
  ]);
}

function exifTags({ takenAt }: CameraRawOptions): readonly (readonly [number, TagValue])[] {
  if (takenAt === undefined) return [];
  const taken: TagDirectory = new Map([[0x9003, { type: 'ascii', text: takenAt.replaceAll('-', ':').replace('T', ' ') } as const]]);
  return [[0x8769, { type: 'directories', directories: [taken] }]];
}

/** Fujifilm: 16 letters, version, camera; at 84 the offset and length of a whole JPEG. */
function makeRaf(options: CameraRawOptions, make: string): Buffer {
  const jpeg = putExifIntoJpeg(options.preview, makeExif({ ...options, make }));
  const head = Buffer.alloc(148);
  head.write('FUJIFILMCCD-RAW 0201FF383501', 0, 'latin1');
  head.write(options.model ?? 'Test', 28, 'latin1');
  head.writeUInt32BE(148, 84);
  head.writeUInt32BE(jpeg.length, 88);
  return Buffer.concat([head, jpeg, SENSOR]);
}

/** Canon's boxes: `moov` with the metadata box (CMT1 main, CMT2 EXIF), then `mdat` with the preview. */
function makeCr3(options: CameraRawOptions, make: string): Buffer {
  const main = makeExif({ make, model: options.model ?? 'Test' });
  const taken = options.takenAt === undefined ? [] : [box('CMT2', writeTiff([new Map<number, TagValue>([[0x9003, { type: 'ascii', text: options.takenAt.replaceAll('-', ':').replace('T', ' ') }]])]))];
  const metadata = box('uuid', Buffer.from('85c0b687820f11e08111f4ce462b6a48', 'hex'), box('CMT1', main), ...taken);
  return Buffer.concat([box('ftyp', ascii('crx '), u32(1), ascii('crx isom')), box('moov', metadata), box('mdat', Buffer.from(options.preview), SENSOR)]);
}
