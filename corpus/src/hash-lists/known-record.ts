import { createHash } from 'node:crypto';
import { makeRandom } from '../random.ts';

/** One content on a made-up list. Digests are lower-case hex. */
export interface KnownRecord {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The list's own category code; codes mean nothing until a category map says so. */
  readonly categoryCode: number | null;
  readonly fileName: string;
}

/** The record of a real content. */
export function recordOfContent(chunks: Iterable<Uint8Array>, fileName: string, categoryCode: number | null): KnownRecord {
  const md5 = createHash('md5');
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  for (const chunk of chunks) {
    sizeBytes += chunk.length;
    for (const hash of [md5, sha1, sha256]) hash.update(chunk);
  }
  return { md5: md5.digest('hex'), sha1: sha1.digest('hex'), sha256: sha256.digest('hex'), sizeBytes, categoryCode, fileName };
}

const DIGESTS_BYTES = 16 + 20 + 32;
const RECORDS_A_BLOCK = 4096;

/** Seeded records of contents that do not exist, made one by one. Sizes run from 2 KB to 16 MB. */
export function* inventedRecords(seed: number, count: number): Generator<KnownRecord> {
  const random = makeRandom(seed);
  const block = Buffer.alloc(RECORDS_A_BLOCK * DIGESTS_BYTES);
  for (let number = 0; number < count; number++) {
    const place = number % RECORDS_A_BLOCK;
    if (place === 0) random.fill(block);
    const at = place * DIGESTS_BYTES;
    yield {
      md5: block.toString('hex', at, at + 16),
      sha1: block.toString('hex', at + 16, at + 36),
      sha256: block.toString('hex', at + 36, at + 68),
      sizeBytes: 2048 + Math.floor(2 ** (random.fraction() * 24)),
      categoryCode: 1 + random.below(3),
      fileName: `picture ${number}.jpg`,
    };
  }
}
