/**
 * PDQ fast mode (brightness plane at reduced size, corrected weights) against exact mode with a full
 * decode, on the same JPEG files, generated and packaged: bits between the two, and pictures a CPU-second.
 *
 *     ./kerbside bench pdq-fast
 */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIALECTS, hammingDistance, hashFromText, MIN_QUALITY } from '@kerbside/decode';
import { measureScript, warm } from './commands.ts';
import { pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { median } from './measure.ts';
import type { HashedFile, Told } from './pdq-one.ts';
import { generatedPhotographs, packagedPhotographs, percentText, spreadOf } from './pdq-pictures.ts';

const MOST_MEAN = 2.5;
const MOST_P95 = 8;
const MOST_SHARE_OVER_10 = 0.02;
const LEAST_RATIO = 1.8;

async function run(options: BenchOptions): Promise<Figure[]> {
  const generated = await generatedPhotographs(options.quick ? 13 : 234);
  const packaged = packagedPhotographs(options.quick);
  const folder = scratchFolder(1 << 20);
  try {
    const list = join(folder, 'pictures.txt');
    writeFileSync(list, [...generated, ...packaged].join('\n'));
    warm(...generated, ...packaged);
    const told: { fast: Told[]; exact: Told[] } = { fast: [], exact: [] };
    for (let pair = 0; pair < pairsOf(options, 3); pair++) {
      const order = pair % 2 === 0 ? (['fast', 'exact'] as const) : (['exact', 'fast'] as const);
      for (const side of order) told[side].push(JSON.parse(measureScript('pdq-one.ts', [side, list], { keepOutput: true }).output) as Told);
    }
    return [
      bitsFigure('generated', told, generated),
      ...(packaged.length === 0 ? [] : [{ ...bitsFigure('packaged', told, packaged), mustReach: 'told: few, and of unknown making', reached: null }]),
      bitsFigure('all', told, [...generated, ...packaged]),
      rateFigure('generated', told, generated),
      ...(packaged.length === 0 ? [] : [rateFigure('packaged', told, packaged)]),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bitsFigure(kind: string, told: { fast: readonly Told[]; exact: readonly Told[] }, paths: readonly string[]): Figure {
  const chosen = new Set(paths);
  const bits = { '512nn': [] as number[], full: [] as number[] };
  let lowQuality = 0;
  told.exact[0]!.files.forEach((exact, i) => {
    if (!chosen.has(exact.path)) return;
    if (exact.quality < MIN_QUALITY) lowQuality += 1;
    else for (const dialect of DIALECTS) bits[dialect].push(distance(exact, told.fast[0]!.files[i]!, dialect));
  });
  const both = spreadOf([...bits['512nn'], ...bits.full]);
  const text = (values: readonly number[]): string => {
    const { mean, p95, most, shareAbove } = spreadOf(values);
    return `mean ${mean.toFixed(2)}, p95 ${p95}, ${percentText(shareAbove(10))} over 10, most ${most}`;
  };
  return {
    figure: `PDQ fast mode, bits from exact mode, ${bits.full.length} ${kind} photographs of quality ≥ 50 (${lowQuality} below)`,
    ours: `both dialects: ${text([...bits['512nn'], ...bits.full])}; 512nn: ${text(bits['512nn'])}; full: ${text(bits.full)}`,
    peer: 'exact mode',
    ratio: '',
    mustReach: `mean ≤ ${MOST_MEAN}, p95 ≤ ${MOST_P95}, ≤ ${percentText(MOST_SHARE_OVER_10)} over 10`,
    reached: both.mean <= MOST_MEAN && both.p95 <= MOST_P95 && both.shareAbove(10) <= MOST_SHARE_OVER_10,
  };
}

function distance(a: HashedFile, b: HashedFile, dialect: '512nn' | 'full'): number {
  return hammingDistance(hashFromText(a.hashes[dialect])!, hashFromText(b.hashes[dialect])!);
}

function rateFigure(kind: string, told: { fast: readonly Told[]; exact: readonly Told[] }, paths: readonly string[]): Figure {
  const chosen = new Set(paths);
  const cpuMs = (side: Told): number => side.files.reduce((sum, file) => sum + (chosen.has(file.path) ? file.cpuMs : 0), 0);
  const ratio = median(told.fast.map((mine, i) => cpuMs(told.exact[i]!) / cpuMs(mine)));
  const rate = (side: readonly Told[]): string => `${median(side.map((one) => (paths.length / cpuMs(one)) * 1000)).toFixed(0)} pictures a CPU-second`;
  const pixels = told.fast[0]!.files.reduce((sum, file) => sum + (chosen.has(file.path) ? file.pixels : 0), 0);
  // Entropy decoding cannot be spared, so files with more bytes a pixel gain less.
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  return {
    figure: `PDQ fast mode, ${paths.length} ${kind} JPEG of ${(pixels / paths.length / 1e6).toFixed(1)} megapixels on average, ${(bytes / pixels).toFixed(2)} bytes a pixel, decode and both dialects`,
    ours: rate(told.fast),
    peer: `exact mode with a full decode: ${rate(told.exact)}`,
    ratio: `${ratio.toFixed(2)} × CPU`,
    mustReach: `≥ ${LEAST_RATIO} × CPU`,
    reached: ratio >= LEAST_RATIO,
  };
}

export const pdqFastBench: Bench = { name: 'pdq-fast', about: 'PDQ from reduced JPEG, against a full decode', run };
