/**
 * Catalogue only: `kerbside list IMAGE --json` against `fiwalk -z -g -x` (The Sleuth Kit) on the same
 * volume of 150,000 files. Both write one structured record an item to /dev/null; the peer's DFXML also
 * writes byte runs, and its plain text form does not: that one is measured too. Orphan stages included.
 *
 *     ./kerbside bench catalogue
 */
import { measureKerbside, warm } from './commands.ts';
import { costText, pairsOf, ratioText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { measureCommand, measurePairs } from './measure.ts';
import { cachedVolume, FILE_SYSTEMS, type FileSystemName } from './volume-images.ts';

const MUST_REACH: Readonly<Record<FileSystemName, number>> = { NTFS: 3, ext4: 3, FAT32: 2, exFAT: 2 };

async function run(options: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  const files = options.quick ? 4000 : 150_000;
  for (const fileSystem of FILE_SYSTEMS) {
    const image = await cachedVolume(fileSystem, options.quick ? 320 : 3072, { files, seed: 11, medianBytes: 4000, spread: 1.4, largestBytes: 8 << 20, deletedShare: 0.08, fragmentedShare: 0.05 });
    warm(image);
    const ours = () => measureKerbside(['list', image, '--json']);
    ours();
    for (const [form, flags] of [['DFXML', ['-x']], ['plain text', []]] as const) {
      const result = measurePairs(ours, () => measureCommand(['fiwalk', '-z', '-g', ...flags, image]), pairsOf(options, 5));
      const bound = MUST_REACH[fileSystem];
      figures.push({
        figure: `catalogue, ${fileSystem}, ${files} files, against \`fiwalk ${['-z', '-g', ...flags].join(' ')}\` (${form})`,
        ours: costText(result.ours),
        peer: costText(result.peer),
        ratio: ratioText(result),
        mustReach: flags.length > 0 ? `≥ ${bound} × CPU` : '',
        reached: flags.length > 0 ? result.cpuRatio >= bound : null,
      });
    }
  }
  return figures;
}

export const catalogueBench: Bench = { name: 'catalogue', about: 'listing every item, against fiwalk', run };
