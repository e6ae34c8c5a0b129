import { writeTiff, type TagDirectory, type TagValue } from './write-tiff.ts';

/** What a camera writes into its pictures. Everything may be left out. */
export interface ExifOptions {
  readonly make?: string;
  readonly model?: string;
  readonly software?: string;
  readonly bodySerial?: string;
  /** `2024-05-03T14:07:09`, as the camera's clock showed it. */
  readonly takenAt?: string;
  /** `+02:00` */
  readonly offset?: string;
  /** Decimal degrees, north and east positive. */
  readonly gps?: { readonly latitude: number; readonly longitude: number };
  readonly orientation?: number;
  /** A small JPEG. */
  readonly thumbnail?: Uint8Array;
  readonly order?: 'II' | 'MM';
}

/** A block of EXIF tags, without the six letters that JPEG puts before it. */
export function makeExif(options: ExifOptions): Buffer {
  const main = new Map<number, TagValue>();
  const ascii = (tags: Map<number, TagValue>, tag: number, text: string | undefined): void => {
    if (text !== undefined) tags.set(tag, { type: 'ascii', text });
  };
  ascii(main, 0x10f, options.make);
  ascii(main, 0x110, options.model);
  ascii(main, 0x131, options.software);
  if (options.orientation !== undefined) main.set(0x112, { type: 'short', numbers: [options.orientation] });
  const exif = new Map<number, TagValue>();
  ascii(exif, 0x9003, options.takenAt?.replaceAll('-', ':').replace('T', ' '));
  ascii(exif, 0x9011, options.offset);
  ascii(exif, 0xa431, options.bodySerial);
  if (exif.size > 0) main.set(0x8769, { type: 'directories', directories: [exif] });
  if (options.gps !== undefined) main.set(0x8825, { type: 'directories', directories: [gpsTags(options.gps)] });
  const chain: TagDirectory[] = [main];
  if (options.thumbnail !== undefined) {
    chain.push(new Map<number, TagValue>([[0x103, { type: 'short', numbers: [6] }], [0x201, { type: 'data', bytes: options.thumbnail, lengthTag: 0x202 }]]));
  }
  return writeTiff(chain, options.order === undefined ? {} : { order: options.order });
}

function gpsTags({ latitude, longitude }: { latitude: number; longitude: number }): TagDirectory {
  // Degrees and minutes whole, seconds in thousandths, as phones write them.
  const parts = (value: number): TagValue => {
    const thousandths = Math.round(Math.abs(value) * 3_600_000);
    return { type: 'rational', numbers: [Math.floor(thousandths / 3_600_000), Math.floor((thousandths % 3_600_000) / 60_000), (thousandths % 60_000) / 1000], divisor: 1000 };
  };
  return new Map<number, TagValue>([
    [1, { type: 'ascii', text: latitude < 0 ? 'S' : 'N' }],
    [2, parts(latitude)],
    [3, { type: 'ascii', text: longitude < 0 ? 'W' : 'E' }],
    [4, parts(longitude)],
  ]);
}
