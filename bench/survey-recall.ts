/**
 * What a full pass finds and what it says falsely: known blocks planted on four file systems in every way that the
 * survey lane is for, and 20 GB and more of files that are not known.
 *
 *     ./kerbside bench survey-recall
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTriage, type BlockHit } from '@kerbside/triage';
import { BENCH_SIGNER } from './block-set-recipe.ts';
import type { Bench, BenchOptions, Figure } from './figure.ts';
import { falseHitFigures } from './survey-false.ts';
import { scratchFolder } from './image-cache.ts';
import { indexedBlocksOf, knownMaterial, type KnownMaterial } from './known-blocks.ts';
import { PLANTED_VOLUMES, writePlantedDisk, type PlantingPlan } from './planted-disk.ts';

const MIB = 1024 * 1024;
const BLOCK_BYTES = 4096;

async function run(options: BenchOptions): Promise<Figure[]> {
  const known = await knownMaterial(options.quick ? 400 : 4000);
  try {
    return [await foundFigure(known, options.quick), ...(await falseHitFigures(known, options.quick))];
  } finally {
    known.set.close();
  }
}

async function foundFigure(known: KnownMaterial, quick: boolean): Promise<Figure> {
  const plan: PlantingPlan = quick ? { filesEach: 6, volumeBytes: 160 * MIB, otherBytes: 4e6 } : { filesEach: 60, volumeBytes: 256 * MIB, otherBytes: 30e6 };
  const folder = scratchFolder(600 << 20);
  const blocks = indexedBlocksOf(known);
  const told: string[] = [];
  let planted = 0;
  let found = 0;
  let extra = 0;
  try {
    for (const volume of PLANTED_VOLUMES) {
      const image = join(folder, 'planted.img');
      rmSync(image, { force: true });
      writePlantedDisk(image, volume, known, plan);
      const out = join(folder, `out ${volume}`);
      const { report } = await runTriage({ sourcePath: image, setPaths: [known.setPath], setKeys: [BENCH_SIGNER], outFolder: out });
      const places = blocks.placesOn(image);
      const covered = places.filter((place) => report.blockHits.some((hit) => covers(hit, place)));
      const matched = report.blockHits.reduce((sum, { blocksMatched }) => sum + blocksMatched, 0);
      planted += places.length;
      found += covered.length;
      extra += matched - covered.length;
      told.push(`${volume} ${covered.length} of ${places.length}`);
      for (const missed of places.filter((place) => !covered.includes(place)).slice(0, 5)) console.error(`${volume}: the block at ${missed} was not found`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    figure: `known blocks found in a full pass: files whole, deleted, in pieces, in part, in slack, in TAR and stored ZIP, and in unformatted gaps on four file systems; ${blocks.count} indexed blocks of ${known.names.length} files`,
    ours: `${found} of ${planted} (${told.join(', ')}); ${extra} beside them`,
    peer: 'a search of every byte of the image for the same blocks',
    ratio: `${((found / planted) * 100).toFixed(3)} %`,
    mustReach: '100 %, none beside them',
    reached: planted > 0 && found === planted && extra === 0,
  };
}

function covers({ ranges }: BlockHit, place: number): boolean {
  return ranges.some(({ offset, length }) => place >= offset && place + BLOCK_BYTES <= offset + length && (place - offset) % BLOCK_BYTES === 0);
}

export const surveyRecallBench: Bench = { name: 'survey-recall', about: 'known blocks found in a full pass, and files falsely said to be present on 20 GB', run };
