import { hash } from 'node:crypto';
import { KerbsideError } from '@kerbside/bytes';
import { openSet, type DigestAlgorithm } from '@kerbside/match';
import { lookUp } from '../known-sets.ts';
import type { Report } from '../report-types.ts';

/** Whether content is in an alert set of the run; null where a set could not be asked, and why. */
export interface KnownAnswer {
  readonly known: boolean | null;
  /** Names of the sets that know it, or of those that could not be asked. */
  readonly sets: readonly string[];
}

/**
 * Asks the alert sets of the run about an item's content: the hits of the report first, by path and by digest, then the
 * sets themselves, since a run that was stopped may not have read the item.
 */
export function isKnown(report: Pick<Report, 'hits' | 'sets'>, path: string, bytes: Uint8Array): KnownAnswer {
  const digests = (['md5', 'sha1', 'sha256'] as const).map((algorithm) => ({ algorithm: algorithm as DigestAlgorithm, bytes: hash(algorithm, bytes, 'buffer') }));
  const hex = new Set(digests.map((digest) => digest.bytes.toString('hex')));
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
