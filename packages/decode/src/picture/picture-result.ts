import type { PictureHashes } from '../pdq/picture-hashes.ts';

/** What a picture file is, by its content. `raw` stands with the camera maker's own form after it. */
export type PictureFormat =
  | 'jpeg'
  | 'png'
  | 'gif'
  | 'webp'
  | 'tiff'
  | 'bmp'
  | 'avif'
  | 'heic'
  | 'raw-cr2'
  | 'raw-cr3'
  | 'raw-nef'
  | 'raw-arw'
  | 'raw-dng'
  | 'raw-orf'
  | 'raw-rw2'
  | 'raw-raf';

/**
 * How far to go. `exact`: the whole picture, hashed bit for bit as the reference does. `fast`: JPEG from its brightness
 * plane, about 2 bits off; others as exact. `embedded-only`: thumbnails and previews, which cost a hundredth of the picture; no
 * hash where nothing is embedded, and the file may be cut off behind them.
 */
export type PictureMode = 'exact' | 'fast' | 'embedded-only';

/** Facts that the camera or a program wrote into the file. Each is null where the file does not say, or says nonsense. */
export interface ExifFacts {
  readonly capturedAt: CaptureTime | null;
  /** Decimal degrees, north and east positive. */
  readonly gps: { readonly latitude: number; readonly longitude: number } | null;
  readonly make: string | null;
  readonly model: string | null;
  /** 1 to 8 as EXIF counts them; hashes are of the stored pixels and are not turned by it. */
  readonly orientation: number | null;
  readonly software: string | null;
  readonly bodySerial: string | null;
}

/** Wall-clock time as the camera showed it. */
export interface CaptureTime {
  /** `2024-05-03T14:07:09` */
  readonly local: string;
  /** Minutes east of UTC; null where the camera did not record it, so that no moment in time follows. */
  readonly offsetMinutes: number | null;
  /** Which EXIF field it is from: taken, digitised, or only last changed. */
  readonly field: 'original' | 'digitised' | 'changed';
}

/** Hashes of one raster of the file. */
export interface PictureHashEntry {
  /** `preview`: a larger embedded picture (camera RAW, MPF). */
  readonly of: 'picture' | 'thumbnail' | 'preview';
  /** Pixels of the raster that was hashed; for `picture` the whole picture's. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** `thumbnail`: corrected for the reduction from the whole picture; `exact` on a thumbnail: as if it were the picture. */
  readonly mode: 'exact' | 'fast' | 'thumbnail';
  readonly hashes: PictureHashes;
  /** More than 8 bits a channel: other programs may hash it differently. */
  readonly lowTrust: boolean;
}

/** Small, checked facts about one picture file. */
export interface PictureResult {
  readonly format: PictureFormat;
  /** Pixels as stored, 0 where the file does not say. */
  readonly width: number;
  readonly height: number;
  /** Pictures in the file that follow one another (GIF, WebP, PNG, TIFF); 1 for a still. */
  readonly frames: number;
  /** One sentence when the file is cut short or damaged and could be read in part; null when it is whole. */
  readonly damaged: string | null;
  readonly exif: ExifFacts | null;
  /** In the order: picture, previews, thumbnails. Empty in the mode `embedded-only` alone: elsewhere, what gives no hash at all is an error. */
  readonly hashes: readonly PictureHashEntry[];
  /**
   * An embedded thumbnail lies far from the picture it stands in, in every reading: the picture was changed
   * and its thumbnail was not, or was swapped. A fact, no verdict. Null where there was nothing to compare.
   */
  readonly thumbnailDiffers: boolean | null;
}
