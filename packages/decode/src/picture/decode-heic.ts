/**
 * libheif with libde265 as WebAssembly, from the npm package libheif-js (LGPL-3.0, loaded as it is). Its own
 * wrapper knows no thumbnails, so the C functions are called. Those that give a `heif_error` (code, subcode, text:
 * three int32) take the place for it as first argument.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LimitError, MalformedError } from '@kerbside/bytes';
import { MAX_RASTER_PIXELS, type Raster } from '../pdq/raster.ts';

interface Heif {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  _malloc(sizeBytes: number): number;
  _free(pointer: number): void;
  _heif_context_alloc(): number;
  _heif_context_free(context: number): void;
  _heif_context_read_from_memory(error: number, context: number, bytes: number, length: number, options: number): void;
  _heif_context_get_primary_image_handle(error: number, context: number, out: number): void;
  _heif_image_handle_get_width(handle: number): number;
  _heif_image_handle_get_height(handle: number): number;
  _heif_image_handle_get_luma_bits_per_pixel(handle: number): number;
  _heif_image_handle_get_list_of_thumbnail_IDs(handle: number, out: number, count: number): number;
  _heif_image_handle_get_thumbnail(error: number, handle: number, id: number, out: number): void;
  _heif_image_handle_release(handle: number): void;
  _heif_decode_image(error: number, handle: number, out: number, colour: number, chroma: number, options: number): void;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number;
  _heif_image_release(image: number): void;
}

const COLOUR_RGB = 1;
const CHROMA_INTERLEAVED_RGB = 10;
const CHANNEL_INTERLEAVED = 10;

/** Thumbnails of one picture that are decoded; phones write one. */
const MAX_THUMBNAILS = 2;

/** Memory of the module only grows: beyond this the next picture gets a new one. A 12-megapixel picture takes about 100 MB. */
const MAX_KEPT_MEMORY_BYTES = 192 * 1024 * 1024;

export interface HeicPictures {
  readonly width: number;
  readonly height: number;
  readonly picture: Raster | null;
  /** More than 8 bits a channel in the file. */
  readonly deep: boolean;
  readonly thumbnails: readonly Raster[];
}

/** When the main picture is decoded too. */
export type WantPicture = 'always' | 'if-no-thumbnail' | 'never';

let kept: Heif | null = null;

/**
 * Decodes the thumbnails and, where asked for, the main picture, turned and cut as the file says (as every
 * program shows it).
 *
 * @param wantPicture `never`: thumbnails only; `if-no-thumbnail`: only where no thumbnail came out
 * @throws MalformedError `picture-undecodable`; LimitError `picture-pixels`
 */
export function decodeHeic(bytes: Uint8Array, wantPicture: WantPicture): HeicPictures {
  const heif = kept ?? loadHeif();
  // After a failure inside the module its memory is in an unknown state.
  kept = null;
  const pictures = readPictures(heif, bytes, wantPicture);
  if (heif.HEAPU8.byteLength <= MAX_KEPT_MEMORY_BYTES) kept = heif;
  return pictures;
}

function loadHeif(): Heif {
  const require = createRequire(import.meta.url);
  const make = require('libheif-js/libheif-wasm/libheif.js') as (options: { wasmBinary: Uint8Array; print: () => void; printErr: () => void }) => Heif;
  const silent = (): void => undefined;
  return make({ wasmBinary: readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm')), print: silent, printErr: silent });
}

function readPictures(heif: Heif, bytes: Uint8Array, wantPicture: WantPicture): HeicPictures {
  const input = heif._malloc(bytes.length);
  const scratch = heif._malloc(64);
  if (input === 0 || scratch === 0) throw new MalformedError('picture-undecodable', 'The HEIC picture does not fit into the decoder\'s memory.');
  heif.HEAPU8.set(bytes, input);
  const context = heif._heif_context_alloc();
  try {
    heif._heif_context_read_from_memory(scratch, context, input, bytes.length, 0);
    check(heif, scratch);
    heif._heif_context_get_primary_image_handle(scratch, context, scratch + 16);
    check(heif, scratch);
    const handle = heif.HEAP32[(scratch + 16) >> 2]!;
    const width = heif._heif_image_handle_get_width(handle);
    const height = heif._heif_image_handle_get_height(handle);
    const thumbnails = readThumbnails(heif, handle, scratch);
    const wanted = wantPicture === 'always' || (wantPicture === 'if-no-thumbnail' && thumbnails.length === 0);
    const picture = wanted ? decodeHandle(heif, handle, scratch) : null;
    const deep = heif._heif_image_handle_get_luma_bits_per_pixel(handle) > 8;
    heif._heif_image_handle_release(handle);
    return { width, height, picture, deep, thumbnails };
  } catch (cause) {
    if (cause instanceof MalformedError || cause instanceof LimitError) throw cause;
    throw new MalformedError('picture-undecodable', 'libheif cannot decode this picture.', {}, cause);
  } finally {
    heif._heif_context_free(context);
    heif._free(input);
    heif._free(scratch);
  }
}

function readThumbnails(heif: Heif, handle: number, scratch: number): Raster[] {
  const count = heif._heif_image_handle_get_list_of_thumbnail_IDs(handle, scratch + 24, MAX_THUMBNAILS);
  const ids = Array.from({ length: Math.min(count, MAX_THUMBNAILS) }, (_, i) => heif.HEAP32[((scratch + 24) >> 2) + i]!);
  const rasters: Raster[] = [];
  for (const id of ids) {
    heif._heif_image_handle_get_thumbnail(scratch, handle, id, scratch + 16);
    if (heif.HEAP32[scratch >> 2] !== 0) continue;
    const thumbnail = heif.HEAP32[(scratch + 16) >> 2]!;
    try {
      rasters.push(decodeHandle(heif, thumbnail, scratch));
    } catch (error) {
      // A thumbnail that cannot be decoded does not keep us from the picture.
      if (!(error instanceof MalformedError || error instanceof LimitError)) throw error;
    } finally {
      heif._heif_image_handle_release(thumbnail);
    }
  }
  return rasters;
}

function decodeHandle(heif: Heif, handle: number, scratch: number): Raster {
  const [statedWidth, statedHeight] = [heif._heif_image_handle_get_width(handle), heif._heif_image_handle_get_height(handle)];
  if (statedWidth * statedHeight > MAX_RASTER_PIXELS) {
    throw new LimitError('picture-pixels', `The picture has ${statedWidth} × ${statedHeight} pixels, more than are decoded.`);
  }
  heif._heif_decode_image(scratch, handle, scratch + 16, COLOUR_RGB, CHROMA_INTERLEAVED_RGB, 0);
  check(heif, scratch);
  const image = heif.HEAP32[(scratch + 16) >> 2]!;
  try {
    const width = heif._heif_image_get_width(image, CHANNEL_INTERLEAVED);
    const height = heif._heif_image_get_height(image, CHANNEL_INTERLEAVED);
    const from = heif._heif_image_get_plane_readonly(image, CHANNEL_INTERLEAVED, scratch + 16);
    const stride = heif.HEAP32[(scratch + 16) >> 2]!;
    if (from === 0 || width < 1 || height < 1 || stride < width * 3) throw new MalformedError('picture-undecodable', 'libheif gave no pixels.');
    const data = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) data.set(heif.HEAPU8.subarray(from + y * stride, from + y * stride + width * 3), y * width * 3);
    return { width, height, channels: 3, data };
  } finally {
    heif._heif_image_release(image);
  }
}

function check(heif: Heif, error: number): void {
  const [code = 0, subcode = 0] = heif.HEAP32.subarray(error >> 2, (error >> 2) + 2);
  if (code !== 0) throw new MalformedError('picture-undecodable', `libheif cannot decode this picture (error ${code}.${subcode}).`);
}
