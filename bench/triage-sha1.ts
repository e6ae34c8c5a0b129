/**
 * `kerbside triage` with a SHA-1 set without sizes, so that every item is read, against `fiwalk`
 * hashing everything (MD5 and SHA-1 is what it does) on the same NTFS image of about 3 GB of content.
 * Page cache warm for both. CPU per byte: both read the same items, so it is the ratio of CPU times.
 *
 *     ./kerbside bench triage-sha1
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { measureKerbside, warm } from './commands.ts';
import { costText, pairsOf, ratioText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { buildSetWithoutSizes } from './known-lists.ts';
import { measureCommand, measurePairs } from './measure.ts';
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
    const result = measurePairs(
      () => measureKerbside(['triage', image, '--set', set, '--out', out, '--json']),
      () => measureCommand(['fiwalk', '-x', image]),
      pairsOf(options, 5),
      () => rmSync(out, { recursive: true, force: true }),
    );
    measureKerbside(['triage', image, '--set', set, '--out', join(folder, 'told')]);
    const { coverage } = readReport(join(folder, 'told'));
    return [
      {
        figure: `triage, SHA-1 set without sizes, ${(coverage.itemBytesRead / 1e9).toFixed(2)} GB of content on NTFS, against \`fiwalk -x\` (MD5 and SHA-1)`,
        ours: costText(result.ours),
        peer: costText(result.peer),
        ratio: ratioText(result),
        mustReach: `≥ ${MUST_REACH} × CPU a byte, ≥ ${MUST_REACH} × wall`,
        reached: result.cpuRatio >= MUST_REACH && result.wallRatio >= MUST_REACH,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const triageSha1Bench: Bench = { name: 'triage-sha1', about: 'reading and hashing everything in triage, against fiwalk', run };
