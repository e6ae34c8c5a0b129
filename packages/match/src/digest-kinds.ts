import type { DigestAlgorithm } from './known-set.ts';

/**
 * The digest kinds of a set in their fixed order: bit `i` of a row's presence flags is kind `i`,
 * rows are sorted by the first kind they have, and records hold digests in this order.
 */
export const DIGEST_KINDS = ['md5', 'sha1', 'sha256', 'ed2k'] as const satisfies readonly DigestAlgorithm[];

/** Length in bytes of each kind's digest. */
export const DIGEST_BYTES: Readonly<Record<DigestAlgorithm, number>> = { md5: 16, sha1: 20, sha256: 32, ed2k: 16 };

/** Position of each kind in {@link DIGEST_KINDS}. */
export const KIND_INDEX: Readonly<Record<DigestAlgorithm, number>> = { md5: 0, sha1: 1, sha256: 2, ed2k: 3 };

/** Where each kind lies when all four stand side by side. */
export const DIGEST_AT: readonly number[] = [0, 16, 36, 68];

/** Bytes of all four kinds side by side. */
export const ALL_DIGESTS_BYTES = 84;

/** Lengths by kind index, for loops. */
export const LENGTH_OF_KIND: readonly number[] = DIGEST_KINDS.map((kind) => DIGEST_BYTES[kind]);
