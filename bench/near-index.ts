/** The near-match index against a linear scan with SIMD, on random and clustered hashes. */
import { measureScript } from './commands.ts';
import { pairsOf, secondsText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { median } from './measure.ts';

interface Told {
  readonly hashes: number;
  readonly chunks: number;
  readonly bytesPerHash: number;
  readonly buildCpuSeconds: number;
  readonly loadSeconds: number;
  readonly loadCpuSeconds: number;
  /** Queries per CPU-second, by turn. */
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  readonly compared: number;
  readonly planted: number;
  readonly plantedMissed: number;
  readonly wrong: number;
  readonly matches: number;
}

interface Size {
  readonly hashes: number;
  readonly queries: number;
  readonly scans: number;
  readonly leastRate: number;
  readonly leastRatio: number;
}

/** Most bytes of memory a hash, and seconds to be ready. */
const MOST_BYTES_PER_HASH = 130;
const MOST_LOAD_SECONDS = 3;

const SIZES: readonly Size[] = [
  { hashes: 1_000_000, queries: 12_000, scans: 120, leastRate: 4000, leastRatio: 5 },
  { hashes: 10_000_000, queries: 6000, scans: 30, leastRate: 1000, leastRatio: 12 },
];
const QUICK: readonly Size[] = [{ hashes: 30_000, queries: 600, scans: 30, leastRate: 0, leastRatio: 0 }];

function run(options: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of options.quick ? QUICK : SIZES) {
    for (const shape of ['random', 'clustered'] as const) figures.push(measure(size, shape, pairsOf(options, 3)));
  }
  return Promise.resolve(figures);
}

function measure({ hashes, queries, scans, leastRate, leastRatio }: Size, shape: 'random' | 'clustered', turns: number): Figure {
  const { output } = measureScript(
    'near-index-one.ts',
    ['--hashes', String(hashes), '--shape', shape, '--queries', String(queries), '--scans', String(scans), '--turns', String(turns)],
    { keepOutput: true },
  );
  const told = JSON.parse(output.trim().split('\n').at(-1)!) as Told;
  const rate = median(told.ours);
  const peerRate = median(told.peer);
  const ratio = median(told.ours.map((one, turn) => one / told.peer[turn]!));
  const isExact = told.wrong === 0 && told.plantedMissed === 0;
  return {
    figure: `near-matches within 31 bits, ${told.hashes} ${shape} hashes, against a linear scan (SIMD in WASM)`,
    ours: `${rate.toFixed(0)} queries/CPU-s, ${told.chunks} chunks, ${told.bytesPerHash.toFixed(0)} bytes a hash, load ${secondsText(told.loadSeconds * 1000)} (${secondsText(told.loadCpuSeconds * 1000)} CPU), build ${secondsText(told.buildCpuSeconds * 1000)} CPU; ${isExact ? '100 % recall' : `${told.wrong} answers differ, ${told.plantedMissed} planted missed`} (${told.compared} answers compared, ${told.planted} planted, ${told.matches} matches)`,
    peer: `${peerRate.toFixed(0)} queries/CPU-s`,
    ratio: `${ratio.toFixed(1)} × CPU`,
    mustReach: `100 %, ≥ ${leastRate}/CPU-s, ≤ ${MOST_BYTES_PER_HASH} bytes, load ≤ ${MOST_LOAD_SECONDS} s, ≥ ${leastRatio} ×`,
    reached: isExact && rate >= leastRate && told.bytesPerHash <= MOST_BYTES_PER_HASH && told.loadSeconds <= MOST_LOAD_SECONDS && ratio >= leastRatio,
  };
}

export const nearIndexBench: Bench = { name: 'near-index', about: 'near-matches at 1 M and 10 M hashes, against a linear scan with SIMD', run };
