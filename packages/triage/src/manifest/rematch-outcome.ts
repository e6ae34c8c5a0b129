import { countCandidates } from './count-candidates.ts';
import type { ManifestAnswer } from './rematch-manifests.ts';

/**
 * What all answers together say. `open`: no hit, and for some device the question could not be answered by
 * its manifest alone: length candidates, block leads, a run that had not finished, a key that is missing, a manifest
 * refused or destroyed, a clock in doubt. `refused`: no manifest could be asked at all.
 */
export type RematchOutcome = 'hits' | 'none' | 'open' | 'refused';

export function rematchOutcome(answers: readonly ManifestAnswer[]): RematchOutcome {
  const asked = answers.filter((answer) => answer.state === 'asked');
  if (asked.some((device) => device.answers.some((answer) => answer.asked && answer.hits > 0))) return 'hits';
  if (answers.length > 0 && answers.every(({ state }) => state === 'refused')) return 'refused';
  const settled = asked.every((device) => device.complete && !device.madeInFuture && device.answers.every((answer) => answer.asked && countCandidates(answer.sizeCandidates) === 0 && (answer.blockLeads ?? 0) === 0));
  return settled && asked.length === answers.length && asked.length > 0 ? 'none' : 'open';
}
