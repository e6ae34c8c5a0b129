/**
 * Block sets at 50 million fingerprints: size, build rate, time to open, look-up. There is no peer
 * that holds blocks at this size: the bounds are the issue's own.
 *
 *     ./kerbside bench block-set
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { measureScript } from './commands.ts';
import { megabytesText, pairsOf, secondsText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { median } from './measure.ts';

const MOST_BYTES_EACH = 6.5;
const LEAST_RATE = 1e6;
const MOST_OPEN_MS = 500;

interface Built {
  readonly blocks: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Opened {
  readonly openMs: number;
  readonly openCpuMs: number;
  readonly rssBytes: number;
  readonly falseHits: number;
  readonly lookupNs: number;
  readonly lookupCpuNs: number;
  readonly knownFound: number;
  readonly knownAsked: number;
}

function run(options: BenchOptions): Promise<Figure[]> {
  const blocks = options.quick ? 500_000 : 50_000_000;
  const folder = scratchFolder(blocks * 40);
  try {
    const path = join(folder, 'bench.kblocks');
    const runs = pairsOf(options, 3);
    const builds: Built[] = [];
    let buildRss = 0;
    for (let i = 0; i < runs; i++) {
      rmSync(path, { force: true });
      const { output, maxRssBytes } = measureScript('block-set-one.ts', ['build', path, String(blocks)], { keepOutput: true });
      builds.push(JSON.parse(output) as Built);
      buildRss = Math.max(buildRss, maxRssBytes);
    }
    const opens: Opened[] = [];
    for (let i = 0; i < runs; i++) opens.push(JSON.parse(measureScript('block-set-one.ts', ['open', path, String(blocks)], { keepOutput: true }).output) as Opened);
    return Promise.resolve([...buildFigures(builds, buildRss), ...openFigures(opens, blocks)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildFigures(builds: readonly Built[], rssBytes: number): Figure[] {
  const { blocks, files, sizeBytes } = builds[0]!;
  const fingerprints = blocks + files;
  const bytesEach = sizeBytes / fingerprints;
  const wallRate = fingerprints / (median(builds.map(({ wallMs }) => wallMs)) / 1000);
  const cpuRate = fingerprints / (median(builds.map(({ cpuMs }) => cpuMs)) / 1000);
  return [
    {
      figure: `block set, ${blocks} codes of blocks and ${files} of files: bytes each, all in`,
      ours: `${bytesEach.toFixed(2)} bytes (${(sizeBytes / blocks).toFixed(2)} a block code), ${megabytesText(sizeBytes)}`,
      peer: 'none',
      ratio: '',
      mustReach: `≤ ${MOST_BYTES_EACH} bytes`,
      reached: bytesEach <= MOST_BYTES_EACH,
    },
    {
      figure: 'block set, from codes to signed file',
      ours: `${millions(wallRate)} wall, ${millions(cpuRate)} a CPU-second, ${megabytesText(rssBytes)}`,
      peer: 'none',
      ratio: '',
      mustReach: `≥ ${millions(LEAST_RATE)}`,
      reached: wallRate >= LEAST_RATE,
    },
  ];
}

function openFigures(opens: readonly Opened[], blocks: number): Figure[] {
  const openMs = median(opens.map((one) => one.openMs));
  const [first] = opens;
  const complete = first!.knownFound === first!.knownAsked && first!.falseHits === 0;
  return [
    {
      figure: `block set, open at ${blocks}: signature and every byte checked`,
      ours: `${secondsText(openMs)} wall, ${secondsText(median(opens.map((one) => one.openCpuMs)))} CPU, ${megabytesText(Math.max(...opens.map((one) => one.rssBytes)))}`,
      peer: 'none',
      ratio: '',
      mustReach: `≤ ${secondsText(MOST_OPEN_MS)}`,
      reached: openMs <= MOST_OPEN_MS,
    },
    {
      figure: `block set, look-up in ${blocks}: ${first!.knownAsked} known codes found, 20 million others not`,
      ours: `${median(opens.map((one) => one.lookupCpuNs)).toFixed(0)} ns CPU, ${median(opens.map((one) => one.lookupNs)).toFixed(0)} ns wall each`,
      peer: 'none',
      ratio: '',
      mustReach: 'all found, none false',
      reached: complete,
    },
  ];
}

function millions(rate: number): string {
  return `${(rate / 1e6).toFixed(2)} M/s`;
}

export const blockSetBench: Bench = { name: 'block-set', about: 'block sets at 50 million fingerprints: size, build, open, look-up', run };
