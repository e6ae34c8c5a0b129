import type { IndexFacts } from './layout.ts';
import type { SetFile } from './set-file.ts';
import { altered } from './header.ts';

/**
 * The digests of one kind in memory: 4 bytes a key and half to one byte for the buckets. A digest's
 * first `bucketBits` bits choose a bucket, the next 32 are compared; what agrees is a candidate
 * that the full digest on disk confirms or refutes.
 */
export interface DigestIndex {
  readonly entries: number;
  /** Position of the first candidate for the digest, or -1. */
  firstCandidate(digest: Uint8Array): number;
  /** Position of the next candidate after `position` for the same digest, or -1. */
  nextCandidate(digest: Uint8Array, position: number): number;
}

/**
 * Loads and checks one kind's index.
 *
 * @throws RefusedError `set-altered`
 */
export function loadDigestIndex(file: SetFile, facts: IndexFacts): DigestIndex {
  const keys = words(file.readWhole(`keys-${facts.kind}`));
  const starts = words(file.readWhole(`buckets-${facts.kind}`));
  const bits = facts.bucketBits;
  const consistent = bits >= 0 && bits <= 28 && starts.length === 2 ** bits + 1 && starts.at(-1) === keys.length && keys.length === facts.entries;
  if (!consistent) throw altered(file.path, `its index of ${facts.kind}`);

  function scan(digest: Uint8Array, after: number): number {
    const first = ((digest[0]! << 24) | (digest[1]! << 16) | (digest[2]! << 8) | digest[3]!) >>> 0;
    let bucket = 0;
    let key = first;
    if (bits > 0) {
      const second = ((digest[4]! << 24) | (digest[5]! << 16) | (digest[6]! << 8) | digest[7]!) >>> 0;
      bucket = first >>> (32 - bits);
      key = ((first << bits) | (second >>> (32 - bits))) >>> 0;
    }
    const end = starts[bucket + 1]!;
    for (let i = after < 0 ? starts[bucket]! : after + 1; i < end; i++) {
      const here = keys[i]!;
      if (here === key) return i;
      if (here > key) return -1;
    }
    return -1;
  }

  return {
    entries: facts.entries,
    firstCandidate: (digest) => scan(digest, -1),
    nextCandidate: (digest, position) => scan(digest, position),
  };
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
}
