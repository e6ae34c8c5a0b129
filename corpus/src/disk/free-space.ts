import { contentChunks } from '../corpus-file.ts';
import { makeDocument } from '../documents/make-document.ts';
import { generatedBytes } from '../documents/generated-bytes.ts';
import { makePicture } from '../pictures/make-picture.ts';
import { makeRandom, type Random } from '../random.ts';
import type { ImageSink } from './image-file.ts';

export interface FreeSpaceOptions {
  readonly seed: number;
  /** Whole JPEG pictures, unfragmented, each at the start of a cluster. */
  readonly pictures: number;
  /** Zeros, noise, text and remains of pictures between them, in bytes; never less than a cluster between two pictures. */
  readonly fillerBytes: number;
}

/** A whole picture in the space. */
export interface PlantedPicture {
  readonly offset: number;
  readonly bytes: Buffer;
}

const CLUSTER_BYTES = 4096;

/**
 * Lays out free space as a used disk has it: deleted pictures of 100 KB to 1 MB, each whole, among zeros
 * (two fifths of the filler), noise as encrypted or packed files leave it (two fifths), text (a tenth) and
 * first parts of pictures whose rest was overwritten (a tenth).
 *
 * @param onPicture told of each whole picture as it is written
 * @returns length of the space in bytes
 */
export function writeFreeSpace(sink: ImageSink, options: FreeSpaceOptions, onPicture: (picture: PlantedPicture) => void): number {
  const random = makeRandom(options.seed);
  const share = options.fillerBytes / Math.max(1, options.pictures);
  let at = 0;
  for (let number = 0; number < options.pictures; number++) {
    const picture = makeScenePicture(random, options.seed * 10_000 + number);
    at = writeFiller(sink, at, random, number, clusters(share * (0.5 + random.fraction())), picture);
    sink.write(picture, at);
    onPicture({ offset: at, bytes: picture });
    at += clusters(picture.length);
  }
  return at;
}

/** A JPEG of 100 KB to 1 MB. */
function makeScenePicture(random: Random, seed: number): Buffer {
  const widthPx = 640 + random.below(900);
  return makePicture({ kind: 'jpeg', seed, widthPx, heightPx: Math.floor(widthPx * 0.75), grain: 0.15 + random.fraction() * 0.35 });
}

function writeFiller(sink: ImageSink, from: number, random: Random, seed: number, lengthBytes: number, picture: Buffer): number {
  const chance = random.fraction();
  const end = from + lengthBytes;
  if (chance < 0.4) return end;
  if (chance < 0.5) {
    sink.write(makeDocument('text', seed, lengthBytes).subarray(0, lengthBytes), from);
    return end;
  }
  let at = from;
  if (chance < 0.6) {
    const part = picture.subarray(0, Math.min(Math.floor(picture.length / 2 / CLUSTER_BYTES) * CLUSTER_BYTES, lengthBytes - CLUSTER_BYTES));
    sink.write(part, at);
    at += part.length;
  }
  for (const chunk of contentChunks(generatedBytes(seed, end - at))) {
    sink.write(chunk, at);
    at += chunk.length;
  }
  return end;
}

function clusters(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CLUSTER_BYTES)) * CLUSTER_BYTES;
}
