import type { SetHeader } from './compiled/layout.ts';
import { openSetFile, verifySetFile } from './compiled/set-file.ts';
import { factsOf } from './compiled/set-facts.ts';
import type { SetFacts } from './known-set.ts';
import type { NearFacts } from './near/near-layout.ts';

/** Everything a compiled set says about itself, for `set info`. */
export interface SetDescription {
  readonly facts: SetFacts;
  readonly importedBy: string;
  readonly sources: SetHeader['sources'];
  readonly totals: SetHeader['totals'];
  readonly warnings: SetHeader['warnings'];
  readonly categories: SetHeader['categories'];
  readonly categoryMap: SetHeader['categoryMap'];
  /** Hashes for near-matches; null when the set has none. */
  readonly near: NearFacts | null;
}

/**
 * Describes a set from its header, without loading its indexes.
 *
 * @throws RefusedError as `openSet`
 */
export function describeSet(path: string): SetDescription {
  const file = openSetFile(path);
  file.close();
  return descriptionOf(file.header, path);
}

/**
 * Reads and checks every byte of a set, then describes it.
 *
 * @throws RefusedError as `openSet`; `set-altered` when any block is not as it was built
 */
export async function verifySet(path: string): Promise<SetDescription> {
  return descriptionOf(await verifySetFile(path), path);
}

function descriptionOf(header: SetHeader, path: string): SetDescription {
  const { importedBy, sources, totals, warnings, categoryMap } = header;
  const categories = header.categories.filter(({ rows }) => rows > 0);
  return { facts: factsOf(header, path), importedBy, sources, totals, warnings, categories, categoryMap, near: header.near ?? null };
}
