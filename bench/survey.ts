/**
 * The survey lane's processor time: every chunk of an NTFS image read, hashed and looked up in 50 million
 * fingerprints, against fiwalk's sector hashes of the same image.
 *
 *     ./kerbside bench survey
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachedBlockSet } from './block-set-recipe.ts';
import { kerbsideEnvironment, measureKerbside, measureScript, warm } from './commands.ts';
import { costText, megabytesText, pairsOf, ratioText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { measureCommand, measurePairs, median, type Measure, type PairedMeasure } from './measure.ts';
import { mixedVolume } from './mixed-volume.ts';
import { readReport } from './read-report.ts';

const MUST_REACH = 3;

async function run(options: BenchOptions): Promise<Figure[]> {
  const { image, contentBytes, sizeBytes } = await mixedVolume(options.quick);
  const { set, keyFile } = await cachedBlockSet(options.quick ? 500_000 : 50_000_000);
  const folder = scratchFolder(100 << 20);
  try {
    const out = join(folder, 'out');
    const clear = (): void => rmSync(out, { recursive: true, force: true });
    warm(image, set);
    const lane = (): Measure => measureScript('survey-one.ts', [image, set, keyFile, out]);
    const pairs = pairsOf(options, 5);
    const against = (ours: () => Measure, ...words: string[]): PairedMeasure => measurePairs(ours, () => measureCommand(['fiwalk', ...words, image]), pairs, clear);
    const figure = (name: string, result: PairedMeasure, readBytes: number, isJudged: boolean): Figure => ({
      figure: name,
      ours: `${rateText(readBytes, result.ours)}; ${costText(result.ours)}`,
      peer: `${rateText(contentBytes, result.peer)}; ${costText(result.peer)}`,
      // Whole cost against whole cost: the free space that ours reads beside the files is not counted for it.
      ratio: ratioText(result),
      mustReach: isJudged ? `≥ ${MUST_REACH} × MB per CPU-second` : '',
      reached: isJudged ? result.cpuRatio >= MUST_REACH : null,
    });
    const what = `survey of an NTFS image, ${megabytesText(sizeBytes)} with ${megabytesText(contentBytes)} of files, ${options.quick ? '500,000' : '50 million'} fingerprints`;
    const laneResult = against(lane, '-x', '-S', '4096');
    const command = (): Measure => {
      const cost = measureKerbside(['triage', image, '--set', set, '--key', keyFile, '--out', out, '--json'], { env: { ...kerbsideEnvironment(), KERBSIDE_HOME: join(folder, 'home') } });
      const { meter } = readReport(out);
      if (meter === null || meter.scattered.some(({ probability }) => probability !== 1)) throw new Error('the survey did not read everything');
      return cost;
    };
    mkdirSync(join(folder, 'home'));
    // Makes the unit's keys and its control volume, once and unmeasured.
    clear();
    command();
    return [
      figure(`${what}: the run without its controls, against \`fiwalk -x -S 4096\` (which takes MD5 and SHA-1 of each file too)`, laneResult, sizeBytes, true),
      figure('the same, against `fiwalk -x -z -S 4096`: sector hashes alone', against(lane, '-x', '-z', '-S', '4096'), sizeBytes, false),
      figure('the same, the whole command: controls, every file that the set may hold hashed, then the survey; against `fiwalk -x -S 4096`', against(command, '-x', '-S', '4096'), sizeBytes, false),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rateText(bytes: number, costs: readonly Measure[]): string {
  return `${Math.round(bytes / 1e3 / median(costs.map(({ cpuMs }) => cpuMs)))} MB per CPU-second`;
}

export const surveyBench: Bench = { name: 'survey', about: 'survey lane: chunks read, hashed and looked up, against fiwalk -S 4096', run };
