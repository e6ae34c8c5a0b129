/**
 * MD5 in SIMD lanes against `node:crypto`, one core, the same bytes in memory: 4 KiB blocks as the
 * survey lane hashes them (`crypto.hash` a block), and many whole files of 64 KiB to 1 MiB. CPU time
 * of the hashing, making and testing the lanes included.
 *
 *     ./kerbside bench md5-lanes
 */
import { measureScript } from './commands.ts';
import { pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { median } from './measure.ts';

interface Told {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly bytes: number;
  readonly results: string;
}

interface Work {
  readonly name: string;
  readonly figure: string;
  readonly mustReach: number | null;
}

const WORKS: readonly Work[] = [
  { name: 'blocks', figure: 'MD5 of 4 KiB blocks, one core, against `crypto.hash` a block', mustReach: 3 },
  { name: 'files', figure: 'MD5 of 100 files of 64 KiB to 1 MiB in memory, one core, against `crypto.hash` a file', mustReach: 2 },
  { name: 'codes', figure: 'keyed codes of 4 KiB blocks (MD5, then HMAC-SHA-256), one core, against `node:crypto`', mustReach: null },
];

/** Long enough that the runtime has compiled both sides as well as it will. */
const PASSES = 40;

function run(options: BenchOptions): Promise<Figure[]> {
  return Promise.resolve(WORKS.map((work) => measureWork(work, options)));
}

function measureWork({ name, figure, mustReach }: Work, options: BenchOptions): Figure {
  const told: { ours: Told[]; node: Told[] } = { ours: [], node: [] };
  for (let pair = 0; pair < pairsOf(options, 5); pair++) {
    const order = pair % 2 === 0 ? (['ours', 'node'] as const) : (['node', 'ours'] as const);
    for (const side of order) {
      const { output } = measureScript('md5-lanes-one.ts', [side, name, String(options.quick ? 1 : PASSES)], { keepOutput: true });
      told[side].push(JSON.parse(output) as Told);
    }
  }
  const results = new Set([...told.ours, ...told.node].map((one) => one.results));
  if (results.size !== 1) throw new Error(`the two sides gave ${results.size} different results`);
  const ratioBy = (of: (one: Told) => number): number => median(told.ours.map((mine, i) => of(told.node[i]!) / of(mine)));
  const cpu = ratioBy(({ cpuMs }) => cpuMs);
  return {
    figure,
    ours: rateText(told.ours),
    peer: rateText(told.node),
    ratio: `${cpu.toFixed(1)} × CPU, ${ratioBy(({ wallMs }) => wallMs).toFixed(1)} × wall`,
    mustReach: mustReach === null ? '' : `≥ ${mustReach} × CPU`,
    reached: mustReach === null ? null : cpu >= mustReach,
  };
}

function rateText(told: readonly Told[]): string {
  return `${median(told.map(({ bytes, cpuMs }) => bytes / cpuMs / 1e6)).toFixed(2)} GB per CPU-second`;
}

export const md5LanesBench: Bench = { name: 'md5-lanes', about: 'MD5 in SIMD lanes, against node:crypto', run };
