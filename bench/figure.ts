import type { PairedMeasure } from './measure.ts';
import { median, type Measure } from './measure.ts';

/** One row of the table: a figure, what it must reach, and whether it did. */
export interface Figure {
  readonly figure: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly mustReach: string;
  /** Null for a row that is told for honesty and has no bound of its own. */
  readonly reached: boolean | null;
}

/** How the benches are to run. */
export interface BenchOptions {
  /** Small inputs and one pair: proves that the scripts work, and no more. */
  readonly quick: boolean;
  /** Number of pairs to measure; each bench has its own default. */
  readonly pairs: number | null;
}

/** One bench script. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  readonly run: (options: BenchOptions) => Promise<readonly Figure[]>;
}

/** Pairs to run: what was asked for, one when quick, else the bench's own number. */
export function pairsOf(options: BenchOptions, usual: number): number {
  return options.pairs ?? (options.quick ? 1 : usual);
}

/** `1.23 s CPU, 0.80 s wall, 120 MB`: medians; memory is the largest. */
export function costText(costs: readonly Measure[]): string {
  const cpu = median(costs.map(({ cpuMs }) => cpuMs));
  const wall = median(costs.map(({ wallMs }) => wallMs));
  return `${secondsText(cpu)} CPU, ${secondsText(wall)} wall, ${megabytesText(Math.max(...costs.map(({ maxRssBytes }) => maxRssBytes)))}`;
}

export function ratioText(result: PairedMeasure): string {
  return `${result.cpuRatio.toFixed(1)} × CPU, ${result.wallRatio.toFixed(1)} × wall`;
}

export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Decimal megabytes, as the bounds are. */
export function megabytesText(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

const COLUMNS = ['figure', 'ours', 'peer', 'ratio (median of pairs)', 'must reach', 'result', 'command'] as const;

export function tableHead(): string {
  return `| ${COLUMNS.join(' | ')} |\n| ${COLUMNS.map(() => '---').join(' | ')} |`;
}

export function tableRow(figure: Figure, command: string): string {
  const result = figure.reached === null ? 'told only' : figure.reached ? 'reached' : '**MISSED**';
  return `| ${[figure.figure, figure.ours, figure.peer, figure.ratio, figure.mustReach, result, `\`${command}\``].join(' | ')} |`;
}
