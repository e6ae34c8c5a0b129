import { createHash } from 'node:crypto';
import { formatCount } from '../html/figures.ts';
import type { RankedItem } from './ranking.ts';

/** A random sample of the low band, to see what the ranking misses. */
export interface LowBandSample {
  readonly items: readonly RankedItem[];
  /** Shown items of the low band that it was drawn from. */
  readonly drawnFrom: number;
  /** What it can say before anybody has looked. */
  readonly sentence: string;
}

/** Share of the low band that is relevant at most, told with this confidence. */
const CONFIDENCE = 0.95;

/**
 * Draws `count` of the whole numbers below `limit`, each set of them with the same chance (Floyd's method), ascending.
 * The numbers come from SHA-256 over the seed and a counter.
 */
export function drawNumbers(seed: string, limit: number, count: number): number[] {
  const below = numbersFrom(seed);
  const drawn = new Set<number>();
  for (let last = Math.max(0, limit - count); last < limit; last++) {
    const candidate = below(last + 1);
    drawn.add(drawn.has(candidate) ? last : candidate);
  }
  return [...drawn].sort((a, b) => a - b);
}

function numbersFrom(seed: string): (limit: number) => number {
  const range = 2 ** 48;
  let counter = 0;
  return (limit) => {
    // Values past the last whole multiple would favour small numbers.
    const usable = range - (range % limit);
    for (;;) {
      const value = createHash('sha256').update(JSON.stringify([seed, counter++])).digest().readUIntBE(0, 6);
      if (value < usable) return value % limit;
    }
  };
}

/**
 * Upper bound of a share at 95 % from `found` among `looked` drawn at random (Clopper and Pearson 1934, one-sided, from the binomial):
 * the share at which so few or fewer would turn up 5 times in 100. 1 where nothing was looked at or all was found.
 */
export function upperShare(found: number, looked: number): number {
  if (found >= looked) return 1;
  let low = found / looked;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(found, looked, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X ≤ found) for X binomial; summed in logarithms so that large samples do not underflow. */
function chanceOfAtMost(found: number, looked: number, share: number): number {
  if (share <= 0) return 1;
  if (share >= 1) return 0;
  let logTerm = looked * Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= found; k++) {
    logTerm += Math.log((looked - k + 1) / k) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(logTerm);
  }
  return sum;
}

/** What a sample of this size could say, before anybody has looked at it. */
export function sampleSentence(looked: number, drawnFrom: number): string {
  if (looked === 0) return 'The low band is empty: there is nothing to draw from.';
  if (looked >= drawnFrom) return `These are all ${formatCount(drawnFrom)} shown items of the low band: whoever looks at them has looked at the whole band.`;
  return `${formatCount(looked)} of ${formatCount(drawnFrom)} shown items of the low band, drawn at random. If none of them turns out to matter, at most ${percent(upperShare(0, looked))} of the band do (${formatCount(mostItems(0, looked, drawnFrom))} items), with 95 % confidence. The sample cannot say that none does, nor which.`;
}

/** What a sample says once a person has judged all of it. @param found how many of them mattered */
export function judgedSentence(found: number, looked: number, drawnFrom: number): string {
  if (looked === 0) return 'Nothing of the low band was looked at: nothing can be said of it.';
  if (looked >= drawnFrom) return `All ${formatCount(drawnFrom)} shown items of the low band were looked at; ${formatCount(found)} mattered.`;
  const rest = found === 0 ? 'That does not say that none does.' : 'The ranking missed some: look at more of the low band.';
  return `Of ${formatCount(looked)} items drawn at random from the low band ${formatCount(found)} mattered. With 95 % confidence at most ${percent(upperShare(found, looked))} of its ${formatCount(drawnFrom)} shown items do (${formatCount(mostItems(found, looked, drawnFrom))}). ${rest}`;
}

/** Never fewer than were found: the bound is on the whole band. */
function mostItems(found: number, looked: number, drawnFrom: number): number {
  return Math.max(found, Math.floor(upperShare(found, looked) * drawnFrom));
}

/** Rounded up: a bound rounded down would say too much. */
function percent(share: number): string {
  return share >= 0.1 ? `${Math.min(100, Math.ceil(share * 100))} %` : `${(Math.ceil(share * 1000) / 10).toFixed(1)} %`;
}
