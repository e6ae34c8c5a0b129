import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a command cost, children included. CPU is user plus system time, to 10 ms. */
export interface Measure {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly maxRssBytes: number;
  readonly exitCode: number;
  /** Standard output, empty when it was discarded. */
  readonly output: string;
}

/** How to run the command. */
export interface MeasureOptions {
  /** Keep standard output (up to 64 MiB); otherwise it goes to /dev/null, as a pipe would cost the peer time. */
  readonly keepOutput?: boolean;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure; default only 0. */
  readonly acceptExitCodes?: readonly number[];
}

/**
 * Runs a command to its end under GNU time and says what it cost.
 *
 * @throws Error when the command fails, or `/usr/bin/time` (Debian package `time`) is missing
 */
export function measureCommand(argv: readonly string[], options: MeasureOptions = {}): Measure {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-measure-'));
  const discard = openSync('/dev/null', 'r+');
  try {
    const costFile = join(folder, 'cost');
    const started = process.hrtime.bigint();
    const run = spawnSync('/usr/bin/time', ['-f', '%U %S %M', '-o', costFile, ...argv], {
      stdio: [discard, options.keepOutput === true ? 'pipe' : discard, 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    });
    const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
    if (run.error !== undefined) {
      throw new Error(`/usr/bin/time could not run ${argv[0] ?? ''} (Debian package "time" needed): ${run.error.message}`);
    }
    const exitCode = run.status ?? -1;
    if (!(options.acceptExitCodes ?? [0]).includes(exitCode)) {
      throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${run.stderr.toString().slice(0, 2000)}`);
    }
    // A command that ends with an error code puts a sentence of its own before the figures.
    const figures = readFileSync(costFile, 'utf8').trim().split('\n').at(-1) ?? '';
    const [user = Number.NaN, system = Number.NaN, kib = Number.NaN] = figures.split(' ').map(Number);
    return { wallMs, cpuMs: (user + system) * 1000, maxRssBytes: kib * 1024, exitCode, output: run.stdout?.toString() ?? '' };
  } finally {
    closeSync(discard);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Ours and a peer's cost on the same input, run in turn so that a slow spell of the machine meets both. */
export interface PairedMeasure {
  readonly ours: readonly Measure[];
  readonly peer: readonly Measure[];
  /** Median over the pairs of peer / ours: above 1 we are that many times cheaper. */
  readonly cpuRatio: number;
  readonly wallRatio: number;
}

/** Runs both commands `pairs` times in turn (the order within a pair alternates). `before` runs ahead of each command, unmeasured. */
export function measurePairs(
  ours: () => Measure,
  peer: () => Measure,
  pairs: number,
  before: () => void = () => {},
): PairedMeasure {
  const all: { ours: Measure[]; peer: Measure[] } = { ours: [], peer: [] };
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
    for (const side of order) {
      before();
      all[side].push(side === 'ours' ? ours() : peer());
    }
  }
  const ratio = (of: (m: Measure) => number): number =>
    median(all.ours.map((mine, i) => of(all.peer[i] ?? mine) / Math.max(1, of(mine))));
  return { ...all, cpuRatio: ratio((m) => m.cpuMs), wallRatio: ratio((m) => m.wallMs) };
}
