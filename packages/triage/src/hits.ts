import type { KnownSet } from '@kerbside/match';
import type { Catalogue } from './catalogue.ts';
import { DIGEST_ORDER, toHex, type PackedDigest } from './digests.ts';
import { VIEW_RAW } from './extent-code.ts';
import { compareRow, type RowMatch } from './known-sets.ts';
import type { KeyedHit } from './journal.ts';

/**
 * Makes the hits of one item in one view.
 * @param digests all digests of the item that were computed; more than those looked up at first
 */
export function makeHits(catalogue: Catalogue, ordinal: number, view: number, sets: readonly KnownSet[], matches: readonly RowMatch[], digests: readonly PackedDigest[]): KeyedHit[] {
  const values: Record<string, string> = {};
  for (const algorithm of DIGEST_ORDER) {
    const own = digests.find((digest) => digest.algorithm === algorithm);
    if (own !== undefined) values[algorithm] = toHex(own.bytes);
  }
  const size = catalogue.sizeBytes(ordinal);
  return matches.map(({ setIndex, row }) => {
    const comparison = compareRow(row, digests);
    const { facts } = sets[setIndex]!;
    const key = [ordinal, view, setIndex, row.md5, row.sha1, row.sha256, row.ed2k, row.category, row.categoryBasis, row.rawCategory].join(' ');
    return {
      key,
      hit: {
        path: catalogue.path(ordinal),
        size,
        allocated: catalogue.state(ordinal) === 'allocated',
        state: catalogue.state(ordinal),
        id: catalogue.id(ordinal),
        set: facts.name,
        meaning: facts.meaning,
        category: row.category,
        categoryBasis: row.categoryBasis,
        rawCategory: row.rawCategory,
        algorithm: comparison.algorithm,
        digest: row[comparison.algorithm] ?? values[comparison.algorithm] ?? '',
        offset: catalogue.firstOffset(ordinal),
        digests: values,
        confirmedBy: comparison.confirmedBy,
        contradictedBy: comparison.contradictedBy,
        strength: comparison.strength,
        view: view === VIEW_RAW ? 'raw' : 'system',
        recovery: catalogue.recovery(ordinal),
        sizeAgrees: row.sizesBytes.length === 0 || row.sizesBytes.includes(size),
      },
    };
  });
}

/** The set that a hit's key names. */
export function setIndexOfKey(key: string): number {
  return Number(key.split(' ', 3)[2]);
}
