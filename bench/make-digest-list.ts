import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

/** Digests written per turn. */
const BATCH = 10_000;

/**
 * Writes an md5sum-style list of random digests: what a list of that many files looks like to a
 * program that reads lists. Returns every `sampleEvery`-th digest as hex.
 */
export function makeDigestList(path: string, rows: number, sampleEvery: number): string[] {
  const fd = openSync(path, 'wx');
  const sample: string[] = [];
  const random = Buffer.alloc(BATCH * 16);
  try {
    for (let done = 0; done < rows; done += BATCH) {
      const count = Math.min(BATCH, rows - done);
      const hex = randomFillSync(random).toString('hex');
      const lines: string[] = [];
      for (let i = 0; i < count; i++) {
        const digest = hex.slice(i * 32, i * 32 + 32);
        lines.push(`${digest}  f${done + i}.jpg\n`);
        if ((done + i) % sampleEvery === 0) sample.push(digest);
      }
      writeSync(fd, lines.join(''));
    }
  } finally {
    closeSync(fd);
  }
  return sample;
}

/** Writes a look-up list of bare digests: random ones, with `known` spread among them. */
export function makeLookupList(path: string, rows: number, known: readonly string[]): void {
  const fd = openSync(path, 'wx');
  const random = Buffer.alloc(BATCH * 16);
  const every = Math.max(1, Math.floor(rows / Math.max(1, known.length)));
  try {
    for (let done = 0; done < rows; done += BATCH) {
      const hex = randomFillSync(random).toString('hex');
      const lines: string[] = [];
      for (let i = 0; i < Math.min(BATCH, rows - done); i++) {
        const at = done + i;
        lines.push(at % every === 0 ? (known[at / every] ?? hex.slice(i * 32, i * 32 + 32)) : hex.slice(i * 32, i * 32 + 32));
      }
      writeSync(fd, `${lines.join('\n')}\n`);
    }
  } finally {
    closeSync(fd);
  }
}
