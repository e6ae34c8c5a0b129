import type { CorpusFile } from '../corpus-file.ts';
import { makeDocument, type DocumentKind } from '../documents/make-document.ts';
import { makePseudoVideo } from '../documents/make-pseudo-video.ts';
import type { NtfsFile } from '../ntfs/ntfs-file.ts';
import { makePicture, type PictureKind } from '../pictures/make-picture.ts';
import type { Random } from '../random.ts';

/** A file of the demo device. */
export interface DeviceFile extends NtfsFile {
  /** Its code on the made-up list, when its content is on it. */
  readonly knownCode?: number;
}

/** 2025-03-01; files are dated over the year after it. */
const FIRST_TIME_SECONDS = 1_740_787_200;
const YEAR_SECONDS = 365 * 86_400;

/** Contents that lie in several places of the device under different names. */
const SHARED_CONTENTS = 24;
const SHARED_SEED = 0x5a5a_0000;

const PICTURE_SIZES: readonly (readonly [widthPx: number, heightPx: number])[] = [[320, 240], [480, 360], [480, 360], [640, 480], [640, 480], [800, 600]];

/** What may happen to the files of a volume. Shares from 0 to 1. */
export interface VolumeHabits {
  readonly knownShare: number;
  readonly deletedShare: number;
  readonly fragmentedShare: number;
  /** False where a deleted file's content cannot be found again through the file system. */
  readonly deletedMayBeKnown: boolean;
}

/** A picture: one of its own, or one of those that lie in several places. */
export function devicePicture(random: Random, habits: VolumeHabits, path: (kind: PictureKind) => string): DeviceFile {
  const isShared = random.chance(0.02);
  const isKnown = isShared || random.chance(habits.knownShare);
  const seed = isShared ? SHARED_SEED + random.below(SHARED_CONTENTS) : random.below(0x4000_0000);
  const kind: PictureKind = isShared || random.chance(0.9) ? 'jpeg' : random.pick(['png', 'gif', 'bmp'] as const);
  const picture = isShared ? sharedPicture(seed) : makePicture({ kind, seed, ...pictureShape(random, kind) });
  return { path: path(kind), content: picture, ...fate(random, habits, isKnown), ...(isKnown ? { knownCode: 1 + (seed % 3) } : {}) };
}

function sharedPicture(seed: number): Buffer {
  return makePicture({ kind: 'jpeg', seed, widthPx: 640, heightPx: 480, grain: 0.1 + (seed % 8) * 0.05 });
}

function pictureShape(random: Random, kind: PictureKind): { widthPx: number; heightPx: number; grain: number } {
  if (kind !== 'jpeg') return { widthPx: 120 + random.below(80), heightPx: 90 + random.below(60), grain: 0.02 };
  const [widthPx, heightPx] = random.pick(PICTURE_SIZES);
  const isUpright = random.chance(0.3);
  return { widthPx: isUpright ? heightPx : widthPx, heightPx: isUpright ? widthPx : heightPx, grain: 0.1 + 0.5 * random.fraction() };
}

/** A document of 300 bytes to 20 KB. */
export function deviceDocument(random: Random, habits: VolumeHabits, path: (kind: DocumentKind) => string): DeviceFile {
  const kind = random.pick(['text', 'csv', 'rtf', 'html'] as const);
  const content = makeDocument(kind, random.below(0x4000_0000), 300 + random.below(random.chance(0.4) ? 400 : 20_000));
  return { path: path(kind), content, ...fate(random, habits, false) };
}

/** A large file that stands for a video. */
export function deviceVideo(random: Random, sizeBytes: number, path: string, knownCode?: number): DeviceFile {
  const content = makePseudoVideo(random.below(0x4000_0000), sizeBytes + random.below(100_000));
  return { path, content, modifiedAtSeconds: timeOf(random), ...(knownCode === undefined ? {} : { knownCode }) };
}

/** Deleted or fragmented; never both for known content, which must stay whole where it is deleted. */
function fate(random: Random, habits: VolumeHabits, isKnown: boolean): Pick<CorpusFile, 'deleted' | 'fragments' | 'modifiedAtSeconds'> {
  // More of the known ones are deleted, so that even a small device has some.
  const deleted = random.chance(isKnown ? habits.deletedShare * 3 : habits.deletedShare) && (!isKnown || habits.deletedMayBeKnown);
  const fragmented = !deleted && random.chance(habits.fragmentedShare);
  return { modifiedAtSeconds: timeOf(random), ...(deleted ? { deleted } : {}), ...(fragmented ? { fragments: 2 + random.below(5) } : {}) };
}

function timeOf(random: Random): number {
  // FAT counts in steps of two seconds.
  return FIRST_TIME_SECONDS + random.below(YEAR_SECONDS / 2) * 2;
}

export const PICTURE_ENDING: Readonly<Record<PictureKind, string>> = { jpeg: 'jpg', png: 'png', bmp: 'bmp', gif: 'gif' };
export const DOCUMENT_ENDING: Readonly<Record<DocumentKind, string>> = { text: 'txt', csv: 'csv', rtf: 'rtf', html: 'html' };
