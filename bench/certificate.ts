/**
 * What the certificate costs beside the run that it certifies: leaves of all reads and items, trees, reads.bin, the
 * digest of the program and the signature.
 *
 *     ./kerbside bench certificate
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeKeyFile } from '@kerbside/ledger';
import { BENCH_KEYS } from './block-set-recipe.ts';
import { measureScript, warm } from './commands.ts';
import { megabytesText, pairsOf, secondsText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { knownMaterial } from './known-blocks.ts';
import { median } from './measure.ts';
import { mixedVolume } from './mixed-volume.ts';

const MOST_SHARE = 0.05;

interface Costs {
  readonly runMs: number;
  /** Processor time of each part that is there for the certificate alone. */
  readonly parts: Readonly<Record<string, number>>;
}

async function run(options: BenchOptions): Promise<Figure[]> {
  const { image, sizeBytes } = await mixedVolume(options.quick);
  const known = await knownMaterial(options.quick ? 400 : 4000);
  known.set.close();
  const folder = scratchFolder(100 << 20);
  try {
    const keyFile = join(folder, 'bench.keys');
    writeKeyFile(keyFile, BENCH_KEYS);
    warm(image);
    const out = join(folder, 'out');
    const runs = Array.from({ length: pairsOf(options, 5) }, (): Costs => {
      rmSync(out, { recursive: true, force: true });
      return JSON.parse(measureScript('certificate-one.ts', [image, known.setPath, keyFile, out], { keepOutput: true }).output) as Costs;
    });
    const sums = runs.map(({ parts }) => Object.values(parts).reduce((sum, ms) => sum + ms, 0));
    // The run holds the parts too: they are taken off what they are compared with.
    const share = median(runs.map(({ runMs }, i) => sums[i]! / (runMs - sums[i]!)));
    const names = Object.keys(runs[0]!.parts);
    const told = names.map((name) => `${name} ${median(runs.map(({ parts }) => parts[name]!)).toFixed(1)} ms`);
    return [
      {
        figure: `certificate: processor time of its parts, done again on the same reads and items, against the rest of a full pass over ${megabytesText(sizeBytes)} (controls not in it)`,
        ours: `${median(sums).toFixed(0)} ms: ${told.join(', ')}`,
        peer: `the run without them ${secondsText(median(runs.map(({ runMs }, i) => runMs - sums[i]!)))}`,
        ratio: `${(share * 100).toFixed(2)} %`,
        mustReach: `≤ ${MOST_SHARE * 100} % CPU`,
        reached: share <= MOST_SHARE,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const certificateBench: Bench = { name: 'certificate', about: 'processor time of the certificate beside its run', run };
