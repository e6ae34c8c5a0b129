import { RefusedError } from '@kerbside/bytes';
import { DEFAULT_STILL_PX, MAX_STILL_PX, MIN_STILL_PX, type Decoders, type SandboxProfile, type StillMode } from '@kerbside/decode';
import { toHex } from '../digests.ts';
import { refuseInsideSource } from '../out-folder.ts';
import type { Report } from '../report-types.ts';
import { digestsToAsk, isKnown, type KnownAnswer } from './is-known.ts';
import { findKept, makeShown, type MadeStill } from './make-shown.ts';
import { readRunReport } from './read-run-report.ts';
import type { OpenReviewItem, ReviewItemName } from './review-item.ts';
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
  /** Starts the sandbox when a still has to be made: `picture` for pictures, `tools` for videos. */
  readonly decoders: (profile: SandboxProfile) => Promise<Pick<Decoders, 'run'>>;
  readonly openItem: OpenReviewItem;
  /** Where `show` will write; refused inside the source. */
  readonly writesTo?: string;
  readonly now?: () => Date;
}

/** A still, or the strip of a video, and what is known about it. */
export interface ShownStill extends MadeStill {
  readonly known: KnownAnswer;
  /** False where part of the item could not be read. */
  readonly isWhole: boolean;
}

/** An officer's name is one line, as a report could show it. */
const MAX_OFFICER_CHARACTERS = 200;

/**
 * Makes or fetches one still and hands it to `show`; with null it is made and kept ahead of a review, and nobody sees it. The order is the point: whether it is known is asked first; the making
 * is recorded before anything is decoded, the showing before anything is handed over, each durable. So a record may stand
 * for a showing that a kill prevented, and never the other way round.
 *
 * @throws RefusedError `still-known-material`, `still-known-unclear`, `officer-name-needed`, `still-size-unusable`, and what reading, the store and
 *   the record are refused for; what the sandbox says of the picture or video
 */
export async function showStill(options: ShowStillOptions, show: ((shown: ShownStill) => void) | null): Promise<ShownStill> {
  requireOfficer(options.officer);
  const report = readRunReport(options.runFolder);
  if (options.writesTo !== undefined) refuseInsideSource(options.writesTo, report.source.path);
  const longerSidePx = options.longerSidePx ?? DEFAULT_STILL_PX;
  requireSize(longerSidePx);
  await using item = await options.openItem(report.source.path, options.name, digestsToAsk(report));
  const known = isKnown(report, item.path, item.digests);
  const contentDigest = toHex(item.digests.find(({ algorithm }) => algorithm === 'sha256')!.bytes);
  const record = (event: Showing['event']): void =>
    appendShowing(options.runFolder, {
      event,
      at: (options.now?.() ?? new Date()).toISOString(),
      officer: options.officer,
      login: options.login,
      item: options.name.path,
      contentDigest,
      kind: item.kind,
      mode: options.mode,
      longerSidePx,
      known: known.known,
      showKnown: options.showKnown,
    });
  if (known.known !== false && !options.showKnown) {
    record('refused');
    throw refusal(options.name.path, known);
  }
  const wanted = { mode: options.mode, longerSidePx, contentDigest, nearSeconds: nearSecondsOf(report, options.name.path) };
  const kept = findKept(options.store, item, wanted);
  if (kept === null) record('made');
  const made = kept ?? (await makeShown(await options.decoders(item.kind === 'video' ? 'tools' : 'picture'), options.store, item, wanted));
  const shown: ShownStill = { ...made, known, isWhole: item.isWhole };
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

/** Told before anything is read. */
function requireSize(longerSidePx: number): void {
  if (!Number.isInteger(longerSidePx) || longerSidePx < MIN_STILL_PX || longerSidePx > MAX_STILL_PX) {
    throw new RefusedError('still-size-unusable', `A still has ${MIN_STILL_PX} to ${MAX_STILL_PX} pixels on its longer side, not ${longerSidePx}.`);
  }
}

/** Near-matches of one video whose frames are shown among the nine of a strip: there is one a set, so they are few. */
const MOST_NEAR_SECONDS = 7;

/** Times of the frames of a video that the run found near known ones. */
function nearSecondsOf({ nearHits }: Partial<Pick<Report, 'nearHits'>>, path: string): readonly number[] {
  const seconds = (nearHits ?? []).flatMap((hit) => (hit.path === path && hit.seconds !== null ? [hit.seconds] : []));
  return [...new Set(seconds)].sort((a, b) => a - b).slice(0, MOST_NEAR_SECONDS);
}

function refusal(path: string, { known, sets }: KnownAnswer): RefusedError {
  return known === true
    ? new RefusedError('still-known-material', `"${path}" is known material (${sets.join(', ')}): it is shown as facts in the report, and nobody needs to look. Where somebody must, ask for it with --show-known; that is recorded.`)
    : new RefusedError('still-known-unclear', `Whether "${path}" is known cannot be said, because these sets are not where the run found them: ${sets.join(', ')}. Bring them back, or ask for it with --show-known; that is recorded.`);
}
