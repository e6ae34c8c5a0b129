import type { DigestAlgorithm, KnownSet, SetRow } from '@kerbside/match';
import { DIGEST_BIT, DIGEST_ORDER, maskOf, toHex, type PackedDigest } from './digests.ts';
import type { HitStrength } from './verdict.ts';

/** What the loaded sets ask of an item of a given length. */
export interface SetQuestions {
  /** Digests that must be looked up so that no set can be missed; 0 means no set can hold this length. */
  maskForSize(sizeBytes: number): number;
  /** True when a set that states sizes holds this very length: such items are read first. */
  hasKnownSize(sizeBytes: number): boolean;
  /** All digests that any set holds, for items that are hits. */
  readonly fullMask: number;
}

/**
 * The size gate and the choice of digests, over all sets together.
 * @param alsoMask digests wanted of every item that is read, beside those that the sets ask for
 */
export function askSets(sets: readonly KnownSet[], alsoMask = 0): SetQuestions {
  const masks = sets.map((set) => maskOf(set.sufficientDigests));
  const ungated = sets.reduce((mask, set, index) => (set.mayHaveSize === null ? mask | masks[index]! : mask), 0);
  const gated = sets.map((set, index) => ({ mayHaveSize: set.mayHaveSize, mask: masks[index]! })).filter((set) => set.mayHaveSize !== null);
  const anyEd2k = sets.some((set) => set.facts.rowsWith.ed2k > 0);
  return {
    maskForSize(sizeBytes) {
      let mask = ungated;
      for (const set of gated) if (set.mayHaveSize?.(sizeBytes) === true) mask |= set.mask;
      return mask === 0 ? 0 : mask | alsoMask;
    },
    hasKnownSize: (sizeBytes) => gated.some((set) => set.mayHaveSize?.(sizeBytes) === true),
    fullMask: DIGEST_BIT.md5 | DIGEST_BIT.sha1 | DIGEST_BIT.sha256 | (anyEd2k ? DIGEST_BIT.ed2k : 0),
  };
}

/** A row of a set that matches an item on at least one digest. */
export interface RowMatch {
  readonly setIndex: number;
  readonly row: SetRow;
}

/** Looks an item's digests up in every set; one match a row, however many digests agree. */
export function lookUp(sets: readonly KnownSet[], digests: readonly PackedDigest[]): RowMatch[] {
  const matches: RowMatch[] = [];
  const seen = new Set<string>();
  for (const [setIndex, set] of sets.entries()) {
    for (const { algorithm, bytes } of digests) {
      if (set.facts.rowsWith[algorithm] === 0) continue;
      for (const row of set.lookup(algorithm, bytes)) {
        const key = `${setIndex} ${row.md5} ${row.sha1} ${row.sha256} ${row.ed2k} ${row.category} ${row.categoryBasis} ${row.rawCategory}`;
        if (seen.has(key)) continue;
        seen.add(key);
        matches.push({ setIndex, row });
      }
    }
  }
  return matches;
}

/** How the digests of a row compare with those of an item. */
export interface Comparison {
  readonly confirmedBy: readonly DigestAlgorithm[];
  readonly contradictedBy: readonly DigestAlgorithm[];
  /** The strongest digest that agrees. */
  readonly algorithm: DigestAlgorithm;
  readonly strength: HitStrength;
}

/** Strongest first, for the digest a hit is reported under. */
const BY_STRENGTH: readonly DigestAlgorithm[] = ['sha256', 'sha1', 'md5', 'ed2k'];

/**
 * Compares every digest the row states with the item's own.
 * Only MD5 or ED2K (which is MD4) agreeing and nothing stronger to ask: `weak-only`. A differing digest that is
 * stronger than those that agree, or as weak: `contradicted`. A weaker one that differs beside an agreeing SHA is
 * a fault of the row, listed in `contradictedBy`: two contents with one SHA-256 are not made, nor is one found for a given SHA-1.
 */
export function compareRow(row: SetRow, digests: readonly PackedDigest[]): Comparison {
  const confirmedBy: DigestAlgorithm[] = [];
  const contradictedBy: DigestAlgorithm[] = [];
  for (const algorithm of DIGEST_ORDER) {
    const stated = row[algorithm];
    const own = digests.filter((digest) => digest.algorithm === algorithm);
    if (stated === null || own.length === 0) continue;
    (own.some((digest) => toHex(digest.bytes) === stated) ? confirmedBy : contradictedBy).push(algorithm);
  }
  const algorithm = BY_STRENGTH.find((candidate) => confirmedBy.includes(candidate)) ?? 'md5';
  const weakOnly = confirmedBy.every(isWeak);
  const isContradicted = contradictedBy.some((candidate) => (isWeak(candidate) ? weakOnly : BY_STRENGTH.indexOf(candidate) < BY_STRENGTH.indexOf(algorithm)));
  return { confirmedBy, contradictedBy, algorithm, strength: isContradicted ? 'contradicted' : weakOnly ? 'weak-only' : 'confirmed' };
}

function isWeak(algorithm: DigestAlgorithm): boolean {
  return algorithm === 'md5' || algorithm === 'ed2k';
}
