/**
 * `kerbside triage` with a SHA-1 set without sizes, so that every item is read, against `fiwalk`
 * hashing everything (MD5 and SHA-1 is what it does) on the same NTFS image of about 3 GB of content.
 * Page cache warm for both. CPU per byte: both read the same items, so it is the ratio of CPU times.
 *
 *     ./kerbside bench triage-sha1
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { kerbsideEnvironment, measureKerbside, measureScript, warm } from './commands.ts';
import { costText, pairsOf, ratioText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { buildSetWithoutSizes } from './known-lists.ts';
import { measureCommand, measurePairs, type Measure } from './measure.ts';
import { readReport } from './read-report.ts';
import { contentVolume } from './volume-images.ts';

const MUST_REACH = 3;

async function run(options: BenchOptions): Promise<Figure[]> {
  const image = await contentVolume(options.quick);
  const folder = scratchFolder(200 << 20);
  try {
    const set = await buildSetWithoutSizes(folder, []);
    const out = join(folder, 'out');
    warm(image);
    const against = (ours: () => Measure): ReturnType<typeof measurePairs> =>
      measurePairs(ours, () => measureCommand(['fiwalk', '-x', image]), pairsOf(options, 5), () => rmSync(out, { recursive: true, force: true }));
    const alone = against(() => measureScript('triage-one.ts', [image, set, out]));
    const environment = { env: { ...kerbsideEnvironment(), KERBSIDE_HOME: join(folder, 'home') } };
    mkdirSync(join(folder, 'home'));
    // Makes the control volume, once and unmeasured.
    measureKerbside(['triage', image, '--set', set, '--out', join(folder, 'told')], environment);
    const { coverage } = readReport(join(folder, 'told'));
    const whole = against(() => measureKerbside(['triage', image, '--set', set, '--out', out, '--json'], environment));
    const figure = (name: string, result: ReturnType<typeof measurePairs>, isJudged: boolean): Figure => ({
      figure: name,
      ours: costText(result.ours),
      peer: costText(result.peer),
      ratio: ratioText(result),
      mustReach: isJudged ? `≥ ${MUST_REACH} × CPU a byte, ≥ ${MUST_REACH} × wall` : '',
      reached: isJudged ? result.cpuRatio >= MUST_REACH && result.wallRatio >= MUST_REACH : null,
    });
    return [
      figure(`triage, SHA-1 set without sizes, ${(coverage.itemBytesRead / 1e9).toFixed(2)} GB of content on NTFS, without the controls, against \`fiwalk -x\` (MD5 and SHA-1)`, alone, true),
      figure('the same, the whole command with its controls', whole, false),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const triageSha1Bench: Bench = { name: 'triage-sha1', about: 'reading and hashing everything in triage, against fiwalk', run };
