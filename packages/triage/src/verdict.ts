import type { Appearance } from '@kerbside/evidence';
import type { SetMeaning } from '@kerbside/match';
import { countsAddUp, type ItemCounts } from './coverage.ts';

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
  readonly hits: readonly { readonly meaning: SetMeaning; readonly strength: HitStrength }[];
  /** Problems counted by code. */
  readonly problems: readonly { readonly code: string; readonly kind: string; readonly count: number }[];
  readonly items: ItemCounts;
  readonly unreadableBytes: number;
  readonly volumes: readonly VerdictVolume[];
  readonly gaps: readonly VerdictGap[];
  /** Stages of the plan that were not carried to their end. */
  readonly unfinishedStages: readonly string[];
  /** Control volume run before the evidence: none yet in this version, which the report states. */
  readonly controls: 'absent' | 'passed' | 'failed';
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
        `Nothing known found in what was read: ${figure(input.items.read)} items read, ${figure(input.items.gated)} of a length that no set holds, ${figure(input.items.skippedByPlan)} with nothing to read.`,
        input.items.seen,
      ),
    ],
  };
}

function knownReasons(input: VerdictInput): VerdictReason[] {
  const alerts = input.hits.filter((hit) => hit.meaning === 'alert');
  const confirmed = alerts.filter((hit) => hit.strength === 'confirmed').length;
  const weakOnly = alerts.filter((hit) => hit.strength === 'weak-only').length;
  const reasons: VerdictReason[] = [];
  if (confirmed > 0) reasons.push(reason('known-material', `${plural(confirmed, 'hit', 'hits')} in an alert set.`, confirmed));
  if (weakOnly > 0) reasons.push(reason('known-material-weak-digest', `${plural(weakOnly, 'hit rests', 'hits rest')} on MD5 or ED2K alone: the set holds no stronger digest for it.`, weakOnly));
  return reasons;
}

function doubtReasons(input: VerdictInput): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  const add = (code: string, count: number, message: string): void => {
    if (count > 0) reasons.push(reason(code, message, count));
  };
  const contradicted = input.hits.filter((hit) => hit.meaning === 'alert' && hit.strength === 'contradicted').length;
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
  add('unread-gap', gaps.length, `${plural(gaps.length, 'part', 'parts')} of the source outside every file system ${gaps.length === 1 ? 'was' : 'were'} not looked through: ${[...Map.groupBy(gaps, (gap) => APPEARANCE_WORDS[gap.appears])].map(([words, group]) => `${group.length} ${words}`).join(', ')}.`);
  add('unreadable-bytes', input.unreadableBytes, `${figure(input.unreadableBytes)} bytes of the source could not be read.`);
  add('items-with-problems', input.items.problems, `${plural(input.items.problems, 'item', 'items')} could not be read, or not wholly.`);
  const problems = input.problems.reduce((sum, problem) => sum + problem.count, 0);
  add('problems', problems, `${plural(problems, 'problem', 'problems')}: ${input.problems.map((problem) => `${problem.code} (${figure(problem.count)})`).join(', ')}.`);
  add('no-sets', input.sets === 0 ? 1 : 0, 'No set was asked, so nothing could be found.');
  add('no-items', input.items.seen === 0 ? 1 : 0, 'No files were seen on this source.');
  add('counts-disagree', countsAddUp(input.items) ? 0 : 1, 'The counts of items do not add up: a fault of this program.');
  add('controls-failed', input.controls === 'failed' ? 1 : 0, 'The control volume was not read correctly: the instrument is not fit.');
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
