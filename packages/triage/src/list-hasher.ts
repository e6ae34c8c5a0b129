import type { Problem } from '@kerbside/bytes';
import type { Item } from '@kerbside/evidence';
import { Catalogue, FLAG, FORM, STATUS } from './catalogue.ts';
import { hashWhole, packedLength, toHex, unpackDigests } from './digests.ts';
import { VIEW_AS_SHOWN, VIEW_RAW } from './extent-code.ts';
import { failureProblems } from './failure-problems.ts';
import { ENTRY } from './hash-job.ts';
import { openItemLine, type LineFrame } from './item-line.ts';
import { makeJob } from './plan.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Items whose lines wait for their digests: enough to sort by place on the disk, little to hold. */
const WINDOW_ITEMS = 4096;
const WINDOW_BYTES = 256 * 1024 * 1024;

/** Windows being read at a time, so that the walk and the threads work side by side. */
const WINDOWS_IN_FLIGHT = 3;

/** One job of a window. */
const JOB_ITEMS = 1024;
const JOB_BYTES = 32 * 1024 * 1024;

/** Adds digests to the lines of a listing. Lines come out in the order of the walk; inside a window, reading follows the disk. */
export interface ListHasher {
  /** @returns true when the caller should await `room` before the next item */
  add(frame: LineFrame, item: Item): boolean;
  /** A line that needs no digest but keeps its place. */
  addLine(line: string): void;
  room(): Promise<void>;
  /** Waits for everything and writes it. */
  flush(): Promise<void>;
}

interface Window {
  readonly catalogue: Catalogue;
  readonly lines: string[];
  /** Item ordinal of each line, or -1 for a line that is complete. */
  readonly ordinals: number[];
  /** Rest of a line, by ordinal: digests and what could not be read. */
  readonly endings: Map<number, string>;
  readonly problems: Map<number, Problem[]>;
  bytes: number;
}

export function createListHasher(pool: WorkerPool, mask: number, onLine: (line: string) => void, onProblem: (problem: Problem) => void): ListHasher {
  let window = newWindow();
  let nextJobId = 0;
  const inFlight: Promise<Window>[] = [];

  const writeOldest = async (): Promise<void> => {
    const oldest = inFlight.shift();
    if (oldest !== undefined) writeWindow(await oldest, onLine, onProblem);
  };
  const send = (): void => {
    const full = window;
    window = newWindow();
    const reading = hashWindow(pool, full, mask, () => nextJobId++);
    // The promise is awaited in order later; until then a refusal must not count as unhandled.
    reading.catch(() => undefined);
    inFlight.push(reading);
  };
  return {
    add(frame, item) {
      const line = openItemLine(frame, item);
      const ordinal = window.catalogue.add(frame.volumeId, item);
      window.lines.push(line);
      const isContent = item.kind === 'file' || item.kind === 'stream';
      window.ordinals.push(ordinal);
      if (isContent && item.content.form === 'inline') {
        if (item.content.bytes.byteLength === item.sizeBytes) window.endings.set(ordinal, inlineDigests(item.content.bytes, mask));
        window.catalogue.setStatus(ordinal, STATUS.read);
      } else if (isContent && item.sizeBytes === 0) {
        window.endings.set(ordinal, inlineDigests(new Uint8Array(0), mask));
      } else if (isContent && window.catalogue.status(ordinal) === STATUS.pending) {
        window.bytes += item.sizeBytes;
      }
      if (window.lines.length < WINDOW_ITEMS && window.bytes < WINDOW_BYTES) return false;
      send();
      return true;
    },
    addLine(line) {
      window.lines.push(line);
      window.ordinals.push(-1);
    },
    async room() {
      while (inFlight.length >= WINDOWS_IN_FLIGHT) await writeOldest();
    },
    async flush() {
      send();
      while (inFlight.length > 0) await writeOldest();
    },
  };
}

function newWindow(): Window {
  return { catalogue: new Catalogue(), lines: [], ordinals: [], endings: new Map(), problems: new Map(), bytes: 0 };
}

function inlineDigests(bytes: Uint8Array, mask: number): string {
  const packed = new Uint8Array(packedLength(mask));
  hashWhole(bytes, mask, packed, 0);
  return digestFields(packed, 0, mask);
}

/** `,"md5":"…","sha1":"…"` */
function digestFields(packed: Uint8Array, at: number, mask: number): string {
  return unpackDigests(packed, at, mask)
    .map(({ algorithm, bytes }) => `,"${algorithm}":"${toHex(bytes)}"`)
    .join('');
}

/** Entries of a window in the order of the disk; an item with two views has two. */
interface Entry {
  readonly ordinal: number;
  readonly view: number;
}

async function hashWindow(pool: WorkerPool, window: Window, mask: number, nextId: () => number): Promise<Window> {
  const { catalogue } = window;
  const entries: (Entry & { readonly offset: number })[] = [];
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    if (catalogue.status(ordinal) !== STATUS.pending || catalogue.form(ordinal) === FORM.none) continue;
    const offset = catalogue.firstOffset(ordinal);
    entries.push({ ordinal, view: VIEW_AS_SHOWN, offset });
    if ((catalogue.flags(ordinal) & FLAG.uninitialised) !== 0) entries.push({ ordinal, view: VIEW_RAW, offset });
  }
  entries.sort((a, b) => a.offset - b.offset || a.ordinal - b.ordinal || a.view - b.view);
  const jobs: Promise<void>[] = [];
  let start = 0;
  let bytes = 0;
  for (let at = 0; at <= entries.length; at++) {
    const size = at < entries.length ? catalogue.sizeBytes(entries[at]!.ordinal) : 0;
    if (at > start && (at === entries.length || at - start >= JOB_ITEMS || bytes + size > JOB_BYTES)) {
      jobs.push(hashEntries(pool, window, entries.slice(start, at), mask, nextId()));
      start = at;
      bytes = 0;
    }
    bytes += size;
  }
  await Promise.all(jobs);
  return window;
}

async function hashEntries(pool: WorkerPool, window: Window, entries: readonly Entry[], mask: number, id: number): Promise<void> {
  const ordinals = entries.map((entry) => entry.ordinal);
  const views = Uint8Array.from(entries, (entry) => entry.view);
  const result = await pool.run(makeJob(window.catalogue, id, ordinals, views, new Uint8Array(entries.length).fill(mask)));
  const length = packedLength(mask);
  for (const [index, { ordinal, view }] of entries.entries()) {
    if (result.outcomes[index] !== ENTRY.hashed) continue;
    const fields = digestFields(result.digests, index * length, mask);
    // The raw view is only told where it is another content.
    const known = window.endings.get(ordinal) ?? '';
    if (view === VIEW_AS_SHOWN) window.endings.set(ordinal, fields + known);
    else if (fields !== known) window.endings.set(ordinal, `${known},"raw":{${fields.slice(1)}}`);
  }
  for (const failure of result.failures) {
    const { ordinal } = entries[failure.entry]!;
    const path = window.catalogue.path(ordinal);
    window.problems.set(ordinal, [...(window.problems.get(ordinal) ?? []), ...failureProblems(path, failure)]);
  }
}

function writeWindow(window: Window, onLine: (line: string) => void, onProblem: (problem: Problem) => void): void {
  for (const [index, line] of window.lines.entries()) {
    const ordinal = window.ordinals[index]!;
    if (ordinal < 0) {
      onLine(line);
      continue;
    }
    onLine(`${line}${window.endings.get(ordinal) ?? ''}}`);
    for (const problem of window.problems.get(ordinal) ?? []) onProblem(problem);
  }
}
