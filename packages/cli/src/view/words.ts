import type { ReportHit, StageName } from '@kerbside/triage';

/** What a stage does, for a person. */
export const STAGE_WORDS: Readonly<Record<StageName, string>> = {
  catalogue: 'Listing names and places',
  content: 'Reading contents',
  orphans: 'Looking for lost directories in free space',
  'orphan-content': 'Reading what they name',
};

/** A hit as facts, without its path: `Demo list, category A (indicative), SHA1`. */
export function hitWords(hit: ReportHit): string {
  const category = hit.category === 'unmapped' ? 'category not mapped' : `category ${hit.category} (${hit.categoryBasis})`;
  const state = hit.state === 'allocated' ? '' : `, ${hit.state}`;
  const strength = hit.strength === 'weak-only' ? ' alone' : hit.strength === 'contradicted' ? ', contradicted' : '';
  return `${hit.set} [${hit.meaning}], ${category}, ${hit.algorithm.toUpperCase()}${strength}${state}`;
}

/** `00:41`, `1:02:03`: time since the start. */
export function clockWords(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
