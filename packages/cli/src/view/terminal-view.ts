import type { Problem } from '@kerbside/bytes';
import type { BlockHit, ControlResult, Meter, OnRunEvent, Progress, ReportHit, RunEvent, Thermometer } from '@kerbside/triage';
import { blockHitCountWords, blockPlaceWords, controlWords, formatBytes, formatCount, formatDuration, meterWords, ruleWords } from '@kerbside/triage';
import { contentWords } from './content-words.ts';
import { fitToWidth } from './fit-to-width.ts';
import { foldLine } from './fold-line.ts';
import { harmlessText } from './harmless-text.ts';
import { clockWords, hitWords, STAGE_WORDS, verdictBanner } from './words.ts';

/** First hits listed while the run goes on; the report has all. */
const HITS_SHOWN = 5;

/** First parts of known files listed likewise; leads are only counted. */
const BLOCK_HITS_SHOWN = 3;

/** Milliseconds between redraws: eight a second feel live and cost little. */
const REDRAW_MS = 125;

/** Categories counted apart while the run goes on: the known ones and some more. */
const MAX_TALLIES = 16;

/** A terminal to draw on. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly inColour: boolean;
  write(text: string): void;
}

/** What the view knows of the run so far. */
export interface Seen {
  source: string;
  volumes: string[];
  progress: Progress | null;
  firstHits: { readonly hit: ReportHit; readonly elapsedMs: number }[];
  /** Hits told one by one; the progress numbers come later. */
  hits: number;
  /** Hits in alert sets, by category. */
  alertTally: Map<string, number>;
  controls: ControlResult | null;
  meter: Meter | null;
  thermometer: Thermometer | null;
  /** Block hits told one by one: those that say that part of a file is here, and leads. */
  blockHits: { parts: number; leads: number };
  firstBlockHits: { readonly hit: BlockHit; readonly elapsedMs: number }[];
  /** Pictures and videos that look like material of an alert set. */
  nearHits: number;
  latestProblem: Problem | null;
  state: 'running' | 'stopping' | 'ended';
}

/** Nothing seen yet. */
export function startSeen(): Seen {
  return { source: '', volumes: [], progress: null, firstHits: [], hits: 0, alertTally: new Map(), controls: null, meter: null, thermometer: null, blockHits: { parts: 0, leads: 0 }, firstBlockHits: [], nearHits: 0, latestProblem: null, state: 'running' };
}

/**
 * The live view for a person: what is being read, share done, time left, first hits as facts,
 * problems so far. Draws over itself, each frame with one write, so that it does not flicker.
 * `finish` leaves what is still true; the summary follows it.
 */
export function createTerminalView(terminal: Terminal): { onEvent: OnRunEvent; stopping(): void; finish(): void } {
  const seen = startSeen();
  let linesDrawn = 0;
  let drawnAtMs = -Infinity;

  function draw(): void {
    drawnAtMs = performance.now();
    // One column and one row stay free: a full line or screen would wrap or scroll, and the next frame would miss its place.
    const lines = composeView(seen, terminal.columns - 1).slice(0, Math.max(1, terminal.rows - 1));
    const up = linesDrawn > 0 ? `\u001b[${linesDrawn}A` : '';
    const banner = hasAlert(seen) && seen.state !== 'ended' ? ALERT_LINE : -1;
    const drawn = lines.map((line, index) => (index === banner ? paintBanner(line, terminal.inColour) : line));
    terminal.write(`${up}\r${drawn.map((line) => `${line}\u001b[K`).join('\n')}\n\u001b[J`);
    linesDrawn = lines.length;
  }

  return {
    onEvent(event) {
      noteEvent(seen, event);
      const isFirstHit = (event.type === 'hit' && seen.hits === 1) || (event.type === 'block-hit' && event.hit.rule !== 'lead' && seen.blockHits.parts === 1);
      if (isFirstHit || performance.now() - drawnAtMs >= REDRAW_MS) draw();
    },
    stopping() {
      seen.state = 'stopping';
      draw();
    },
    finish() {
      seen.state = 'ended';
      draw();
    },
  };
}

/** Takes an event into account. */
export function noteEvent(seen: Seen, event: RunEvent): void {
  switch (event.type) {
    case 'source': {
      const { source } = event;
      const size = source.kind === 'folder' ? 'folder' : `${formatBytes(source.sizeBytes)}, ${source.kind}`;
      seen.source = `${source.path}   ${size}${event.resumed ? ', taken up again' : ''}`;
      break;
    }
    case 'volume':
      seen.volumes.push(`${event.volume.id} ${event.volume.state === 'encrypted' ? 'LOCKED ' : ''}${event.volume.name || event.volume.state}`);
      break;
    case 'progress':
      seen.progress = event.progress;
      break;
    case 'hit': {
      const { hit } = event;
      seen.hits += 1;
      if (seen.firstHits.length < HITS_SHOWN) seen.firstHits.push({ hit, elapsedMs: event.elapsedMs });
      if (hit.meaning !== 'alert') break;
      const category = hit.category === 'unmapped' ? 'not mapped' : hit.category;
      const name = seen.alertTally.has(category) || seen.alertTally.size < MAX_TALLIES ? category : 'other';
      seen.alertTally.set(name, (seen.alertTally.get(name) ?? 0) + 1);
      break;
    }
    case 'problem':
      seen.latestProblem = event.problem;
      break;
    case 'controls':
      seen.controls = event.controls;
      break;
    case 'meter':
      seen.meter = event.meter;
      break;
    case 'thermometer':
      seen.thermometer = event.thermometer;
      break;
    case 'block-hit':
      if (event.hit.rule === 'lead') seen.blockHits.leads += 1;
      else {
        seen.blockHits.parts += 1;
        if (seen.firstBlockHits.length < BLOCK_HITS_SHOWN) seen.firstBlockHits.push(event);
      }
      break;
    case 'near-hit':
      if (event.hit.meaning === 'alert') seen.nearHits += 1;
      break;
    case 'stage':
    case 'finished':
      break;
  }
}

/** Line on which the answer so far stands: nobody should have to look for it. */
const ALERT_LINE = 0;

function hasAlert(seen: Readonly<Seen>): boolean {
  return seen.alertTally.size > 0 || seen.blockHits.parts > 0;
}

function paintBanner(line: string, inColour: boolean): string {
  const plain = verdictBanner('known-material-found', false);
  return inColour && line.startsWith(plain) ? verdictBanner('known-material-found', true) + line.slice(plain.length) : line;
}

/** The lines of the view, each cut to the given width. */
export function composeView(seen: Readonly<Seen>, columns: number): string[] {
  const { progress } = seen;
  const lines: string[] = [];
  if (hasAlert(seen) && seen.state !== 'ended') lines.push(`${verdictBanner('known-material-found', false)}   reading goes on`);
  lines.push(`Kerbside  ${seen.source}`);
  if (seen.volumes.length > 0) lines.push(`Volumes   ${seen.volumes.join(', ')}`);
  if (seen.controls !== null && seen.controls.state !== 'absent') lines.push(...foldLine(`Controls  ${controlWords(seen.controls)}`, columns, FOLDED));
  if (progress !== null && seen.state === 'ended') lines.push(`Ended after ${formatDuration(progress.elapsedMs)}`);
  else if (progress !== null) lines.push(...progressLines(seen, progress, columns));
  if (seen.state === 'ended') return lines.map((line) => fitToWidth(harmlessText(line).replace(/[\n\t]/g, ' '), columns));
  lines.push(...surveyLines(seen, columns));
  let path = '';
  for (const { hit, elapsedMs } of seen.firstHits) {
    if (hit.path !== path) lines.push(`  ${clockWords(elapsedMs)}  ${fitToWidth(hit.path, Math.max(20, columns - 9), 'end')}`);
    lines.push(`         ${hitWords(hit)}`);
    path = hit.path;
  }
  if (seen.latestProblem !== null) lines.push(`Latest problem: ${seen.latestProblem.message}`);
  lines.push(seen.state === 'stopping' ? 'Stopping; what is done is kept …' : 'Ctrl-C stops with an answer for what was read; the same command goes on later.');
  return lines.map((line) => fitToWidth(harmlessText(line).replace(/[\n\t]/g, ' '), columns));
}

function progressLines(seen: Readonly<Seen>, progress: Progress, columns: number): string[] {
  const stage = STAGE_WORDS[progress.stage];
  const reading = progress.reading === '' ? '' : `: ${fitToWidth(progress.reading, Math.max(10, columns - stage.length - 2), 'end')}`;
  const planned = progress.itemsPlanned > 0 ? `, ${formatCount(progress.itemsDone)} of ${formatCount(progress.itemsPlanned)} to read` : '';
  const bytes = progress.bytesPlanned > 0 ? `, ${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytesPlanned)}` : '';
  const tally = [...seen.alertTally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${formatCount(count)} ${name}`).join(', ');
  return [
    progressBar(progress),
    `${stage}${reading}`,
    `Items     ${formatCount(progress.itemsSeen)} seen${planned}${bytes}`,
    `Hits      ${formatCount(Math.max(progress.hits, seen.hits))}${tally === '' ? '' : ` (alert: ${tally})`}${seen.nearHits === 0 ? '' : `   Look alike  ${formatCount(seen.nearHits)}`}   Problems  ${formatCount(progress.problems)}`,
  ];
}

/** Indent of a line that goes on: a figure must not be cut. */
const FOLDED = ' '.repeat(10);

/** What the survey says: the meter, the content of the device, known blocks. */
function surveyLines(seen: Readonly<Seen>, columns: number): string[] {
  const { meter, thermometer, blockHits } = seen;
  return [
    ...(meter === null ? [] : foldLine(`Meter     ${meterWords(meter)}`, columns, FOLDED)),
    ...(thermometer === null ? [] : [`Content   ${contentWords(thermometer, columns - 10)}`]),
    ...(blockHits.parts + blockHits.leads === 0 ? [] : [`Blocks    ${blockHitCountWords(blockHits)}`]),
    ...seen.firstBlockHits.flatMap(({ hit, elapsedMs }) => [`  ${clockWords(elapsedMs)}  ${fitToWidth(blockPlaceWords(hit), Math.max(20, columns - 9), 'end')}`, ...foldLine(`         ${hit.set}: ${ruleWords(hit)}`, columns, FOLDED)]),
  ];
}

/** `[########------------]  37 %   00:41   1 min 20 s to 2 min left` */
function progressBar(progress: Progress): string {
  const width = 24;
  const share = progress.share;
  const filled = share === null ? 0 : Math.min(width, Math.floor(share * width));
  const percent = share === null ? '   –' : `${String(Math.min(share < 1 ? 99 : 100, Math.floor(share * 100))).padStart(3)} %`;
  const left = progress.timeLeftMs;
  const time = left === null ? '' : `   ${formatDuration(left.low)} to ${formatDuration(left.high)} left`;
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${percent}   ${clockWords(progress.elapsedMs)}${time}`;
}
