/**
 * The size gate: the same records once as a set with sizes and once without, on a video-heavy volume.
 * With sizes far fewer bytes have to be read, and the hits must be the same.
 *
 *     ./kerbside bench gate
 */
import { isDeepStrictEqual } from 'node:util';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeRandom } from '@kerbside/corpus';
import { measureKerbside, warm } from './commands.ts';
import { costText, megabytesText, pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { cachedFolder, scratchFolder } from './image-cache.ts';
import { buildSetWithoutSizes, buildSetWithSizes, recordsOf } from './known-lists.ts';
import { measurePairs } from './measure.ts';
import { readReport } from './read-report.ts';
import { makeVideoHeavyTree } from './trees.ts';
import { writeVolumeImage } from './volume-images.ts';

const MUST_REACH = 15;
const KNOWN_SHARE = 0.03;

async function run(options: BenchOptions): Promise<Figure[]> {
  const plan = options.quick ? { seed: 31, pictures: 300, videos: 10, videoMiB: 20 } : { seed: 31, pictures: 2000, videos: 40, videoMiB: 64 };
  const sizeBytes = (plan.videos * (plan.videoMiB + 8) + 512) * 1024 * 1024;
  const tree = makeVideoHeavyTree(plan);
  const image = join(
    await cachedFolder({ name: 'video-heavy', plan }, sizeBytes, (into) => writeVolumeImage(join(into, 'volume.img'), 'exFAT', sizeBytes, plan.seed, tree)),
    'volume.img',
  );
  const folder = scratchFolder(200 << 20);
  try {
    const random = makeRandom(plan.seed + 1);
    // One known video among the first, and a share of the pictures.
    const video = tree.find((file) => file.path.endsWith('.MP4'));
    const known = recordsOf([...(video === undefined ? [] : [video]), ...tree.filter((file) => file.path.endsWith('.JPG') && random.chance(KNOWN_SHARE))]);
    const sized = await buildSetWithSizes(folder, known);
    const unsized = await buildSetWithoutSizes(folder, known);
    const outs = { sized: join(folder, 'out-sized'), unsized: join(folder, 'out-unsized') };
    warm(image);
    const triage = (set: string, out: string) => () => {
      rmSync(out, { recursive: true, force: true });
      return measureKerbside(['triage', image, '--set', set, '--out', out, '--json']);
    };
    const result = measurePairs(triage(sized, outs.sized), triage(unsized, outs.unsized), pairsOf(options, 1));
    const [withSizes, withoutSizes] = [readReport(outs.sized), readReport(outs.unsized)];
    const ratio = withoutSizes.coverage.bytesRead / Math.max(1, withSizes.coverage.bytesRead);
    const paths = (report: typeof withSizes): string[] => report.hits.map(({ path }) => path).sort();
    const sameHits = isDeepStrictEqual(paths(withSizes), paths(withoutSizes)) && withSizes.hits.length === known.length;
    return [
      {
        figure: `size gate, ${plan.videos} videos and ${plan.pictures} pictures, ${known.length} known; set with sizes against the same without`,
        ours: `${megabytesText(withSizes.coverage.bytesRead)} read, ${withSizes.hits.length} hits, ${costText(result.ours)}`,
        peer: `${megabytesText(withoutSizes.coverage.bytesRead)} read, ${withoutSizes.hits.length} hits, ${costText(result.peer)}`,
        ratio: `${ratio.toFixed(1)} × fewer bytes, hits ${sameHits ? 'identical' : 'NOT identical'}`,
        mustReach: `≥ ${MUST_REACH} × fewer bytes, identical hits`,
        reached: ratio >= MUST_REACH && sameHits,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const gateBench: Bench = { name: 'gate', about: 'bytes spared by the size gate', run };
