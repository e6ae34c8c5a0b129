import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { checkStill, DEFAULT_STILL_PX, makeStill, type Decoders, type Still, type StillMode } from '@kerbside/decode';
import { refuseInsideSource, REPORT_NAME } from '../out-folder.ts';
import type { Report } from '../report-types.ts';
import { isKnown, type KnownAnswer } from './is-known.ts';
import { readReviewItem } from './read-review-item.ts';
import type { ReadReviewItem, ReviewItemName } from './review-item.ts';
import { appendShowing, type Showing } from './showings-log.ts';
import type { StillStore } from './still-store.ts';

export interface ShowStillOptions {
  readonly runFolder: string;
  readonly name: ReviewItemName;
  readonly mode: StillMode;
  readonly longerSidePx?: number;
  /** Who looks, in their own words. */
  readonly officer: string;
  readonly login: string;
  /** Known material is refused without it. */
  readonly showKnown: boolean;
  readonly store: StillStore;
  /** Starts the sandbox when a still has to be made. */
  readonly decoders: () => Promise<Pick<Decoders, 'run'>>;
  /** What reads the item; the plain reader of files when absent. */
  readonly readItem?: ReadReviewItem;
  /** Where `show` will write; refused inside the source. */
  readonly writesTo?: string;
  readonly now?: () => Date;
}

/** A still and what is known about it. */
export interface ShownStill {
  readonly still: Still;
  readonly known: KnownAnswer;
  /** False where part of the item could not be read. */
  readonly isWhole: boolean;
  /** `store` when it had been made before; `made`; `made-not-kept` where the store is full. */
  readonly from: 'store' | 'made' | 'made-not-kept';
}

/** An officer's name is one line, as a report could show it. */
const MAX_OFFICER_CHARACTERS = 200;

/**
 * Makes or fetches one still and hands it to `show`; with null it is made and kept ahead of a review, and nobody sees it. The order is the point: whether it is known is asked first; the making
 * is recorded before anything is decoded, the showing before anything is handed over, each durable. So a record may stand
 * for a showing that a kill prevented, and never the other way round.
 *
 * @throws RefusedError `still-known-material`, `still-known-unclear`, `officer-name-needed`, and what reading, the store and the record are refused for;
 *   what the sandbox says of the picture
 */
export async function showStill(options: ShowStillOptions, show: ((shown: ShownStill) => void) | null): Promise<ShownStill> {
  requireOfficer(options.officer);
  const report = readReport(options.runFolder);
  if (options.writesTo !== undefined) refuseInsideSource(options.writesTo, report.source.path);
  const item = await (options.readItem ?? readReviewItem)(report.source.path, options.name);
  const known = isKnown(report, item.path, item.bytes);
  const contentDigest = hash('sha256', item.bytes, 'hex');
  const longerSidePx = options.longerSidePx ?? DEFAULT_STILL_PX;
  const record = (event: Showing['event']): void =>
    appendShowing(options.runFolder, {
      event,
      at: (options.now?.() ?? new Date()).toISOString(),
      officer: options.officer,
      login: options.login,
      item: options.name.path,
      contentDigest,
      mode: options.mode,
      longerSidePx,
      known: known.known,
      showKnown: options.showKnown,
    });
  if (known.known !== false && !options.showKnown) {
    record('refused');
    throw refusal(options.name.path, known);
  }
  const name = JSON.stringify([contentDigest, options.mode, longerSidePx]);
  const kept = options.store.find(name);
  let shown: ShownStill;
  if (kept !== null) {
    shown = { still: { ...checkStill(kept), mode: options.mode, bytes: kept }, known, isWhole: item.isWhole, from: 'store' };
  } else {
    record('made');
    const still = await makeStill(await options.decoders(), item.bytes, { mode: options.mode, longerSidePx });
    shown = { still, known, isWhole: item.isWhole, from: options.store.keep(name, still.bytes) ? 'made' : 'made-not-kept' };
  }
  if (show !== null) {
    record('shown');
    show(shown);
  }
  return shown;
}

function requireOfficer(officer: string): void {
  if (officer.trim() === '' || officer.length > MAX_OFFICER_CHARACTERS || /\p{Cc}|[\u2028\u2029]/u.test(officer)) {
    throw new RefusedError('officer-name-needed', `Every showing is recorded: say with --officer who looks, in one line of at most ${MAX_OFFICER_CHARACTERS} characters.`);
  }
}

function readReport(runFolder: string): Report {
  const path = join(runFolder, REPORT_NAME);
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Report>;
    if (!Array.isArray(report.hits) || !Array.isArray(report.sets) || typeof report.source?.path !== 'string') throw new TypeError('it is not a report');
    return report as Report;
  } catch (error) {
    throw new RefusedError('run-report-unreadable', `${path} could not be read as a report (${(error as Error).message}). Give the folder of a run that has ended.`, {}, error);
  }
}

function refusal(path: string, { known, sets }: KnownAnswer): RefusedError {
  return known === true
    ? new RefusedError('still-known-material', `"${path}" is known material (${sets.join(', ')}): it is shown as facts in the report, and nobody needs to look. Where somebody must, ask for it with --show-known; that is recorded.`)
    : new RefusedError('still-known-unclear', `Whether "${path}" is known cannot be said, because these sets are not where the run found them: ${sets.join(', ')}. Bring them back, or ask for it with --show-known; that is recorded.`);
}
