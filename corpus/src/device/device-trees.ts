import { makeRandom, type Random } from '../random.ts';
import { deviceDocument, devicePicture, deviceVideo, DOCUMENT_ENDING, PICTURE_ENDING, type DeviceFile, type VolumeHabits } from './device-file.ts';

const MIB = 1 << 20;
const HABITS: VolumeHabits = { knownShare: 0.03, deletedShare: 0.06, fragmentedShare: 0.08, deletedMayBeKnown: true };
const PLACES = ['Harbour', 'Away game', 'Cup final', 'Training', 'Pre-season', 'Allotment', 'Seaside'] as const;
const TOPICS = ['match report', 'fixtures', 'table', 'minutes', 'team sheet', 'tickets'] as const;

/** A camera's FAT32 card: numbered pictures, a hundred a folder. */
export function cameraTree(seed: number, scale: number): DeviceFile[] {
  const random = makeRandom(seed);
  const files: DeviceFile[] = [];
  for (let number = 1; number <= count(800, scale); number++) {
    const folder = `DCIM/${100 + Math.floor(number / 100)}CANON`;
    files.push(devicePicture(random, HABITS, () => `${folder}/IMG_${pad(number, 4)}.jpg`));
  }
  for (let number = 1; number <= count(2, scale); number++) files.push(deviceVideo(random, 8 * MIB, `DCIM/100CANON/MVI_${pad(number, 4)}.mp4`));
  for (let number = 1; number <= count(20, scale); number++) files.push(deviceDocument(random, HABITS, (kind) => `MISC/note ${number}.${DOCUMENT_ENDING[kind]}`));
  return files;
}

/** A larger exFAT card: pictures and videos. */
export function cardTree(seed: number, scale: number): DeviceFile[] {
  const random = makeRandom(seed);
  const files: DeviceFile[] = [];
  for (let number = 1; number <= count(500, scale); number++) {
    files.push(devicePicture(random, HABITS, (kind) => `DCIM/Camera/2025${pad(1 + random.below(12), 2)}/PXL_${pad(number, 5)}.${PICTURE_ENDING[kind]}`));
  }
  for (let number = 1; number <= count(4, scale); number++) files.push(deviceVideo(random, 20 * MIB, `Movies/clip ${number}.mp4`, number === 1 ? 2 : undefined));
  return files;
}

/** A computer's NTFS volume with a user's folders. */
export function computerTree(seed: number, scale: number): DeviceFile[] {
  const random = makeRandom(seed);
  const home = 'Users/Alex';
  const files: DeviceFile[] = [];
  for (let number = 1; number <= count(1300, scale); number++) {
    files.push(devicePicture(random, HABITS, (kind) => `${pictureFolder(random, home)}/${random.pick(PLACES)} ${number}.${PICTURE_ENDING[kind]}`));
  }
  for (let number = 1; number <= count(800, scale); number++) {
    files.push(deviceDocument(random, HABITS, (kind) => `${home}/Documents/${random.pick(PLACES)}/${random.pick(TOPICS)} ${number}.${DOCUMENT_ENDING[kind]}`));
  }
  for (let number = 1; number <= count(3, scale); number++) files.push(deviceVideo(random, 16 * MIB, `${home}/Videos/highlights ${number}.mp4`, number === 2 ? 1 : undefined));
  for (let number = 1; number <= count(300, scale); number++) {
    files.push(deviceDocument(random, { ...HABITS, deletedShare: 0 }, () => `Windows/System32/config/part ${number}.dat`));
  }
  return files;
}

/** A Linux home on ext4. What is deleted there loses its place, so none of it is on the list. */
export function linuxTree(seed: number, scale: number): DeviceFile[] {
  const random = makeRandom(seed);
  const habits: VolumeHabits = { ...HABITS, deletedMayBeKnown: false };
  const files: DeviceFile[] = [];
  for (let number = 1; number <= count(500, scale); number++) {
    files.push(devicePicture(random, habits, (kind) => `home/alex/${random.pick(['Pictures', 'Downloads', '.cache/thumbnails'])}/${pad(number, 5)}-${random.pick(PLACES).toLowerCase().replace(' ', '-')}.${PICTURE_ENDING[kind]}`));
  }
  for (let number = 1; number <= count(300, scale); number++) {
    files.push(deviceDocument(random, habits, (kind) => `home/alex/Documents/${random.pick(TOPICS)}-${number}.${DOCUMENT_ENDING[kind]}`));
  }
  files.push(deviceVideo(random, 10 * MIB, 'home/alex/Videos/season.mp4'));
  return files;
}

function pictureFolder(random: Random, home: string): string {
  if (random.chance(0.08)) return '$RECYCLE.BIN/S-1-5-21-1004';
  if (random.chance(0.15)) return `${home}/Downloads`;
  if (random.chance(0.1)) return `${home}/AppData/Local/Cache`;
  return `${home}/Pictures/${random.pick(PLACES)}`;
}

function count(atFullScale: number, scale: number): number {
  return Math.max(1, Math.round(atFullScale * scale));
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
