/**
 * Carving of free space: whole JPEG pictures found by structure in a raw image of free space, against
 * photorec on the same image with JPEG alone. Ours digests what it finds (SHA-1), as triage does;
 * photorec writes it out, as it always does.
 *
 *     ./kerbside bench carving
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createImageFile, writeFreeSpace } from '@kerbside/corpus';
import { measureScript, warm } from './commands.ts';
import { costText, pairsOf, ratioText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { cachedFolder, scratchFolder } from './image-cache.ts';
import { measureCommand, measurePairs, median, type Measure } from './measure.ts';

const RATE_MUST_REACH = 1;
/** Of 600 pictures that lie in one piece. */
const FOUND_MUST_REACH = 599 / 600;

/** One pass without a partition table, JPEG alone; what does not check out is not kept. */
const PHOTOREC_WORDS = 'partition_none,options,keep_corrupted_file_no,fileopt,everything,disable,jpg,enable,wholespace,search';

async function run(options: BenchOptions): Promise<Figure[]> {
  const pictures = options.quick ? 30 : 600;
  const plan = { seed: 31, pictures, fillerBytes: options.quick ? 50_000_000 : 1_000_000_000 };
  const cached = await cachedFolder({ name: 'free-space', plan }, plan.fillerBytes * 2, (into) => {
    const digests: string[] = [];
    // Longer than any layout of the plan: what is left over is cut off.
    const image = createImageFile(join(into, 'free.img'), plan.fillerBytes * 4);
    const sizeBytes = writeFreeSpace(image, plan, ({ bytes }) => digests.push(sha1(bytes)));
    image.close();
    truncateSync(join(into, 'free.img'), sizeBytes);
    writeFileSync(join(into, 'digests'), digests.join('\n'));
  });
  const image = join(cached, 'free.img');
  const planted = new Set(readFileSync(join(cached, 'digests'), 'utf8').split('\n'));
  const { size: sizeBytes } = statSync(image);
  const folder = scratchFolder(sizeBytes);
  try {
    const ourList = join(folder, 'ours');
    const theirFiles = join(folder, 'photorec');
    warm(image);
    const photorec = (): Measure => {
      rmSync(theirFiles, { recursive: true, force: true });
      mkdirSync(theirFiles);
      return measureCommand(['photorec', '/d', join(theirFiles, 'found'), '/cmd', image, PHOTOREC_WORDS], { env: { TERM: 'xterm' } });
    };
    const result = measurePairs(() => measureScript('carving-one.ts', [image, ourList]), photorec, pairsOf(options, 3));
    const ours = readFileSync(ourList, 'utf8').trim().split('\n');
    const theirs = readdirSync(theirFiles, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg')).map((name) => sha1(readFileSync(join(theirFiles, name))));
    const [ourExact, theirExact] = [exactOf(ours, planted), exactOf(theirs, planted)];
    return [
      {
        figure: `carving, ${(sizeBytes / 1e9).toFixed(2)} GB of free space, against \`photorec\` (JPEG alone; it writes them out, ours takes their SHA-1)`,
        ours: `${rateText(sizeBytes, result.ours)}; ${costText(result.ours)}`,
        peer: `${rateText(sizeBytes, result.peer)}; ${costText(result.peer)}`,
        ratio: ratioText(result),
        mustReach: `≥ ${RATE_MUST_REACH} × rate`,
        reached: result.cpuRatio >= RATE_MUST_REACH && result.wallRatio >= RATE_MUST_REACH,
      },
      {
        figure: `carving, ${pictures} whole pictures in one piece, byte for byte`,
        ours: `${ourExact} found, ${ours.length - ourExact} others`,
        peer: `${theirExact} found, ${theirs.length - theirExact} others`,
        ratio: '',
        mustReach: `≥ 599 of 600, ≥ photorec's, 0 others`,
        reached: ourExact >= pictures * FOUND_MUST_REACH && ourExact >= theirExact && ours.length === ourExact,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** Pictures of the plan that a list of digests holds. */
function exactOf(digests: readonly string[], planted: ReadonlySet<string>): number {
  return new Set(digests.filter((digest) => planted.has(digest))).size;
}

function rateText(bytes: number, costs: readonly Measure[]): string {
  return `${Math.round(bytes / 1e3 / median(costs.map(({ cpuMs }) => cpuMs)))} MB per CPU-second`;
}

export const carvingBench: Bench = { name: 'carving', about: 'finding whole pictures in free space, against photorec', run };
