import type { ControlMarker } from './control-result.ts';
import type { ControlSet, ControlSpecimen } from './control-specimen.ts';
import type { ControlFindings } from './evaluate-controls.ts';

/** Problems that say that nothing at all can be decoded on this machine: the run goes on without, and tells it. */
const NO_SANDBOX: ReadonlySet<string> = new Set(['program-not-installed', 'sandbox-unsound']);

/**
 * What became of a marker or look-alike of the near-match part. A marker is found when every set asked gives a
 * near-match with the known picture's own row at its path. Where the sandbox cannot be had it was not tried; any other
 * fault on the way to its hash is a miss, of a look-alike too: what was not compared proves nothing.
 *
 * @param asked sets that answer in the lane
 * @param whyNotNear why nothing of the lane was tried; null where it was
 */
export function nearMarkerOf({ name, expected, path, sha1 }: ControlSpecimen, asked: readonly ControlSet[], { nearHits, problems }: Pick<ControlFindings, 'nearHits' | 'problems'>, whyNotNear: string | null): ControlMarker {
  if (whyNotNear !== null) return { name, expected, outcome: 'not-tried', reason: whyNotNear };
  const own = problems.filter(({ where }) => where.path === path);
  const withoutSandbox = own.find(({ code }) => NO_SANDBOX.has(code));
  if (withoutSandbox !== undefined) return { name, expected, outcome: 'not-tried', reason: withoutSandbox.message };
  const isRight = expected === 'hit' ? asked.length > 0 && asked.every((set) => nearHits.some((hit) => hit.path === path && hit.set === set.name && hit.setDigest === `sha1:${sha1}`)) : own.length === 0;
  return { name, expected, outcome: isRight ? 'ok' : 'missed' };
}

/** Near-matches of alert sets that are at no marker's path, or with another picture than the marker's. */
export function falseNearHits(markers: readonly ControlSpecimen[], { nearHits }: Pick<ControlFindings, 'nearHits'>): ControlFindings['nearHits'] {
  return nearHits.filter((hit) => hit.meaning === 'alert' && !markers.some(({ lane, path, sha1 }) => lane === 'near' && path === hit.path && hit.setDigest === `sha1:${sha1}`));
}
