import type { Appearance } from '@kerbside/evidence';
import type { SetMeaning } from '@kerbside/match';
import { contentAddsUp } from './content/content-counts.ts';
import type { ContentCounts } from './content/content-job.ts';
import { countsAddUp, type ItemCounts } from './coverage.ts';
import { scatteredSentence, unbrokenSentence } from './promise-figures.ts';
import { READS_DIFFER } from './reads-differ.ts';
import type { LongFiles } from './survey/meter-facts.ts';

export type Verdict = 'known-material-found' | 'needs-examination' | 'nothing-known-found' | 'not-finished';

/** Why the verdict is what it is: a stable code, a sentence for a person, and how many of it. */
export interface VerdictReason {
  readonly code: string;
  readonly message: string;
  readonly count: number;
}

/** How sure a hit is. `weak-only`: MD5 or ED2K alone. `contradicted`: a stronger digest of the same row differs, so the weak one alone matched. */
export type HitStrength = 'confirmed' | 'weak-only' | 'contradicted';

export interface VerdictVolume {
  readonly id: string;
  readonly state: 'file-system' | 'encrypted' | 'unsupported' | 'unrecognised';
  /** Encryption or format name; file system kind; empty when unknown. */
  readonly name: string;
  /** False when only a backup boot record or superblock could be used. */
  readonly intact: boolean;
  /** For an unrecognised volume: it is a doubt unless it was read whole and holds only zeros (a reserved partition, say). */
  readonly appears: Appearance;
}

/** A part of the source in no volume. Partition tables and the boot sector are not counted as data in it. */
export interface VerdictGap {
  readonly lengthBytes: number;
  readonly appears: Appearance;
}

/** Everything the verdict rests on, and nothing else. */
export interface VerdictInput {
  readonly state: 'finished' | 'stopped';
  /** Number of sets asked. */
  readonly sets: number;
  /** The profile looks for blocks alone: deleted files and free space are left to the survey. Not so of a folder, which has neither. */
  readonly isScreen: boolean;
  /** Items left by the profile that by their length may be known files of which no set holds a block: no survey meets them. */
  readonly leftWithoutBlocks: number;
  readonly hits: readonly { readonly meaning: SetMeaning; readonly strength: HitStrength; /** Equal hits told together; 1 when absent. */ readonly count?: number }[];
  /** Problems counted by code. */
  readonly problems: readonly { readonly code: string; readonly kind: string; readonly count: number }[];
  readonly items: ItemCounts;
  readonly unreadableBytes: number;
  readonly volumes: readonly VerdictVolume[];
  readonly gaps: readonly VerdictGap[];
  /** Stages of the plan that were not carried to their end. */
  readonly unfinishedStages: readonly string[];
  /** Control volume read before the evidence, and the names of its markers that were missed or falsely hit. */
  readonly controls: { readonly state: 'absent' | 'passed' | 'failed'; readonly failedMarkers: readonly string[] };
  /** Known blocks outside items that are hits themselves, by the rule that each hit meets. */
  readonly blockHits: readonly { readonly rule: 'run' | 'share' | 'lead' }[];
  /** Kinds of content of which the survey's sample holds more than the file systems account for. */
  readonly disagreements: readonly { readonly class: string; readonly sampledLow: number; readonly accountedShare: number }[];
  /** Pictures and videos that look like material of an alert set and are no hits. */
  readonly similar: number;
  /** What was looked into; null where nothing was. */
  readonly content: (ContentCounts & { /** Items whose content the lane did not open, by why. */ readonly itemsNotLookedInto?: Readonly<Record<string, number>> }) | null;
  /** What the survey was to reach and did; null where none was planned or no block set was asked. */
  readonly meter: { readonly unbrokenBytes: number | null; readonly scattered: { readonly bytes: number; readonly probability: number } | null; readonly longFiles?: LongFiles; readonly indexedShare: number; readonly filesChecked: number; readonly filesTotal: number } | null;
}

export interface VerdictAnswer {
  readonly verdict: Verdict;
  readonly reasons: readonly VerdictReason[];
}

/**
 * The one function that makes a verdict.
 *
 * Known material found outranks everything; its other reasons stay listed. Without it an unfinished
 * run is "not finished"; a finished one with any reason at all is "needs examination". Only a
 * finished run with items, sets and no reason is "nothing known found in what was read".
 */
export function computeVerdict(input: VerdictInput): VerdictAnswer {
  const known = knownReasons(input);
  const doubts = doubtReasons(input);
  const finished = input.state === 'finished' && input.unfinishedStages.length === 0 && input.items.skipped['not-reached'] === 0;
  if (known.length > 0) {
    const going = finished ? [] : [reason('not-finished', 'The run was not finished; more may be found.', 1)];
    return { verdict: 'known-material-found', reasons: [...known, ...going, ...doubts] };
  }
  if (!finished) return { verdict: 'not-finished', reasons: [notFinished(input), ...doubts] };
  if (doubts.length > 0) return { verdict: 'needs-examination', reasons: doubts };
  return {
    verdict: 'nothing-known-found',
    reasons: [
      reason(
        'nothing-known-found',
        `Nothing known found in what was read: ${figure(input.items.read)} items read, ${figure(input.items.gated)} of a length that no set holds, ${skippedWords(input.items)}.${insideWords(input.content)}${meterWords(input.meter)}`,
        input.items.seen,
      ),
    ],
  };
}

function alertHits({ hits }: VerdictInput, strength: HitStrength): number {
  return hits.reduce((sum, hit) => (hit.meaning === 'alert' && hit.strength === strength ? sum + (hit.count ?? 1) : sum), 0);
}

function knownReasons(input: VerdictInput): VerdictReason[] {
  const confirmed = alertHits(input, 'confirmed');
  const weakOnly = alertHits(input, 'weak-only');
  const present = input.blockHits.filter(({ rule }) => rule !== 'lead').length;
  const reasons: VerdictReason[] = [];
  if (confirmed > 0) reasons.push(reason('known-material', `${plural(confirmed, 'hit', 'hits')} in an alert set.`, confirmed));
  if (weakOnly > 0) reasons.push(reason('known-material-weak-digest', `${plural(weakOnly, 'hit rests', 'hits rest')} on MD5 or ED2K alone: the set holds no stronger digest for it.`, weakOnly));
  if (present > 0) reasons.push(reason('known-blocks', `${plural(present, 'part of a known file is', 'parts of known files are')} there, told by blocks; a part may be all of the file.`, present));
  return reasons;
}

function doubtReasons(input: VerdictInput): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  const add = (code: string, count: number, message: string): void => {
    if (count > 0) reasons.push(reason(code, message, count));
  };
  if (input.controls.state === 'failed') {
    reasons.push(reason('controls-failed', `Instrument not fit: the control volume was not read correctly (${input.controls.failedMarkers.join(', ')}). No device was read.`, Math.max(1, input.controls.failedMarkers.length)));
  }
  const contradicted = alertHits(input, 'contradicted');
  add('digests-disagree', contradicted, `${plural(contradicted, 'item matches', 'items match')} a set on a weak digest while a stronger one differs: a made-up collision, or a wrong row.`);
  for (const [name, volumes] of groupByName(input.volumes.filter((volume) => volume.state === 'encrypted'))) {
    add('encrypted-volume', volumes.length, `${plural(volumes.length, 'locked volume', 'locked volumes')} (${name}): ${ids(volumes)}.`);
  }
  for (const [name, volumes] of groupByName(input.volumes.filter((volume) => volume.state === 'unsupported'))) {
    add('unsupported-volume', volumes.length, `${plural(volumes.length, 'volume', 'volumes')} not read (${name}): ${ids(volumes)}.`);
  }
  const unrecognised = input.volumes.filter((volume) => volume.state === 'unrecognised' && volume.appears !== 'empty');
  add('unrecognised-volume', unrecognised.length, `${plural(unrecognised.length, 'volume', 'volumes')} not recognised: ${unrecognised.map(({ id, appears }) => `${id} (${APPEARANCE_WORDS[appears]})`).join(', ')}.`);
  const damaged = input.volumes.filter((volume) => volume.state === 'file-system' && !volume.intact);
  add('damaged-file-system', damaged.length, `${plural(damaged.length, 'damaged file system', 'damaged file systems')} read from a backup of its start: ${ids(damaged)}.`);
  const gaps = input.gaps.filter((gap) => gapNeedsEyes(gap));
  add('unread-gap', gaps.length, `${plural(gaps.length, 'part', 'parts')} of the source ${gaps.length === 1 ? 'is' : 'are'} outside every file system and ${gaps.length === 1 ? 'was' : 'were'} not read as files: ${[...Map.groupBy(gaps, (gap) => APPEARANCE_WORDS[gap.appears])].map(([words, group]) => `${group.length} ${words}`).join(', ')}.`);
  add('unreadable-bytes', input.unreadableBytes, `${figure(input.unreadableBytes)} bytes of the source could not be read.`);
  add('items-with-problems', input.items.problems, `${plural(input.items.problems, 'item', 'items')} could not be read, or not wholly.`);
  const differing = input.problems.find(({ code }) => code === READS_DIFFER)?.count ?? 0;
  add(READS_DIFFER, differing, `The source gave other bytes, or none, when it was read a second time, in ${plural(differing, 'place', 'places')}: the medium is failing, or something writes to it.`);
  const others = input.problems.filter(({ code }) => code !== READS_DIFFER);
  const problems = others.reduce((sum, problem) => sum + problem.count, 0);
  add('problems', problems, `${plural(problems, 'problem', 'problems')}: ${others.map((problem) => `${problem.code} (${figure(problem.count)})`).join(', ')}.`);
  const left = input.items.skipped['left-by-profile'];
  const isPromised = input.meter !== null && input.meter.unbrokenBytes !== null;
  const doubtful = isPromised ? input.leftWithoutBlocks : left;
  add('items-left-by-profile', doubtful, `${plural(doubtful, 'item was', 'items were')} left unread by the profile, and ${isPromised ? 'may be a known file of which no set holds a block' : 'the survey promises nothing of them'}.`);
  add('screen-without-blocks', input.isScreen && !isPromised ? 1 : 0, 'A screen looks for known blocks, and no set held any to look for: deleted files and free space were not looked through.');
  add('no-sets', input.sets === 0 ? 1 : 0, 'No set was asked, so nothing could be found.');
  add('no-items', input.items.seen === 0 ? 1 : 0, 'No files were seen on this source.');
  add('counts-disagree', countsAddUp(input.items) && (input.content === null || contentAddsUp(input.content)) ? 0 : 1, 'The counts of items do not add up: a fault of this program.');
  const leads = input.blockHits.filter(({ rule }) => rule === 'lead').length;
  add('block-leads', leads, `${plural(leads, 'place holds', 'places hold')} known blocks, too few to say that a known file is there: leads to follow.`);
  add('similar-material', input.similar, `${plural(input.similar, 'picture or video looks', 'pictures or videos look')} like material of an alert set and ${input.similar === 1 ? 'is' : 'are'} not the same file: to be compared by an officer.`);
  add('lanes-disagree', input.disagreements.length, `A sample of the source holds more than the file systems account for: ${input.disagreements.map(disagreementWords).join('; ')}. Hidden or lost volumes, deleted content or containers would explain it.`);
  return reasons;
}

function notFinished(input: VerdictInput): VerdictReason {
  const left = input.items.skipped['not-reached'];
  const stages = input.unfinishedStages.length === 0 ? '' : ` Stages not finished: ${input.unfinishedStages.join(', ')}.`;
  return reason('not-finished', `Not finished: ${plural(left, 'item', 'items')} still to be read.${stages}`, Math.max(1, left));
}

function gapNeedsEyes(gap: VerdictGap): boolean {
  switch (gap.appears) {
    case 'empty':
      return false;
    case 'data':
    case 'sampled-empty':
    case 'high-entropy':
    case 'unreadable':
      return true;
  }
}

const APPEARANCE_WORDS: Readonly<Record<Appearance, string>> = {
  empty: 'only zeros',
  'sampled-empty': 'only zeros in a sample, the rest not read',
  data: 'with data',
  'high-entropy': 'with what looks like random bytes, possibly encrypted',
  unreadable: 'unreadable',
};

function groupByName(volumes: readonly VerdictVolume[]): [string, VerdictVolume[]][] {
  return [...Map.groupBy(volumes, (volume) => (volume.name === '' ? 'unknown' : volume.name))];
}

function ids(volumes: readonly VerdictVolume[]): string {
  return volumes.map((volume) => volume.id).join(', ');
}

function disagreementWords({ class: name, sampledLow, accountedShare }: VerdictInput['disagreements'][number]): string {
  return `${name} at least ${(sampledLow * 100).toFixed(1)} %, accounted for ${(accountedShare * 100).toFixed(1)} %`;
}

function skippedWords(items: ItemCounts): string {
  const left = items.skipped['left-by-profile'];
  const nothing = `${figure(items.skippedByPlan - left)} with nothing to read`;
  return left === 0 ? nothing : `${nothing}, ${figure(left)} left unread by the profile`;
}

/** What was opened, and what was not: hashing an archive or a picture as a file says nothing of what is in it. */
function insideWords(content: VerdictInput['content']): string {
  if (content === null) return '';
  const { members, containers, pictures, videos, itemsNotLookedInto } = content;
  const left = itemsNotLookedInto?.['left-by-profile'] ?? 0;
  const notDecoded = pictures.notAsked + videos.notAsked;
  return [
    containers.seen > 0 ? ` Inside ${plural(containers.opened, 'container', 'containers')}: ${plural(members.read, 'file', 'files')} looked up, ${figure(members.gated)} of a length that no set holds.` : '',
    left > 0 ? ` ${plural(left, 'item was', 'items were')} not looked into: by name nothing that this profile opens.` : '',
    notDecoded > 0 ? ` ${plural(notDecoded, 'picture or video was', 'pictures or videos were')} not decoded.` : '',
  ].join('');
}

/** What the survey promises, never more than was measured. */
function meterWords(meter: VerdictInput['meter']): string {
  if (meter === null) return '';
  const unbroken = meter.unbrokenBytes === null ? '' : ` ${unbrokenSentence(meter.unbrokenBytes, meter.indexedShare)}`;
  const { scattered } = meter;
  const strewn = scattered === null ? '' : ` ${scatteredSentence(scattered, meter.longFiles)}`;
  return `${unbroken}${strewn} ${figure(meter.filesChecked)} of ${figure(meter.filesTotal)} live files checked.`;
}

function plural(count: number, one: string, many: string): string {
  return `${figure(count)} ${count === 1 ? one : many}`;
}

/** `1,234,567` */
function figure(count: number): string {
  return count.toLocaleString('en-GB');
}

function reason(code: string, message: string, count: number): VerdictReason {
  return { code, message, count };
}
