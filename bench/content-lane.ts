/**
 * The whole content lane on one disk image: mixed pictures of many sizes and formats, decoded in the sandbox, hashed in eight
 * orientations and both dialects, and compared with a set of known pictures, on two cores. Altered copies of known pictures stand in
 * the last quarter of the image: how soon they are shown is what the order by thumbnails is worth.
 *
 *     ./kerbside bench content-lane
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSet } from '@kerbside/match';
import { makeExif, makePhotograph, putExifIntoJpeg, type CorpusFile } from '@kerbside/corpus';
import { hashRaster } from '@kerbside/decode';
import sharp from 'sharp';
import { warm, measureScript } from './commands.ts';
import type { Bench, BenchOptions, Figure } from './figure.ts';
import { cachedFolder, scratchFolder } from './image-cache.ts';
import { writeVolumeImage } from './volume-images.ts';

/** Phone pictures, cameras, messengers, web pictures, thumbnails; how many of 20. */
const KINDS = [
  { widthPx: 4032, heightPx: 3024, format: 'jpeg', of20: 4 },
  { widthPx: 1600, heightPx: 1200, format: 'jpeg', of20: 6 },
  { widthPx: 1280, heightPx: 960, format: 'webp', of20: 2 },
  { widthPx: 800, heightPx: 600, format: 'jpeg', of20: 4 },
  { widthPx: 1080, heightPx: 1920, format: 'png', of20: 1 },
  { widthPx: 320, heightPx: 240, format: 'jpeg', of20: 2 },
  { widthPx: 480, heightPx: 270, format: 'gif', of20: 1 },
] as const;

/** Scenes of each kind; each file of a kind holds one of them under a comment of its own, so that no two files are the same. */
const SCENES = 12;
/** Altered copies of known pictures among the others. */
const KNOWN = 20;
/** Seeds of their scenes, far from those of the others. */
const KNOWN_SEED = 70_000;
const KNOWN_WIDTH_PX = 1600;
const KNOWN_HEIGHT_PX = 1200;
/** From this width on they are a camera's, with its thumbnail. */
const CAMERA_WIDTH_PX = 1600;
const MAX_MAIN_BYTES = 512 * 1024 * 1024;
const MAX_WORKER_BYTES = 1024 * 1024 * 1024;

async function run(options: BenchOptions): Promise<Figure[]> {
  const count = options.quick ? 400 : 20_000;
  const { image, contentBytes } = await pictureVolume(count);
  const folder = scratchFolder(200 << 20);
  try {
    const set = join(folder, 'known.kset');
    const list = join(folder, 'list.csv');
    const rows = [...Array.from({ length: 1000 }, (_, row) => `${hashOf(row)},80,full`), ...Array.from({ length: KNOWN }, (_, number) => `${knownHash(number)},100,full`)];
    writeFileSync(list, `pdq,quality,dialect\n${rows.join('\n')}\n`);
    await buildSet({ out: set, inputs: [list], meaning: 'alert', name: 'bench', importedBy: 'bench' });
    warm(image);
    const cost = measureScript('content-lane-one.ts', [image, set, join(folder, 'out')], { keepOutput: true });
    const { pictures, peakBytes, workerPeakBytes, laneMs, nearMs } = JSON.parse(cost.output) as Told;
    const laneSeconds = laneMs / 1000;
    const atShare = Array.from({ length: KNOWN }, (_, number) => numberOfKnown(number, count) / count);
    const isWhole = pictures.compared + pictures.notComparable === count && pictures.problems === 0;
    return [
      {
        figure: `content lane, ${count} mixed pictures, ${Math.round(contentBytes / 1e6)} MB, 2 threads`,
        ours: `${Math.round(count / laneSeconds)} pictures/s, ${(contentBytes / 1e6 / laneSeconds).toFixed(0)} MB/s; ${laneSeconds.toFixed(0)} s wall, main process ${Math.round(peakBytes / 1e6)} MB, largest worker ${Math.round(workerPeakBytes / 1e6)} MB`,
        peer: 'none',
        ratio: '',
        mustReach: 'all decoded; ≤ 512 MB, ≤ 1 GiB a worker',
        reached: isWhole && peakBytes <= MAX_MAIN_BYTES && workerPeakBytes <= MAX_WORKER_BYTES,
      },
      {
        figure: `the same: ${KNOWN} altered copies of known pictures in the last quarter of the image, shown after`,
        ours: `${((nearMs[0] ?? laneMs) / 1000).toFixed(1)} s the first, ${((nearMs.at(-1) ?? laneMs) / 1000).toFixed(1)} s the last of ${nearMs.length}`,
        peer: `in the order of the disk, by their places: ${(laneSeconds * Math.min(...atShare)).toFixed(0)} s and ${(laneSeconds * Math.max(...atShare)).toFixed(0)} s`,
        ratio: '',
        mustReach: `all ${KNOWN}`,
        reached: nearMs.length === KNOWN,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Told {
  readonly pictures: { readonly compared: number; readonly notComparable: number; readonly problems: number };
  readonly laneMs: number;
  readonly peakBytes: number;
  /** When each altered copy was shown, from the start of the lane. */
  readonly nearMs: readonly number[];
  readonly workerPeakBytes: number;
}

/** A hash with half of its bits set, as PDQ's have. */
function hashOf(row: number): string {
  return Array.from({ length: 32 }, (_, at) => ((row * 131 + at * 17) % 256).toString(16).padStart(2, '0')).join('');
}

/** Place among the pictures of the image: spread over its last quarter. */
function numberOfKnown(number: number, count: number): number {
  return Math.floor(count * (0.75 + (0.25 * number) / KNOWN));
}

function knownHash(number: number): string {
  const { pixels, widthPx, heightPx } = makePhotograph(KNOWN_SEED + number, KNOWN_WIDTH_PX, KNOWN_HEIGHT_PX);
  return Buffer.from(hashRaster({ width: widthPx, height: heightPx, channels: 3, data: pixels }).dialects.full.hash).toString('hex');
}

/** The known picture made smaller, saved worse, with the thumbnail of a camera. */
async function knownPicture(number: number): Promise<Buffer> {
  const { pixels, widthPx, heightPx } = makePhotograph(KNOWN_SEED + number, KNOWN_WIDTH_PX, KNOWN_HEIGHT_PX);
  const whole = sharp(pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } });
  return withThumbnail(await whole.resize(1200).jpeg({ quality: 60 }).toBuffer());
}

async function withThumbnail(jpeg: Buffer): Promise<Buffer> {
  return putExifIntoJpeg(jpeg, makeExif({ make: 'Example', model: 'Camera 1', thumbnail: await sharp(jpeg).resize(160).jpeg({ quality: 75 }).toBuffer() }));
}

async function pictureVolume(count: number): Promise<{ image: string; contentBytes: number }> {
  const folder = await cachedFolder({ name: 'content-lane', count, edition: 2 }, count * 700_000, async (into) => {
    const scenes = await makeScenes();
    const tree: CorpusFile[] = [];
    let contentBytes = 0;
    const known = new Map(await Promise.all(Array.from({ length: KNOWN }, async (_, number) => [numberOfKnown(number, count), await knownPicture(number)] as const)));
    for (let number = 0; number < count; number++) {
      const content = known.get(number) ?? variantOf(scenes, number);
      contentBytes += content.length;
      tree.push({ path: `DCIM/${String(Math.floor(number / 500)).padStart(3, '0')}/IMG_${number}.${known.has(number) ? 'jpeg' : kindOf(number).format}`, content });
    }
    mkdirSync(into, { recursive: true });
    writeVolumeImage(join(into, 'volume.img'), 'ext4', Math.ceil((contentBytes * 1.1 + (64 << 20)) / (1 << 20)) * (1 << 20), 5, tree);
    writeFileSync(join(into, 'content-bytes'), String(contentBytes));
  });
  return { image: join(folder, 'volume.img'), contentBytes: Number(readFileSync(join(folder, 'content-bytes'), 'utf8')) };
}

async function makeScenes(): Promise<Buffer[][]> {
  const kinds: Buffer[][] = [];
  for (const [kind, { widthPx, heightPx, format }] of KINDS.entries()) {
    const scenes: Buffer[] = [];
    for (let scene = 0; scene < SCENES; scene++) {
      const raw = sharp(makePhotograph(kind * 100 + scene, widthPx, heightPx).pixels, { raw: { width: widthPx, height: heightPx, channels: 3 } });
      const picture = await raw.toFormat(format, format === 'jpeg' ? { quality: 85 } : {}).toBuffer();
      scenes.push(format === 'jpeg' && widthPx >= CAMERA_WIDTH_PX ? await withThumbnail(picture) : picture);
    }
    kinds.push(scenes);
  }
  return kinds;
}

function kindOf(number: number): (typeof KINDS)[number] {
  let left = number % 20;
  return KINDS.find(({ of20 }) => (left -= of20) < 0)!;
}

/** JPEG gets a comment segment, the others bytes after their end, which every decoder passes over. */
function variantOf(scenes: readonly Buffer[][], number: number): Buffer {
  const kind = kindOf(number);
  const scene = scenes[KINDS.indexOf(kind)]![Math.floor(number / 20) % SCENES]!;
  const mark = Buffer.from(`picture ${number} of the bench`);
  if (kind.format !== 'jpeg') return Buffer.concat([scene, mark]);
  const head = Buffer.from([0xff, 0xfe, 0, mark.length + 2]);
  return Buffer.concat([scene.subarray(0, 2), head, mark, scene.subarray(2)]);
}

export const contentLaneBench: Bench = { name: 'content-lane', about: 'pictures of a whole image decoded, hashed and compared', run };
