/**
 * The whole content lane on one disk image: mixed pictures of many sizes and formats, decoded in the sandbox, hashed in eight
 * orientations and both dialects, and compared with a set of known pictures, on two cores.
 *
 *     ./kerbside bench content-lane
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSet } from '@kerbside/match';
import { makePhotograph, type CorpusFile } from '@kerbside/corpus';
import sharp from 'sharp';
import { warm, measureScript } from './commands.ts';
import { median, type Measure } from './measure.ts';
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
const MAX_MAIN_BYTES = 512 * 1024 * 1024;
const MAX_WORKER_BYTES = 1024 * 1024 * 1024;

async function run(options: BenchOptions): Promise<Figure[]> {
  const count = options.quick ? 400 : 20_000;
  const { image, contentBytes } = await pictureVolume(count);
  const folder = scratchFolder(200 << 20);
  try {
    const set = join(folder, 'known.kset');
    const list = join(folder, 'list.csv');
    writeFileSync(list, `pdq,quality,dialect\n${Array.from({ length: 1000 }, (_, row) => `${hashOf(row)},80,512nn`).join('\n')}\n`);
    await buildSet({ out: set, inputs: [list], meaning: 'alert', name: 'bench', importedBy: 'bench' });
    warm(image);
    const costs: Measure[] = [];
    const told: Told[] = [];
    for (let turn = 0; turn < (options.quick ? 1 : 2); turn++) {
      const out = join(folder, `out-${turn}`);
      const cost = measureScript('content-lane-one.ts', [image, set, out], { keepOutput: true });
      costs.push(cost);
      told.push(JSON.parse(cost.output) as Told);
      rmSync(out, { recursive: true, force: true });
    }
    const { pictures, peakBytes, workerPeakBytes } = told[0]!;
    const laneSeconds = median(told.map(({ laneMs }) => laneMs)) / 1000;
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
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Told {
  readonly pictures: { readonly compared: number; readonly notComparable: number; readonly problems: number };
  readonly laneMs: number;
  readonly peakBytes: number;
  readonly workerPeakBytes: number;
}

/** A hash with half of its bits set, as PDQ's have. */
function hashOf(row: number): string {
  return Array.from({ length: 32 }, (_, at) => ((row * 131 + at * 17) % 256).toString(16).padStart(2, '0')).join('');
}

async function pictureVolume(count: number): Promise<{ image: string; contentBytes: number }> {
  const folder = await cachedFolder({ name: 'content-lane', count, edition: 1 }, count * 700_000, async (into) => {
    const scenes = await makeScenes();
    const tree: CorpusFile[] = [];
    let contentBytes = 0;
    for (let number = 0; number < count; number++) {
      const content = variantOf(scenes, number);
      contentBytes += content.length;
      tree.push({ path: `DCIM/${String(Math.floor(number / 500)).padStart(3, '0')}/IMG_${number}.bin`, content });
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
      scenes.push(await raw.toFormat(format, format === 'jpeg' ? { quality: 85 } : {}).toBuffer());
    }
    kinds.push(scenes);
  }
  return kinds;
}

/** JPEG gets a comment segment, the others bytes after their end, which every decoder passes over. */
function variantOf(scenes: readonly Buffer[][], number: number): Buffer {
  let left = number % 20;
  const kind = KINDS.findIndex(({ of20 }) => (left -= of20) < 0);
  const scene = scenes[kind]![Math.floor(number / 20) % SCENES]!;
  const mark = Buffer.from(`picture ${number} of the bench`);
  if (KINDS[kind]!.format !== 'jpeg') return Buffer.concat([scene, mark]);
  const head = Buffer.from([0xff, 0xfe, 0, mark.length + 2]);
  return Buffer.concat([scene.subarray(0, 2), head, mark, scene.subarray(2)]);
}

export const contentLaneBench: Bench = { name: 'content-lane', about: 'pictures of a whole image decoded, hashed and compared', run };
