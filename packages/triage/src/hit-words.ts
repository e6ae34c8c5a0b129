import type { ReportHit } from './report-types.ts';

/** `SHA-256`, `MD5`: the names that people write. */
export function digestLabel(algorithm: string): string {
  const upper = algorithm.toUpperCase();
  return upper.startsWith('SHA') ? `SHA-${upper.slice(3)}` : upper;
}

/** `category A (trusted)`, or that the set's code was mapped by nobody. */
export function categoryLabel(hit: Pick<ReportHit, 'category' | 'categoryBasis'>): string {
  return hit.category === 'unmapped' ? 'category not mapped' : `category ${hit.category} (${hit.categoryBasis})`;
}

/** What agreed, and what that is worth: `SHA-256`, `MD5 alone: a weak match`. */
export function strengthLabel(hit: Pick<ReportHit, 'algorithm' | 'strength' | 'contradictedBy' | 'sizeAgrees'>): string {
  const size = hit.sizeAgrees ? '' : '; the set states another length';
  const name = digestLabel(hit.algorithm);
  switch (hit.strength) {
    case 'confirmed':
      return hit.contradictedBy.length === 0 ? `${name}${size}` : `${name}; the set states another ${hit.contradictedBy.map(digestLabel).join(', ')} for it${size}`;
    case 'weak-only':
      return `${name} alone: a weak match${size}`;
    case 'contradicted':
      return `${name} only: ${hit.contradictedBy.map(digestLabel).join(', ')} of the same row differs${size}`;
  }
}

/** `live`, or how much is known of a deleted item's place. The content itself was read and agreed in full. */
export function stateLabel(hit: Pick<ReportHit, 'state' | 'recovery' | 'view'>): string {
  const view = hit.view === 'raw' ? '; stored bytes past the valid length' : '';
  if (hit.state === 'allocated') return `live${view}`;
  if (hit.state === 'carved') return `carved from free space${view}`;
  const state = hit.state === 'orphan' ? 'without a folder that leads to it' : 'deleted';
  const { recovery } = hit;
  switch (recovery?.basis) {
    case undefined:
    case 'no-runs':
    case 'carved':
      return `${state}${view}`;
    case 'runs-survive':
      return `${state}; its place is still recorded${view}`;
    case 'contiguous-guess':
      return `${state}; read on from its first cluster${view}`;
    case 'clusters-reused':
      return `${state}; ${Math.round((recovery as { reusedShare: number }).reusedShare * 100)} % of its place is in use again${view}`;
  }
}

/** Hits of one item, which several sets may know. */
export interface HitItem {
  readonly first: ReportHit;
  readonly hits: readonly ReportHit[];
}

/** Hits put together by item, in the order of the report. */
export function groupHitsByItem(hits: readonly ReportHit[]): HitItem[] {
  const groups = Map.groupBy(hits, (hit) => JSON.stringify([hit.path, hit.id, hit.state, hit.offset]));
  return [...groups.values()].map((group) => ({ first: group[0]!, hits: group }));
}

/** Hits of one set, counted by category. */
export interface SetTally {
  readonly set: string;
  readonly meaning: ReportHit['meaning'];
  readonly categories: readonly { readonly category: string; readonly categoryBasis: string; readonly count: number }[];
}

/** Counts hits by set and category: sets in order of name, alert sets first; categories in order, unmapped last. */
export function tallyHits(hits: readonly ReportHit[]): SetTally[] {
  const sets = [...Map.groupBy(hits, (hit) => JSON.stringify([hit.meaning === 'alert' ? 0 : 1, hit.set, hit.meaning]))];
  return sets.sort(([a], [b]) => compareText(a, b)).map(([, group]) => {
    const kinds = [...Map.groupBy(group, (hit) => JSON.stringify([hit.category === 'unmapped' ? 1 : 0, hit.category, hit.categoryBasis]))];
    return {
      set: group[0]!.set,
      meaning: group[0]!.meaning,
      categories: kinds.sort(([a], [b]) => compareText(a, b)).map(([, same]) => ({ category: same[0]!.category, categoryBasis: same[0]!.categoryBasis, count: same.length })),
    };
  });
}

/** `Demo list: 46 A, 50 B; Old list: 141 not mapped` */
export function tallyWords(tally: SetTally, count: (value: number) => string): string {
  return `${tally.set}: ${tally.categories.map((one) => `${count(one.count)} ${one.category === 'unmapped' ? 'not mapped' : one.category}`).join(', ')}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
