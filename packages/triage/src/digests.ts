import { createHash, hash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '@kerbside/match';
import { createEd2k, type Ed2k } from './ed2k.ts';

/** Digests wanted of an item, as bits; packed results follow this order. */
export const DIGEST_BIT: Readonly<Record<DigestAlgorithm, number>> = { md5: 1, sha1: 2, sha256: 4, ed2k: 8 };

/** Order in which digests are packed and reported. */
export const DIGEST_ORDER: readonly DigestAlgorithm[] = ['md5', 'sha1', 'sha256', 'ed2k'];

/** Bytes that each digest takes in a packed result; ED2K has two dialects (ed2k.ts). */
const PACKED_BYTES: Readonly<Record<DigestAlgorithm, number>> = { md5: 16, sha1: 20, sha256: 32, ed2k: 32 };

/** Bytes of all digests of a mask. */
export function packedLength(mask: number): number {
  let sum = 0;
  for (const algorithm of DIGEST_ORDER) if ((mask & DIGEST_BIT[algorithm]) !== 0) sum += PACKED_BYTES[algorithm];
  return sum;
}

export function maskOf(algorithms: readonly DigestAlgorithm[]): number {
  return algorithms.reduce((mask, algorithm) => mask | DIGEST_BIT[algorithm], 0);
}

/** Digests of a whole content in one call each: 20–50 % cheaper than a running hash on small files. */
export function hashWhole(bytes: Uint8Array, mask: number, target: Uint8Array, at: number): void {
  let to = at;
  if ((mask & DIGEST_BIT.md5) !== 0) {
    target.set(hash('md5', bytes, 'buffer'), to);
    to += PACKED_BYTES.md5;
  }
  if ((mask & DIGEST_BIT.sha1) !== 0) {
    target.set(hash('sha1', bytes, 'buffer'), to);
    to += PACKED_BYTES.sha1;
  }
  if ((mask & DIGEST_BIT.sha256) !== 0) {
    target.set(hash('sha256', bytes, 'buffer'), to);
    to += PACKED_BYTES.sha256;
  }
  if ((mask & DIGEST_BIT.ed2k) !== 0) {
    const ed2k = createEd2k();
    ed2k.update(bytes);
    target.set(ed2k.digest(), to);
  }
}

/** Running digests of one content. */
export interface RunningDigests {
  update(bytes: Uint8Array): void;
  finish(target: Uint8Array, at: number): void;
}

export function startDigests(mask: number): RunningDigests {
  const running: (Hash | Ed2k)[] = [];
  if ((mask & DIGEST_BIT.md5) !== 0) running.push(createHash('md5'));
  if ((mask & DIGEST_BIT.sha1) !== 0) running.push(createHash('sha1'));
  if ((mask & DIGEST_BIT.sha256) !== 0) running.push(createHash('sha256'));
  if ((mask & DIGEST_BIT.ed2k) !== 0) running.push(createEd2k());
  return {
    update(bytes) {
      for (const one of running) one.update(bytes);
    },
    finish(target, at) {
      let to = at;
      for (const one of running) {
        const digest = one.digest();
        target.set(digest, to);
        to += digest.byteLength;
      }
    },
  };
}

/** One digest of a packed result, ready for look-up. ED2K gives one or two. */
export interface PackedDigest {
  readonly algorithm: DigestAlgorithm;
  readonly bytes: Uint8Array;
}

/** Takes a packed result apart. */
export function unpackDigests(packed: Uint8Array, at: number, mask: number): PackedDigest[] {
  const digests: PackedDigest[] = [];
  let from = at;
  for (const algorithm of DIGEST_ORDER) {
    if ((mask & DIGEST_BIT[algorithm]) === 0) continue;
    const bytes = packed.subarray(from, from + PACKED_BYTES[algorithm]);
    from += PACKED_BYTES[algorithm];
    if (algorithm !== 'ed2k') {
      digests.push({ algorithm, bytes });
      continue;
    }
    const [emule, original] = [bytes.subarray(0, 16), bytes.subarray(16)];
    digests.push({ algorithm, bytes: emule });
    if (Buffer.compare(emule, original) !== 0) digests.push({ algorithm, bytes: original });
  }
  return digests;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
