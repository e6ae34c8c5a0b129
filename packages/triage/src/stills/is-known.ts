import { KerbsideError } from '@kerbside/bytes';
import { openSet } from '@kerbside/match';
import { DIGEST_BIT, toHex, type PackedDigest } from '../digests.ts';
import { lookUp } from '../known-sets.ts';
import type { Report } from '../report-types.ts';

/** Whether content is in an alert set of the run; null where a set could not be asked, and why. */
export interface KnownAnswer {
  readonly known: boolean | null;
  /** Names of the sets that know it, or of those that could not be asked. */
  readonly sets: readonly string[];
}

/** The digests that some alert set of the run may know content by; SHA-256 always, which names content in records. */
export function digestsToAsk({ sets }: Pick<Report, 'sets'>): number {
  const asksEd2k = sets.some((set) => set.meaning === 'alert' && set.blocks === null && set.rowsWith.ed2k > 0);
  return DIGEST_BIT.md5 | DIGEST_BIT.sha1 | DIGEST_BIT.sha256 | (asksEd2k ? DIGEST_BIT.ed2k : 0);
}

/**
 * Asks the alert sets of the run about an item's content: the hits of the report first, by path and by digest, then the
 * sets themselves, since a run that was stopped may not have read the item.
 */
export function isKnown(report: Pick<Report, 'hits' | 'sets'>, path: string, digests: readonly PackedDigest[]): KnownAnswer {
  const hex = new Set(digests.map((digest) => toHex(digest.bytes)));
  const hits = report.hits.filter((hit) => hit.meaning === 'alert' && (hit.path === path || hex.has(hit.digest) || Object.values(hit.digests).some((digest) => hex.has(digest))));
  if (hits.length > 0) return { known: true, sets: [...new Set(hits.map((hit) => hit.set))] };
  const unasked: string[] = [];
  for (const facts of report.sets) {
    if (facts.meaning !== 'alert' || facts.blocks !== null) continue;
    try {
      const set = openSet(facts.path);
      try {
        if (set.facts.digest !== facts.digest) unasked.push(facts.name);
        else if (lookUp([set], digests).length > 0) return { known: true, sets: [facts.name] };
      } finally {
        set.close();
      }
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      unasked.push(facts.name);
    }
  }
  return unasked.length > 0 ? { known: null, sets: unasked } : { known: false, sets: [] };
}
