/**
 * One measured side of the PDQ benches, in a process of its own:
 *
 *     node pdq-one.ts exact|fast|thumbnail|thumbnail-exact LIST    hash the JPEG files named in LIST, one path a line
 *     node pdq-one.ts core|yardstick PASSES                        hash generated rasters, both dialects
 *
 * Prints CPU time of decoding and hashing (reading files not counted), pixels and hashes. The parts of
 * `decode` that run native code are no part of its door, so that nobody decodes outside the sandbox by
 * mistake: they are imported by their files.
 */
import { readFileSync } from 'node:fs';
import { makePhotograph } from '@kerbside/corpus';
import { DIALECTS, hashRaster, hashToText, type Dialect, type PictureHashes } from '@kerbside/decode';
import { decodeRaster } from '../packages/decode/src/pdq/decode-raster.ts';
import { hashJpegFast } from '../packages/decode/src/pdq/hash-jpeg-fast.ts';
import { hashJpegThumbnail } from '../packages/decode/src/pdq/hash-thumbnail.ts';
import { yardstickHash } from './pdq-yardstick.ts';

/** What is told of one picture. */
export interface HashedFile {
  readonly path: string;
  readonly cpuMs: number;
  readonly pixels: number;
  readonly quality: number;
  readonly hashes: Readonly<Record<Dialect, string>>;
}

export interface Told {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly files: readonly HashedFile[];
}

/** The plane of 0.1, 0.2, 1.6 and 12 megapixels. */
const CORE_SIZES = [[400, 251], [504, 378], [1600, 1004], [4000, 3000]] as const;

/** Files hashed before the clock starts, so that both sides are compiled. */
const WARM_UP_FILES = 20;

type Hasher = (jpeg: Uint8Array) => Promise<{ hashes: PictureHashes; pixels: number }>;

const HASHERS: Readonly<Record<string, Hasher>> = {
  exact: async (jpeg) => {
    const { raster } = await decodeRaster(jpeg);
    return { hashes: hashRaster(raster), pixels: raster.width * raster.height };
  },
  // As the sandbox's handler does: what the fast path does not take goes the exact way.
  fast: async (jpeg) => {
    const fast = hashJpegFast(jpeg);
    return fast === null ? HASHERS['exact']!(jpeg) : { hashes: fast.hashes, pixels: fast.width * fast.height };
  },
  thumbnail: (jpeg) => {
    const { corrected } = hashJpegThumbnail(jpeg, { width: 4000, height: 3000 })!;
    return Promise.resolve({ hashes: corrected, pixels: 160 * 120 });
  },
};

async function hashFiles(hasher: Hasher, paths: readonly string[]): Promise<Told> {
  for (const path of paths.slice(0, WARM_UP_FILES)) await hasher(readFileSync(path));
  const files: HashedFile[] = [];
  let wallMs = 0;
  for (const path of paths) {
    const jpeg = readFileSync(path);
    const started = performance.now();
    const cpu = process.cpuUsage();
    const { hashes, pixels } = await hasher(jpeg);
    const cpuMs = cpuSince(cpu);
    wallMs += performance.now() - started;
    const { dialects } = hashes;
    files.push({ path, cpuMs, pixels, quality: dialects.full.quality, hashes: { '512nn': hashToText(dialects['512nn'].hash), full: hashToText(dialects.full.hash) } });
  }
  return { cpuMs: files.reduce((sum, file) => sum + file.cpuMs, 0), wallMs, files };
}

function hashRasters(side: string, passes: number): Told {
  const rasters = CORE_SIZES.map(([width, height], seed) => ({ width, height, channels: 3 as const, data: makePhotograph(seed, width, height).pixels }));
  const hashOne = (raster: (typeof rasters)[number]): Record<Dialect, string> => {
    if (side === 'core') {
      const { dialects } = hashRaster(raster);
      return { '512nn': hashToText(dialects['512nn'].hash), full: hashToText(dialects.full.hash) };
    }
    const [nearest, full] = DIALECTS.map((dialect) => yardstickHash(raster.data, raster.width, raster.height, 3, dialect).hex);
    return { '512nn': nearest!, full: full! };
  };
  rasters.slice(0, 2).forEach(hashOne);
  const started = performance.now();
  const files = rasters.map((raster): HashedFile => {
    const cpu = process.cpuUsage();
    let hashes = hashOne(raster);
    for (let pass = 1; pass < passes; pass++) hashes = hashOne(raster);
    return { path: `${raster.width} × ${raster.height}`, cpuMs: cpuSince(cpu) / passes, pixels: raster.width * raster.height, quality: 100, hashes };
  });
  return { cpuMs: files.reduce((sum, file) => sum + file.cpuMs, 0), wallMs: performance.now() - started, files };
}

function cpuSince(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

if (import.meta.main) {
  const [side = '', what = ''] = process.argv.slice(2);
  const told = side === 'core' || side === 'yardstick' ? hashRasters(side, Number(what)) : await hashFiles(HASHERS[side]!, readFileSync(what, 'utf8').trim().split('\n'));
  console.log(JSON.stringify(told));
}
