import { displayFolder, displayName, type DirectoryNode, type Item, type Recovery, type Timestamp } from '@kerbside/evidence';
import type { Problem } from '@kerbside/bytes';
import { LineBuffer } from './line-buffer.ts';

/**
 * Lines of `kerbside list --json`. Written piece by piece: a listing of a million items is mostly
 * this, and `JSON.stringify` of an object an item costs several times as much.
 */

const KINDS = ['file', 'directory', 'stream', 'other'] as const;
const STATES = ['allocated', 'deleted', 'orphan', 'carved'] as const;

/** What of an item's line does not change with the item, as the bytes it is made of. */
export interface LineFrame {
  readonly volumeId: string;
  /** From `,"kind":` to `"id":"`, by kind and state: see {@link middleOf}. */
  readonly middles: readonly Uint8Array[];
  /** The folder written last and the line's beginning for it: neighbours in a walk have the same one. */
  lastParent: DirectoryNode | null | undefined;
  start: Uint8Array;
}

export function lineFrame(volumeId: string, fileSystem: string): LineFrame {
  const tail = `,"fileSystem":${JSON.stringify(fileSystem)},"volume":${JSON.stringify(volumeId)},"id":"`;
  const middles = KINDS.flatMap((kind) =>
    STATES.map((state) => Buffer.from(`,"kind":"${kind}",${state === 'allocated' ? '"allocated":true' : `"allocated":false,"state":"${state}"`}${tail}`)),
  );
  return { volumeId, middles, lastParent: undefined, start: new Uint8Array(0) };
}

function middleOf(frame: LineFrame, item: Item): Uint8Array {
  return frame.middles[KINDS.indexOf(item.kind) * STATES.length + STATES.indexOf(item.state)]!;
}

const SIZE = Buffer.from('","size":');
const CREATED = Buffer.from('","times":{"created":');
const MODIFIED = Buffer.from(',"modified":');
const ACCESSED = Buffer.from(',"accessed":');
const CHANGED = Buffer.from(',"changed":');
const END_OF_TIMES = Buffer.from('}');
const PARTIAL = Buffer.from(',"partial":true');

/**
 * Writes one item as a JSON object without its closing brace, so that digests can be added.
 * Fields: path, size, kind, allocated, state, fileSystem, volume, id, times, and for a deleted item recovery.
 */
export function writeItemLine(out: LineBuffer, frame: LineFrame, item: Item): void {
  if (item.parent !== frame.lastParent) {
    const folder = displayFolder(frame.volumeId, item.parent);
    frame.start = Buffer.from(`{"path":"${JSON.stringify(folder === '' ? '' : `${folder}/`).slice(1, -1)}`);
    frame.lastParent = item.parent;
  }
  out.bytes(frame.start);
  out.jsonText(displayName(item.name));
  if (item.streamName !== null) out.jsonText(`:${displayName(item.streamName)}`);
  out.bytes(SIZE);
  out.number(item.sizeBytes);
  out.bytes(middleOf(frame, item));
  out.jsonText(item.id);
  const { created, modified, accessed, changed } = item.times;
  out.bytes(CREATED);
  writeTime(out, created);
  out.bytes(MODIFIED);
  writeTime(out, modified);
  out.bytes(ACCESSED);
  writeTime(out, accessed);
  out.bytes(CHANGED);
  writeTime(out, changed);
  out.bytes(END_OF_TIMES);
  if (item.recovery !== null) writeRecovery(out, item.recovery);
  if (item.partial) out.bytes(PARTIAL);
}

/** The same line as text. */
export function openItemLine(frame: LineFrame, item: Item): string {
  writeItemLine(scratch, frame, item);
  return scratch.takeLine();
}

const scratch = new LineBuffer(() => undefined);

const RECOVERIES = {
  'runs-survive': Buffer.from(',"recovery":{"basis":"runs-survive"}'),
  'contiguous-guess': Buffer.from(',"recovery":{"basis":"contiguous-guess"}'),
  'no-runs': Buffer.from(',"recovery":{"basis":"no-runs"}'),
  carved: Buffer.from(',"recovery":{"basis":"carved"}'),
} as const;

function writeRecovery(out: LineBuffer, recovery: Recovery): void {
  if (recovery.basis === 'clusters-reused') out.text(`,"recovery":${JSON.stringify(recovery)}`);
  else out.bytes(RECOVERIES[recovery.basis]);
}

export function problemLine(volumeId: string, problem: Problem): string {
  const { kind, code, message, where } = problem;
  return JSON.stringify({ problem: { code, kind, message, where: volumeId === '' ? where : { volume: volumeId, ...where } } });
}

const NULL = Buffer.from('null');

/**
 * Times written of late, as text, each in the slot that its numbers choose: the times of one item are
 * often the same, and those of its neighbours too.
 */
const RECENT_TIMES = 256;
const SLOT_BYTES = 64;
const recentText = new Uint8Array(RECENT_TIMES * SLOT_BYTES);
const recentLength = new Uint8Array(RECENT_TIMES);
const recentSeconds = new Float64Array(RECENT_TIMES).fill(Number.NaN);
const recentNanoseconds = new Float64Array(RECENT_TIMES);
const recentIsUtc = new Uint8Array(RECENT_TIMES);

/** Days since 1970 to `YYYY-MM-DD`: a disk's files fall on few days. */
const dayTexts = new Map<number, Uint8Array>();
const MAX_DAY_TEXTS = 20_000;

/** Seconds that a JavaScript date can hold: ±100 million days. */
const MAX_SECONDS = 8.64e12;

const T = 0x54;
const Z = 0x5a;
const COLON = 0x3a;
const QUOTE = 0x22;
const ZERO = 0x30;

/** ISO 8601 in quotes, with `Z` only where the zone is known; JSON null where the time is unknown or beyond any calendar. */
function writeTime(out: LineBuffer, time: Timestamp | null): void {
  if (time === null || !(Math.abs(time.seconds) <= MAX_SECONDS)) {
    out.bytes(NULL);
    return;
  }
  const { seconds, nanoseconds } = time;
  const isUtc = time.zone === 'utc' ? 1 : 0;
  const slot = (seconds ^ nanoseconds) & (RECENT_TIMES - 1);
  const start = slot * SLOT_BYTES;
  if (recentSeconds[slot] !== seconds || recentNanoseconds[slot] !== nanoseconds || recentIsUtc[slot] !== isUtc) {
    recentLength[slot] = putTime(recentText, start, seconds, nanoseconds, isUtc) - start;
    recentSeconds[slot] = seconds;
    recentNanoseconds[slot] = nanoseconds;
    recentIsUtc[slot] = isUtc;
  }
  out.part(recentText, start, start + recentLength[slot]!);
}

/** {@link writeTime} as text. */
export function timeText(time: Timestamp | null): string {
  writeTime(scratch, time);
  return scratch.takeLine();
}

/** Puts a time's text at `at` and returns where it ends; at most 37 bytes. */
function putTime(bytes: Uint8Array, at: number, seconds: number, nanoseconds: number, isUtc: number): number {
  const day = Math.floor(seconds / 86_400);
  const date = dayBytes(day);
  const inDay = Math.floor(seconds - day * 86_400);
  const inHour = inDay % 3600;
  let to = at;
  bytes[to++] = QUOTE;
  for (let from = 0; from < date.length; from++) bytes[to++] = date[from]!;
  bytes[to++] = T;
  to = putTwoDigits(bytes, to, (inDay - inHour) / 3600);
  bytes[to++] = COLON;
  to = putTwoDigits(bytes, to, (inHour / 60) | 0);
  bytes[to++] = COLON;
  to = putTwoDigits(bytes, to, inHour % 60);
  if (nanoseconds !== 0) {
    const fraction = `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '').slice(0, 9)}`;
    for (let from = 0; from < fraction.length; from++) bytes[to++] = fraction.charCodeAt(from);
  }
  if (isUtc === 1) bytes[to++] = Z;
  bytes[to++] = QUOTE;
  return to;
}

function putTwoDigits(bytes: Uint8Array, at: number, value: number): number {
  const tens = (value / 10) | 0;
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + value - tens * 10;
  return at + 2;
}

function dayBytes(day: number): Uint8Array {
  const known = dayTexts.get(day);
  if (known !== undefined) return known;
  const bytes = Buffer.from(new Date(day * 86_400_000).toISOString().slice(0, -14));
  if (dayTexts.size < MAX_DAY_TEXTS) dayTexts.set(day, bytes);
  return bytes;
}
