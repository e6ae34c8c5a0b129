import { KerbsideError, UnsupportedError } from '@kerbside/bytes';
import { decodeRaster } from '../pdq/decode-raster.ts';
import { hashJpegFast } from '../pdq/hash-jpeg-fast.ts';
import { hashRaster } from '../pdq/hash-raster.ts';
import type { Handler } from '../worker/handler.ts';
import { thumbnailDiffers } from './compare-thumbnail.ts';
import { decodeBmp } from './decode-bmp.ts';
import { decodeHeic } from './decode-heic.ts';
import { jpegsOfMpf, jpegsOfRaw, jpegsOfTags, type EmbeddedJpeg } from './embedded-jpegs.ts';
import { exifFacts } from './exif-facts.ts';
import { findExifBlocks } from './find-exif.ts';
import { readStatedSize, type StatedSize } from './frames-and-size.ts';
import { hashEmbedded, hashThumbnailRaster, type HashedEmbedded } from './hash-embedded.ts';
import { readJpegParts } from './jpeg-parts.ts';
import { MAX_ENTRIES, packPicture } from './pack-picture.ts';
import { recognisePicture } from './picture-format.ts';
import type { PictureFormat, PictureHashEntry, PictureMode, PictureResult } from './picture-result.ts';
import { readTiffDirectories, TIFF_TAG, type TiffTree } from './tiff-directories.ts';

/** Thumbnails and previews of one file that are hashed. */
const MAX_HASHED_EMBEDDED = 3;

/** What is known before a pixel is decoded. */
interface Opened {
  readonly bytes: Uint8Array;
  readonly format: PictureFormat;
  readonly stated: StatedSize;
  readonly blocks: readonly Uint8Array[];
  readonly trees: readonly TiffTree[];
}

/** What decoding gave. */
interface Hashed {
  readonly entries: readonly PictureHashEntry[];
  readonly damaged: string | null;
}

const CUT_SHORT = 'The picture is cut short or damaged; its hashes are of what is left.';

/**
 * Request `picture`: `{ mode, orientations }` in; facts and hashes of one picture file out (pack-picture.ts).
 *
 * @throws UnsupportedError `picture-unknown`, `picture-no-preview`; MalformedError `picture-undecodable`;
 *   LimitError `picture-pixels`, `jpeg-work`
 */
export const handlePicture: Handler = async (request, input) => {
  const mode = request['mode'] as PictureMode;
  return packPicture(await examinePicture(input.bytes(), mode, request['orientations'] === true));
};

/** The same as a function. Runs native decoders: only ever called inside the sandbox. */
export async function examinePicture(bytes: Uint8Array, mode: PictureMode, orientations: boolean): Promise<PictureResult> {
  const format = recognisePicture(bytes);
  if (format === null) throw new UnsupportedError('picture-unknown', 'The content is no picture of a kind that is decoded.');
  const blocks = findExifBlocks(bytes, format);
  const trees = blocks.map((block) => readTiffDirectories(block));
  const opened: Opened = { bytes, format, stated: readStatedSize(bytes, format, trees[0] ?? null), blocks, trees };
  const { entries, damaged } = await hashOpened(opened, mode, orientations);
  const shown = entries.find(({ of }) => of === 'picture') ?? entries[0];
  const size = opened.stated.width > 0 && opened.stated.height > 0 ? opened.stated : sizeOfRaw(opened) ?? { width: shown?.widthPx ?? 0, height: shown?.heightPx ?? 0 };
  return {
    format,
    width: size.width,
    height: size.height,
    frames: opened.stated.frames,
    damaged: damaged ?? trees.find(({ fault }) => fault !== null)?.fault ?? null,
    exif: exifFacts({ directories: trees.flatMap((tree, i) => tree.directories.map((one) => (isCr3Exif(format, i) ? { ...one, role: 'exif' as const } : isCr3Gps(format, i) ? { ...one, role: 'gps' as const } : one))), fault: null }),
    hashes: entries.slice(0, MAX_ENTRIES).map((entry) => (orientations ? entry : { ...entry, hashes: { dialects: entry.hashes.dialects } })),
    thumbnailDiffers: thumbnailDiffers(entries),
  };
}

/** A CR3 keeps main tags, EXIF tags and position in blocks of their own, in this order. */
function isCr3Exif(format: PictureFormat, place: number): boolean {
  return format === 'raw-cr3' && place === 1;
}

function isCr3Gps(format: PictureFormat, place: number): boolean {
  return format === 'raw-cr3' && place === 2;
}

/** The sensor's size is the largest that a directory states. */
function sizeOfRaw({ format, trees }: Opened): { width: number; height: number } | null {
  if (!format.startsWith('raw-')) return null;
  const sizes = (trees[0]?.directories ?? []).map((one) => ({ width: one.number(TIFF_TAG.imageWidth) ?? 0, height: one.number(TIFF_TAG.imageLength) ?? 0 }));
  const [largest] = sizes.filter(({ width, height }) => Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0).sort((a, b) => b.width * b.height - a.width * a.height);
  return largest ?? null;
}

async function hashOpened(opened: Opened, mode: PictureMode, orientations: boolean): Promise<Hashed> {
  if (opened.format.startsWith('raw-')) return hashRaw(opened, orientations);
  if (opened.format === 'heic') return hashHeic(opened, mode, orientations);
  const { entries: embedded } = await hashAll(embeddedJpegs(opened), opened.stated, orientations);
  if (mode === 'embedded-only') return { entries: embedded, damaged: null };
  const picture = await hashPictureItself(opened, mode, orientations);
  return { entries: [...picture.entries, ...embedded], damaged: picture.damaged };
}

function embeddedJpegs({ bytes, format, blocks, trees }: Opened): EmbeddedJpeg[] {
  if (format === 'tiff') return [];
  const previews = format === 'jpeg' ? jpegsOfMpf(bytes, readJpegParts(bytes).mpfAt) : [];
  return [...previews, ...blocks.flatMap((block, i) => jpegsOfTags(block, trees[i]!))].slice(0, MAX_HASHED_EMBEDDED);
}

async function hashAll(jpegs: readonly EmbeddedJpeg[], original: { width: number; height: number }, orientations: boolean): Promise<HashedEmbedded> {
  const entries: PictureHashEntry[] = [];
  let damaged = false;
  for (const jpeg of jpegs) {
    const found = await hashEmbedded(jpeg, original, orientations);
    entries.push(...found.entries);
    damaged ||= found.damaged;
  }
  return { entries, damaged };
}

async function hashPictureItself({ bytes, format }: Opened, mode: PictureMode, orientations: boolean): Promise<Hashed> {
  const fast = format === 'jpeg' && mode !== 'exact' ? tryFast(bytes, orientations) : null;
  if (fast !== null) {
    const { hashes, width, height, damaged } = fast;
    return { entries: [{ of: 'picture', widthPx: width, heightPx: height, mode: 'fast', hashes, lowTrust: false }], damaged: damaged ? CUT_SHORT : null };
  }
  const { raster, damaged, lowTrust } = format === 'bmp' ? { ...decodeBmp(bytes), lowTrust: false } : await decodeRaster(bytes);
  const entry: PictureHashEntry = { of: 'picture', widthPx: raster.width, heightPx: raster.height, mode: 'exact', hashes: hashRaster(raster, { orientations }), lowTrust };
  return { entries: [entry], damaged: damaged ? CUT_SHORT : null };
}

function tryFast(bytes: Uint8Array, orientations: boolean): ReturnType<typeof hashJpegFast> {
  try {
    return hashJpegFast(bytes, { orientations });
  } catch (error) {
    // libjpeg-turbo in WebAssembly gives up sooner than libvips: that has the second word.
    if (error instanceof KerbsideError && error.code === 'jpeg-undecodable') return null;
    throw error;
  }
}

function hashHeic({ bytes }: Opened, mode: PictureMode, orientations: boolean): Hashed {
  const { width, height, picture, deep, thumbnails } = decodeHeic(bytes, mode === 'embedded-only' ? 'never' : 'always');
  const entries: PictureHashEntry[] = [];
  if (picture !== null) entries.push({ of: 'picture', widthPx: picture.width, heightPx: picture.height, mode: 'exact', hashes: hashRaster(picture, { orientations }), lowTrust: deep });
  for (const raster of thumbnails) entries.push(...hashThumbnailRaster(raster, { width, height }, deep));
  return { entries, damaged: null };
}

/** The sensor's own data is not developed: the maker's preview is what the camera showed. */
async function hashRaw(opened: Opened, orientations: boolean): Promise<Hashed> {
  const jpegs = jpegsOfRaw(opened.bytes, opened.format, opened.trees[0] ?? null);
  const { entries, damaged } = await hashAll(jpegs.slice(0, MAX_HASHED_EMBEDDED), { width: 0, height: 0 }, orientations);
  if (entries.length === 0) throw new UnsupportedError('picture-no-preview', 'The camera raw file holds no preview that can be decoded, and its own data is not developed.');
  return { entries, damaged: damaged ? 'A preview in the camera raw file is cut short or damaged; its hashes are of what is left.' : null };
}
