import { countCandidates, formatCount, type ManifestAnswer, type RematchOutcome, type SetAnswer } from '@kerbside/triage';
import { harmlessText } from './harmless-text.ts';
import { tableLines } from './table-lines.ts';

const OUTCOME_WORDS: Readonly<Record<RematchOutcome, string>> = {
  hits: '■ FILES OF THE NEW SET WERE ON A PAST DEVICE',
  open: '▲ NO FILE OF THE NEW SET AMONG THOSE READ; SOME DEVICES MUST BE LOOKED AT AGAIN',
  none: '● NO FILE OF THE NEW SET AMONG THOSE THAT THE RUNS READ',
  refused: '▲ NO MANIFEST COULD BE ASKED',
};

type Asked = Extract<ManifestAnswer, { state: 'asked' }>;

/** The answer of a rematch for a person: what it comes to, a line for each device (and set, where there are several), then what to know of it. */
export function rematchLines(answers: readonly ManifestAnswer[], outcome: RematchOutcome, sets: number): string[] {
  const asked = answers.filter((answer) => answer.state === 'asked');
  const rows = asked.flatMap((device) => device.answers.map((answer) => rowOf(device, answer, sets > 1)));
  const heading = ['Device', 'Made', ...(sets > 1 ? ['Set'] : []), 'Files known', 'Length only', 'Block leads', 'Keep until'];
  const numbers = [heading.length - 3, heading.length - 2];
  return [
    OUTCOME_WORDS[outcome],
    '',
    ...(rows.length === 0 ? [] : [...tableLines(heading, rows, numbers), '']),
    ...explanations(asked).map(harmlessText),
    ...answers.flatMap(noteOf).map(harmlessText),
  ];
}

function rowOf(device: Asked, answer: SetAnswer, nameSet: boolean): string[] {
  const ends = [device.expiresAt.slice(0, 10)];
  const start = [deviceName(device), device.createdAt.slice(0, 10), ...(nameSet ? [answer.set] : [])];
  if (!answer.asked) return [...start, 'not asked', '–', '–', ...ends];
  return [...start, hitWords(answer), formatCount(countCandidates(answer.sizeCandidates)), answer.blockLeads === null ? '–' : formatCount(answer.blockLeads), ...ends];
}

function hitWords(answer: Extract<SetAnswer, { asked: true }>): string {
  if (answer.hits === 0) return '0';
  return `${formatCount(answer.hits)} (${Object.entries(answer.hitsByCategory).map(([category, count]) => `${category} ${formatCount(count)}`).join(', ')})`;
}

/** What the columns mean, for those that hold something. */
function explanations(asked: readonly Asked[]): string[] {
  const answers = asked.flatMap((device) => device.answers).filter((answer) => answer.asked);
  return [
    ...(answers.some(({ hits }) => hits > 0) ? ['Files known: the keyed code of a file that was read agrees with the set. Confirm it on the device.'] : []),
    ...(answers.some(({ sizeCandidates }) => countCandidates(sizeCandidates) > 0) ? ['Length only: files that the run did not read, or hashed otherwise, of a length that the set holds. No hits: examine the device again.'] : []),
    ...(answers.some(({ setStatesSizes }) => !setStatesSizes) ? ['A set has rows without a length: every file that was not read counts under "Length only".'] : []),
    ...(answers.some(({ blockLeads }) => (blockLeads ?? 0) > 0) ? ['Block leads: blocks in common. They say where to look, never that a file is there.'] : []),
  ];
}

function noteOf(answer: ManifestAnswer): string[] {
  switch (answer.state) {
    case 'refused':
      return [`Refused: ${answer.reason} (${answer.code})`];
    case 'destroyed':
      return [`Destroyed: ${answer.label ?? answer.path} had to be kept until ${answer.expiresAt.slice(0, 10)} and was not asked.`];
    case 'asked': {
      const name = deviceName(answer);
      const { read, gated, problem, unread } = answer.itemCounts;
      return [
        ...(answer.complete ? [] : [`${name}: its run had not finished or could not see all of the device, which may hold more than its manifest lists.`]),
        ...(answer.madeInFuture ? [`${name}: made on ${answer.createdAt.slice(0, 10)}, later than this machine's clock says it is. Set the clock: what has expired is told by it.`] : []),
        ...(gated + problem + unread === 0 ? [] : [`${name}: ${formatCount(read)} files read; not read: ${formatCount(gated)} of a length in no set then, ${formatCount(problem)} with problems, ${formatCount(unread)} not reached.`]),
        ...answer.answers.flatMap((one) => (one.asked ? [] : [`${name}, "${one.set}": ${one.reason} (${one.code})`])),
      ];
    }
  }
}

function deviceName(device: Asked): string {
  return device.label ?? device.path;
}
