/**
 * E01: `kerbside list --hash md5,sha1,sha256 --json` and `kerbside triage` (SHA-1 set without sizes)
 * against `fiwalk -x` (MD5 and SHA-1) on the same compressed E01; and reading the whole E01 in order,
 * every chunk's checksum verified, against `img_cat`.
 *
 *     ./kerbside bench e01
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFileChunks, writeE01 } from '@kerbside/corpus';
import { measureKerbside, measureScript, warm } from './commands.ts';
import { costText, pairsOf, ratioText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { cachedFolder, scratchFolder } from './image-cache.ts';
import { buildSetWithoutSizes } from './known-lists.ts';
import { measureCommand, measurePairs } from './measure.ts';
import { e01Volume } from './volume-images.ts';

const HASHING_MUST_REACH = 2;
const READING_MUST_REACH = 1;

async function run(options: BenchOptions): Promise<Figure[]> {
  const raw = await e01Volume(options.quick);
  const sizeBytes = statSync(raw).size;
  const e01Folder = await cachedFolder({ name: 'volume-e01', of: raw }, sizeBytes, (into) => {
    writeE01({ source: readFileChunks(raw), sizeBytes, outBasePath: join(into, 'volume'), compress: true });
  });
  const image = join(e01Folder, 'volume.E01');
  const folder = scratchFolder(200 << 20);
  try {
    const set = await buildSetWithoutSizes(folder, []);
    const out = join(folder, 'out');
    const clear = (): void => rmSync(out, { recursive: true, force: true });
    const pairs = pairsOf(options, 3);
    const fiwalk = () => measureCommand(['fiwalk', '-x', image]);
    warm(image);
    const listing = measurePairs(() => measureKerbside(['list', image, '--hash', 'md5,sha1,sha256', '--json']), fiwalk, pairs);
    const triage = measurePairs(() => measureKerbside(['triage', image, '--set', set, '--out', out, '--json']), fiwalk, pairs, clear);
    const reading = measurePairs(() => measureScript('e01-read-one.ts', [image]), () => measureCommand(['img_cat', image]), pairs);
    return [
      {
        figure: 'E01, three digests of everything, against `fiwalk -x` on the E01 (MD5 and SHA-1)',
        ours: costText(listing.ours),
        peer: costText(listing.peer),
        ratio: ratioText(listing),
        mustReach: `≥ ${HASHING_MUST_REACH} × wall`,
        reached: listing.wallRatio >= HASHING_MUST_REACH,
      },
      {
        figure: 'E01, triage with a SHA-1 set without sizes, against `fiwalk -x` on the E01',
        ours: costText(triage.ours),
        peer: costText(triage.peer),
        ratio: ratioText(triage),
        mustReach: `≥ ${HASHING_MUST_REACH} × wall`,
        reached: triage.wallRatio >= HASHING_MUST_REACH,
      },
      {
        figure: `E01 read in order, checksums verified, ${(sizeBytes / 1e9).toFixed(1)} GB, against \`img_cat\``,
        ours: costText(reading.ours),
        peer: costText(reading.peer),
        ratio: ratioText(reading),
        mustReach: `≥ ${READING_MUST_REACH} × CPU`,
        reached: reading.cpuRatio >= READING_MUST_REACH,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const e01Bench: Bench = { name: 'e01', about: 'hashing and reading an E01, against fiwalk and img_cat', run };
