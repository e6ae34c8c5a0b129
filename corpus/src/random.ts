/** A seeded source of numbers: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit` (1 to 2^32). */
  below(limit: number): number;
  /** A number from 0 up to, not including, 1. */
  fraction(): number;
  /** True with probability `share`. */
  chance(share: number): boolean;
  /** One of the values; the list must not be empty. */
  pick<T>(values: readonly T[]): T;
  /** Fills the bytes with pseudo-random content. */
  fill(target: Uint8Array): void;
}

/**
 * Makes a seeded generator (sfc32, Chris Doty-Humphrey's small fast counting generator; public domain).
 *
 * @param seed any number; only its lower 32 bits and the next 21 count
 */
export function makeRandom(seed: number): Random {
  let a = seed >>> 0;
  let b = Math.floor(seed / 0x1_0000_0000) >>> 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  // The first outputs still resemble the seed; the generator's author asks for 12 rounds.
  for (let round = 0; round < 12; round++) next();
  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit);
  return {
    below,
    fraction: () => next() / 0x1_0000_0000,
    chance: (share) => next() / 0x1_0000_0000 < share,
    pick: (values) => values[below(values.length)]!,
    fill(target) {
      let at = 0;
      for (; at + 4 <= target.length; at += 4) {
        const value = next();
        target[at] = value;
        target[at + 1] = value >>> 8;
        target[at + 2] = value >>> 16;
        target[at + 3] = value >>> 24;
      }
      for (let value = next(); at < target.length; at++, value >>>= 8) target[at] = value;
    },
  };
}
