import type { Problem } from '@kerbside/bytes';
import type { OnRunEvent, Progress, ReportHit, RunEvent } from '@kerbside/triage';
import { formatBytes, formatCount, formatDuration } from '@kerbside/triage';
import { fitToWidth } from './fit-to-width.ts';
import { clockWords, hitWords, STAGE_WORDS } from './words.ts';

/** First hits listed while the run goes on; the report has all. */
const HITS_SHOWN = 5;

/** Redraws a second: enough to feel live, too few to cost. */
const REDRAW_MS = 125;

/** A terminal to draw on. */
export interface Terminal {
  readonly columns: number;
  write(text: string): void;
}

/** What the view knows of the run so far. */
interface Seen {
  source: string;
  volumes: string[];
  progress: Progress | null;
  firstHits: { readonly hit: ReportHit; readonly elapsedMs: number }[];
  latestProblem: Problem | null;
  stopping: boolean;
}

/**
 * The live view for a person: what is being read, share done, time left, first hits as facts,
 * problems so far. Draws over itself; `finish` leaves the last state standing.
 */
export function createTerminalView(terminal: Terminal): { onEvent: OnRunEvent; stopping(): void; finish(): void } {
  const seen: Seen = { source: '', volumes: [], progress: null, firstHits: [], latestProblem: null, stopping: false };
  let linesDrawn = 0;
  let drawnAtMs = -Infinity;

  function draw(): void {
    drawnAtMs = performance.now();
    const lines = composeView(seen, terminal.columns);
    const up = linesDrawn > 0 ? `\u001b[${linesDrawn}A` : '';
    terminal.write(`${up}\r${lines.map((line) => `${line}\u001b[K`).join('\n')}\n\u001b[J`);
    linesDrawn = lines.length;
  }

  return {
    onEvent(event) {
      noteEvent(seen, event);
      if (event.type === 'hit' || performance.now() - drawnAtMs >= REDRAW_MS) draw();
    },
    stopping() {
      seen.stopping = true;
      draw();
    },
    finish: draw,
  };
}

function noteEvent(seen: Seen, event: RunEvent): void {
  switch (event.type) {
    case 'source':
      seen.source = `${event.source.path}   ${formatBytes(event.source.sizeBytes)}, ${event.source.kind}${event.resumed ? ', taken up again' : ''}`;
      break;
    case 'volume':
      seen.volumes.push(`${event.volume.id} ${event.volume.state === 'encrypted' ? 'LOCKED ' : ''}${event.volume.name || event.volume.state}`);
      break;
    case 'progress':
      seen.progress = event.progress;
      break;
    case 'hit':
      if (seen.firstHits.length < HITS_SHOWN) seen.firstHits.push({ hit: event.hit, elapsedMs: event.elapsedMs });
      break;
    case 'problem':
      seen.latestProblem = event.problem;
      break;
    case 'stage':
    case 'finished':
      break;
  }
}

/** The lines of the view, each cut to the terminal's width. */
export function composeView(seen: Readonly<Seen>, columns: number): string[] {
  const { progress } = seen;
  const lines = [`Kerbside  ${seen.source}`];
  if (seen.volumes.length > 0) lines.push(`Volumes   ${seen.volumes.join(', ')}`);
  if (progress !== null) {
    lines.push(seen.stopping ? `${progressBar(progress)}  stopping, keeping what is done …` : progressBar(progress));
    lines.push(`${STAGE_WORDS[progress.stage]}: ${fitToWidth(progress.reading, Math.max(10, columns - STAGE_WORDS[progress.stage].length - 2), 'end')}`);
    const planned = progress.itemsPlanned > 0 ? `, ${formatCount(progress.itemsDone)} of ${formatCount(progress.itemsPlanned)} to read` : '';
    const bytes = progress.bytesPlanned > 0 ? `, ${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytesPlanned)}` : '';
    lines.push(`Items     ${formatCount(progress.itemsSeen)} seen${planned}${bytes}`);
    lines.push(`Hits      ${formatCount(progress.hits)}        Problems  ${formatCount(progress.problems)}`);
  }
  for (const { hit, elapsedMs } of seen.firstHits) {
    lines.push(`  ${clockWords(elapsedMs)}  ${fitToWidth(hit.path, Math.max(20, columns - 9), 'end')}`);
    lines.push(`         ${hitWords(hit)}`);
  }
  if (seen.latestProblem !== null) lines.push(`Latest problem: ${seen.latestProblem.message}`);
  return lines.map((line) => fitToWidth(line, columns));
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
