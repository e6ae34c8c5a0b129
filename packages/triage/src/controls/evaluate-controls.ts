import type { ByteRange } from '@kerbside/bytes';
import type { NearHit } from '../content/near-hit.ts';
import type { ReportHit, ReportProblem } from '../report-types.ts';
import type { BlockHit } from '../survey/block-hit.ts';
import type { ControlMarker } from './control-result.ts';
import type { ControlLane, ControlSet, ControlSpecimen } from './control-specimen.ts';
import { falseNearHits, nearMarkerOf } from './evaluate-near.ts';

/** What a run over the control volume reported; every report is one. */
export interface ControlFindings {
  readonly hits: readonly Pick<ReportHit, 'path' | 'offset' | 'state' | 'set' | 'meaning' | 'strength' | 'digests'>[];
  readonly blockHits: readonly BlockHit[];
  readonly nearHits: readonly Pick<NearHit, 'path' | 'set' | 'meaning' | 'setDigest'>[];
  readonly problems: readonly Pick<ReportProblem, 'code' | 'message' | 'where'>[];
}

/** Share of each piece of a marker that its known blocks must cover; the rest may be blocks that sets leave out. */
const COVERED_SHARE = 1 / 2;

/** False hits that are no look-alike are named one by one up to here. */
const MOST_NAMED = 20;

/**
 * Compares what a run reported with what is on the control volume. A marker is found when every set that
 * answers in its lane says so, at its own place. Any hit or near-match at all that no marker explains is a false one.
 *
 * @param sets those asked; one that answers in none of the lanes is left out of account
 * @param lanes those that the run has
 * @param whyNotNear why the markers of the lane `near` were not tried; null where they were
 * @returns one entry a specimen of these lanes, in their order, then false hits elsewhere
 */
export function evaluateControls(specimens: readonly ControlSpecimen[], sets: readonly ControlSet[], found: ControlFindings, lanes: ReadonlySet<ControlLane>, whyNotNear: string | null = null): ControlMarker[] {
  const deceived = new Set<ControlSpecimen>();
  const strays = new Set<string>();
  const markers = specimens.filter(({ expected }) => expected === 'hit');
  const lookAlikes = specimens.filter(({ expected }) => expected === 'no-hit');
  const blame = (isIt: (specimen: ControlSpecimen) => boolean, words: string): void => {
    const blamed = lookAlikes.filter(isIt);
    for (const specimen of blamed) deceived.add(specimen);
    if (blamed.length === 0) strays.add(words);
  };
  for (const hit of found.hits) {
    if (hit.meaning !== 'alert' || markers.some((marker) => isHitOf(marker, hit))) continue;
    blame(({ path, ranges }) => path === hit.path || startsIn(ranges, hit.offset), hit.path);
  }
  const known = joined(markers.flatMap(({ ranges }) => ranges));
  for (const hit of found.blockHits) {
    if (hit.ranges.every((range) => isInside(range, known))) continue;
    const astray = hit.ranges.filter((range) => !isInside(range, known));
    blame(({ ranges }) => astray.some((range) => overlap(range, ranges) > 0), `blocks from byte ${astray[0]!.offset}`);
  }
  for (const hit of falseNearHits(markers, found)) blame(({ path }) => path === hit.path, `${hit.path}, as a near-match`);
  const listed = specimens.filter((specimen) => lanes.has(specimen.lane) || deceived.has(specimen));
  return [
    ...listed.map((specimen): ControlMarker => {
      const asked = sets.filter(({ answers }) => answers.includes(specimen.lane));
      if (specimen.lane === 'near' && !deceived.has(specimen)) return nearMarkerOf(specimen, asked, found, whyNotNear);
      if (specimen.expected === 'no-hit') return { name: specimen.name, expected: 'no-hit', outcome: deceived.has(specimen) ? 'false-hit' : 'ok' };
      const isFound = asked.length > 0 && asked.every((set) => isFoundIn(set, specimen, found));
      return { name: specimen.name, expected: 'hit', outcome: isFound ? 'ok' : 'missed' };
    }),
    ...nameStrays([...strays]),
  ];
}

function nameStrays(strays: readonly string[]): ControlMarker[] {
  const named = strays.slice(0, MOST_NAMED);
  const rest = strays.length - named.length;
  const names = [...named.map((words) => `No marker: ${words}`), ...(rest > 0 ? [`No marker: ${rest} more`] : [])];
  return names.map((name): ControlMarker => ({ name, expected: 'no-hit', outcome: 'false-hit' }));
}

function isFoundIn(set: ControlSet, specimen: ControlSpecimen, found: ControlFindings): boolean {
  const hits = found.hits.filter((hit) => hit.set === set.name && hit.meaning === 'alert' && hit.strength !== 'contradicted' && hit.digests['sha1'] === specimen.sha1);
  switch (specimen.lane) {
    case 'file':
    case 'content':
      return hits.some((hit) => hit.path === specimen.path);
    case 'near':
      // Judged by its near-matches (evaluate-near.ts).
      return false;
    case 'carving':
      return hits.some((hit) => hit.state === 'carved' && hit.offset === specimen.ranges[0]?.offset && isVolume(specimen, hit.path.split('/', 1)[0]!));
    case 'survey': {
      const blocks = joined(found.blockHits.filter((hit) => hit.set === set.name && hit.rule !== 'lead' && isVolume(specimen, hit.volume)).flatMap((hit) => hit.ranges));
      return specimen.ranges.length > 0 && specimen.ranges.every((range) => overlap(range, blocks) >= range.length * COVERED_SHARE);
    }
  }
}

/** True for the specimen's own volume; space outside volumes is numbered as it comes, so that any name will do. */
function isVolume({ volume }: ControlSpecimen, id: string): boolean {
  return volume === null || volume === id;
}

/** A hit on a marker's content, at its path or, where nothing names it, at its first byte. */
function isHitOf(marker: ControlSpecimen, hit: ControlFindings['hits'][number]): boolean {
  return hit.digests['sha1'] === marker.sha1 && (hit.path === marker.path || hit.offset === marker.ranges[0]?.offset);
}

function startsIn(ranges: readonly ByteRange[], offset: number): boolean {
  return ranges.some((range) => offset >= range.offset && offset < range.offset + range.length);
}

function isInside(range: ByteRange, known: readonly ByteRange[]): boolean {
  return known.some(({ offset, length }) => range.offset >= offset && range.offset + range.length <= offset + length);
}

/** Bytes that a range shares with others, which do not overlap each other. */
function overlap(range: ByteRange, others: readonly ByteRange[]): number {
  return others.reduce((sum, other) => sum + Math.max(0, Math.min(range.offset + range.length, other.offset + other.length) - Math.max(range.offset, other.offset)), 0);
}

/** Ranges in order, those that touch or overlap made one. */
function joined(ranges: readonly ByteRange[]): ByteRange[] {
  const result: { offset: number; length: number }[] = [];
  for (const range of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const last = result.at(-1);
    if (last !== undefined && range.offset <= last.offset + last.length) last.length = Math.max(last.length, range.offset + range.length - last.offset);
    else result.push({ ...range });
  }
  return result;
}
