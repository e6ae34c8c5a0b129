import { displayPath, type Item, type ItemTimes, type Timestamp } from '@kerbside/evidence';
import type { Problem } from '@kerbside/bytes';

/**
 * Lines of `kerbside list --json`. Built by hand: a listing of a million items is mostly this, and
 * `JSON.stringify` of an object an item costs about three times as much.
 */

/** What of an item's line does not change with the item. */
export interface LineFrame {
  readonly volumeId: string;
  /** `,"fileSystem":"NTFS","volume":"p1"` */
  readonly tail: string;
}

export function lineFrame(volumeId: string, fileSystem: string): LineFrame {
  return { volumeId, tail: `,"fileSystem":${quote(fileSystem)},"volume":${quote(volumeId)}` };
}

/**
 * One item as a JSON object without its closing brace, so that digests can be added.
 * Fields: path, size, kind, allocated, state, fileSystem, volume, id, times, and for a deleted item recovery.
 */
export function openItemLine(frame: LineFrame, item: Item): string {
  const path = displayPath(frame.volumeId, item);
  const state = item.state === 'allocated' ? '"allocated":true' : item.state === 'deleted' ? '"allocated":false,"state":"deleted"' : '"allocated":false,"state":"orphan"';
  const recovery = item.recovery === null ? '' : `,"recovery":${JSON.stringify(item.recovery)}`;
  return `{"path":${quote(path)},"size":${item.sizeBytes},"kind":"${item.kind}",${state}${frame.tail},"id":${quote(item.id)},"times":${timesText(item.times)}${recovery}${item.partial ? ',"partial":true' : ''}`;
}

export function problemLine(volumeId: string, problem: Problem): string {
  const { kind, code, message, where } = problem;
  return JSON.stringify({ problem: { code, kind, message, where: volumeId === '' ? where : { volume: volumeId, ...where } } });
}

/** Display text never holds controls or lone surrogates (display-name.ts), so only these two need a backslash. */
const NEEDS_ESCAPE = /["\\]/;

function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function timesText(times: ItemTimes): string {
  return `{"created":${timeText(times.created)},"modified":${timeText(times.modified)},"accessed":${timeText(times.accessed)},"changed":${timeText(times.changed)}}`;
}

/** Text of the second asked for last: created, modified and changed are often the same. */
let lastSeconds = Number.NaN;
let lastText = '';

/** Days since 1970 to `YYYY-MM-DD`: a disk's files fall on few days. */
const dayTexts = new Map<number, string>();
const MAX_DAY_TEXTS = 20_000;

/** Seconds that a JavaScript date can hold: ±100 million days. */
const MAX_SECONDS = 8.64e12;

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** ISO 8601, with `Z` only where the zone is known; JSON null where the time is unknown or beyond any calendar. */
export function timeText(time: Timestamp | null): string {
  if (time === null || !(Math.abs(time.seconds) <= MAX_SECONDS)) return 'null';
  if (time.seconds !== lastSeconds) {
    lastSeconds = time.seconds;
    lastText = secondsText(time.seconds);
  }
  const fraction = time.nanoseconds === 0 ? '' : `.${String(time.nanoseconds).padStart(9, '0').replace(/0+$/, '')}`;
  return `"${lastText}${fraction}${time.zone === 'utc' ? 'Z' : ''}"`;
}

function secondsText(seconds: number): string {
  const day = Math.floor(seconds / 86_400);
  let dayText = dayTexts.get(day);
  if (dayText === undefined) {
    dayText = new Date(day * 86_400_000).toISOString().slice(0, -14);
    if (dayTexts.size < MAX_DAY_TEXTS) dayTexts.set(day, dayText);
  }
  const inDay = Math.floor(seconds - day * 86_400);
  const inHour = inDay % 3600;
  return `${dayText}T${TWO_DIGITS[(inDay - inHour) / 3600]!}:${TWO_DIGITS[(inHour - (inHour % 60)) / 60]!}:${TWO_DIGITS[inHour % 60]!}`;
}
