import type { IndexFacts } from './layout.ts';
import type { SetFile } from './set-file.ts';
import { altered } from './header.ts';
import { MAX_FILTER_BITS, filterMask, filterWord } from './miss-filter.ts';

/**
 * The digests of one kind in memory: 4 bytes a key, half to one byte for the buckets and one to two
 * for the filter in front, which alone answers for most digests that are not there. A digest's first `bucketBits`
 * bits choose a bucket, the next 32 are compared; what agrees is a candidate that the full digest on disk
 * confirms or refutes.
 */
export interface DigestIndex {
  readonly entries: number;
  /** Position of the first candidate for the digest, or -1. */
  firstCandidate(digest: Uint8Array): number;
  /**
   * Which of many digests, side by side in `digests`, have a candidate: their numbers go to the front of
   * `into`, and their count is returned. Visiting memory for many at once hides its latency.
   */
  findCandidates(digests: Uint8Array, lengthBytes: number, from: number, to: number, into: Uint32Array): number;
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
  const filter = words(file.readWhole(`filter-${facts.kind}`));
  const { bucketBits: bits, filterBits } = facts;
  const consistent = bits >= 0 && bits <= 28 && starts.length === 2 ** bits + 1 && starts.at(-1) === keys.length && keys.length === facts.entries &&
    filterBits >= 0 && filterBits <= MAX_FILTER_BITS && filter.length === 2 ** filterBits;
  if (!consistent) throw altered(file.path, `its index of ${facts.kind}`);

  const scan = (first: number, second: number, after: number): number => {
    const bucket = bits === 0 ? 0 : first >>> (32 - bits);
    const key = bits === 0 ? first : ((first << bits) | (second >>> (32 - bits))) >>> 0;
    const end = starts[bucket + 1]!;
    for (let i = after < 0 ? starts[bucket]! : after + 1; i < end; i++) {
      const here = keys[i]!;
      if (here === key) return i;
      if (here > key) return -1;
    }
    return -1;
  };

  return {
    entries: facts.entries,
    firstCandidate(digest) {
      const first = wordAt(digest, 0);
      const second = wordAt(digest, 4);
      const mask = filterMask(second);
      return (filter[filterWord(first, filterBits)]! & mask) === mask ? scan(first, second, -1) : -1;
    },
    findCandidates(digests, lengthBytes, from, to, into) {
      let passed = 0;
      for (let i = from, at = from * lengthBytes; i < to; i++, at += lengthBytes) {
        const mask = filterMask((digests[at + 6]! << 8) | digests[at + 7]!);
        // Signed on purpose: an unsigned 32-bit number would not fit the engine's small integers.
        const first = (digests[at]! << 24) | (digests[at + 1]! << 16) | (digests[at + 2]! << 8) | digests[at + 3]!;
        const missing = (filter[filterWord(first, filterBits)]! & mask) ^ mask;
        // Written always and counted only when it passes: no branch to guess wrong.
        into[passed] = i;
        passed += missing === 0 ? 1 : 0;
      }
      let found = 0;
      for (let i = 0; i < passed; i++) {
        const number = into[i]!;
        const at = number * lengthBytes;
        into[found] = number;
        found += scan(wordAt(digests, at), wordAt(digests, at + 4), -1) >= 0 ? 1 : 0;
      }
      return found;
    },
    nextCandidate: (digest, position) => scan(wordAt(digest, 0), wordAt(digest, 4), position),
  };
}

/** Four bytes of a digest as one number that compares as they do. */
function wordAt(digest: Uint8Array, at: number): number {
  return ((digest[at]! << 24) | (digest[at + 1]! << 16) | (digest[at + 2]! << 8) | digest[at + 3]!) >>> 0;
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
}
