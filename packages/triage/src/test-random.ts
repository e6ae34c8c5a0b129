/** Seeded random numbers for tests (xorshift32): the same seed gives the same bytes. */
export function createRandom(seed: number): { next(): number; below(limit: number): number; bytes(length: number): Buffer } {
  let state = (seed * 2654435761) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return {
    next,
    below: (limit) => next() % limit,
    bytes(length) {
      const out = Buffer.alloc(Math.ceil(length / 4) * 4);
      for (let at = 0; at < out.length; at += 4) out.writeUInt32LE(next(), at);
      return out.subarray(0, length);
    },
  };
}
