import { DIGEST_KINDS } from '../digest-kinds.ts';
import type { DigestAlgorithm, SetFacts } from '../known-set.ts';
import type { SetHeader } from './layout.ts';

/** Kinds in the order in which they are worth computing: SHA-1 and SHA-256 run twice as fast as MD5 on CPUs with SHA instructions. */
const CHEAPEST_FIRST: readonly DigestAlgorithm[] = ['sha1', 'sha256', 'md5', 'ed2k'];

/** The facts of a set that its users see, from its header. */
export function factsOf(header: SetHeader, path: string): SetFacts {
  return {
    name: header.name,
    meaning: header.meaning,
    path,
    digest: header.contentDigest,
    formatVersion: header.version,
    createdAt: header.createdAt,
    sources: header.sources.map(({ file, format, sha256, rows }) => ({ file, format, sha256, rows })),
    rows: header.rows,
    rowsWith: rowsWith(header),
    rowsWithoutSize: header.rowsWithoutSize,
  };
}

/** Rows that carry each kind. */
function rowsWith(header: SetHeader): Record<DigestAlgorithm, number> {
  const counts: Record<DigestAlgorithm, number> = { md5: 0, sha1: 0, sha256: 0, ed2k: 0 };
  for (const { kinds, rows } of header.rowsByKinds) {
    for (const [i, kind] of DIGEST_KINDS.entries()) if ((kinds & (1 << i)) !== 0) counts[kind] += rows;
  }
  return counts;
}

/**
 * The fewest kinds such that every row carries at least one of them; among equally few, the
 * cheapest to compute.
 *
 * @param rowsByKinds presence masks that occur (bit i: kind i of DIGEST_KINDS)
 */
export function sufficientDigests(rowsByKinds: SetHeader['rowsByKinds']): readonly DigestAlgorithm[] {
  if (rowsByKinds.length === 0) return [];
  let best: readonly DigestAlgorithm[] = CHEAPEST_FIRST;
  // Subset bits follow CHEAPEST_FIRST, so that of equally small subsets the smallest number is the cheapest.
  for (let subset = 1; subset < 2 ** CHEAPEST_FIRST.length; subset++) {
    const chosen = CHEAPEST_FIRST.filter((_kind, i) => (subset & (1 << i)) !== 0);
    const mask = chosen.reduce((bits, kind) => bits | (1 << DIGEST_KINDS.indexOf(kind)), 0);
    if (rowsByKinds.every(({ kinds }) => (kinds & mask) !== 0) && chosen.length < best.length) best = chosen;
  }
  return best;
}
