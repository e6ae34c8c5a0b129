import { categoryLabel, strengthLabel, VERDICT_SHAPES, VERDICT_WORDS, type ReportHit, type StageName, type Verdict } from '@kerbside/triage';
import { harmlessText } from './harmless-text.ts';

/** What a stage does, for a person. */
export const STAGE_WORDS: Readonly<Record<StageName, string>> = {
  controls: 'Checking the instrument on the control volume',
  catalogue: 'Listing names and places',
  content: 'Reading contents',
  orphans: 'Looking for lost directories in free space',
  'orphan-content': 'Reading what they name',
  survey: 'Surveying the whole device',
  carving: 'Looking for files in free space',
  'content-lane': 'Looking inside pictures, video, archives and mail',
  'carved-content': 'Reading what was found in free space',
};

/** A hit as facts, without its path: `Demo list: category A (indicative), SHA-256`. */
export function hitWords(hit: ReportHit): string {
  const meaning = hit.meaning === 'alert' ? '' : ` [${hit.meaning}]`;
  const state = hit.state === 'allocated' ? '' : hit.state === 'carved' ? ', carved from free space' : ', deleted file';
  return harmlessText(`${hit.set}${meaning}: ${categoryLabel(hit)}, ${strengthLabel(hit)}${state}`);
}

/** `00:41`, `1:02:03`: time since the start. */
export function clockWords(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** White on dark red, black on yellow, white on dark green, black on light grey: at least 7:1 where the terminal has 256 colours. */
const VERDICT_COLOURS: Readonly<Record<Verdict, string>> = {
  'known-material-found': '1;38;5;231;48;5;88',
  'needs-examination': '1;38;5;16;48;5;220',
  'nothing-known-found': '1;38;5;231;48;5;22',
  'not-finished': '1;38;5;16;48;5;253',
};

/** `■ KNOWN MATERIAL FOUND`, in colour where the place it goes to shows colours. */
export function verdictBanner(verdict: Verdict, inColour: boolean): string {
  const words = `${VERDICT_SHAPES[verdict]} ${VERDICT_WORDS[verdict].toUpperCase()}`;
  return inColour ? `\u001b[${VERDICT_COLOURS[verdict]}m ${words} \u001b[0m` : words;
}

/** True where colours are shown and wanted. */
export function showsColour(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}
