import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Section } from '../compiled/layout.ts';
import { readCheckedInto } from '../compiled/set-file.ts';

/** A section and where it goes in the shared memory. */
export interface PlacedSection {
  readonly section: Section;
  readonly at: number;
}

/** What the threads that load share. */
export interface LoadWork {
  readonly path: string;
  readonly memory: SharedArrayBuffer;
  /** The largest first: then no thread is left alone with a long one at the end. */
  readonly sections: readonly PlacedSection[];
  /** One state a section. */
  readonly states: Int32Array;
}

const FREE = 0;
const TAKEN = 1;
const DONE = 2;
const FAILED = 3;

/** From this size on a second thread helps: its start costs about 50 ms. */
export const HELP_FROM_BYTES = 64 * 1024 * 1024;

/** A helper that has not finished a section by then is not waited for: the section is read again. */
const HELP_TIMEOUT_MS = 60_000;

/**
 * Reads sections into shared memory and checks them, with helpers for large ones: half of the time goes into memory that
 * is touched for the first time, the rest into SHA-256.
 *
 * @throws RefusedError `set-altered`
 */
export function loadSections(path: string, fd: number, memory: SharedArrayBuffer, placed: readonly PlacedSection[], helpFromBytes = HELP_FROM_BYTES): void {
  const sections = placed.toSorted((a, b) => b.section.lengthBytes - a.section.lengthBytes);
  const states = new Int32Array(new SharedArrayBuffer(sections.length * 4));
  const work: LoadWork = { path, memory, sections, states };
  const total = sections.reduce((sum, { section }) => sum + section.lengthBytes, 0);
  const helpers = total < helpFromBytes ? 0 : Math.min(3, Math.max(1, availableParallelism() - 1));
  const threads = Array.from({ length: helpers }, () => startHelper(work));
  try {
    takeSections(work, fd);
    for (const [i, { section, at }] of sections.entries()) {
      if (Atomics.load(states, i) === TAKEN) Atomics.wait(states, i, TAKEN, HELP_TIMEOUT_MS);
      // What a helper could not do is done here: it says in words what is wrong.
      if (Atomics.load(states, i) !== DONE) readCheckedInto(fd, section, section.name, new Uint8Array(memory, at, section.lengthBytes), path);
    }
  } finally {
    for (const thread of threads) void thread.terminate();
  }
}

/** Reads whatever nobody has taken yet. @throws RefusedError `set-altered` */
function takeSections({ path, memory, sections, states }: LoadWork, fd: number): void {
  for (const [i, { section, at }] of sections.entries()) {
    if (Atomics.compareExchange(states, i, FREE, TAKEN) !== FREE) continue;
    let state = FAILED;
    try {
      readCheckedInto(fd, section, section.name, new Uint8Array(memory, at, section.lengthBytes), path);
      state = DONE;
    } finally {
      Atomics.store(states, i, state);
      Atomics.notify(states, i);
    }
  }
}

/** The part of a helper thread. */
export function helpLoading(work: LoadWork): void {
  const fd = openSync(work.path, 'r');
  try {
    takeSections(work, fd);
  } finally {
    closeSync(fd);
  }
}

function startHelper(work: LoadWork): Worker {
  const worker = new Worker(new URL('./load-helper.ts', import.meta.url), { workerData: work });
  // A helper that fails leaves its section to the thread that waits for it.
  worker.on('error', () => {});
  worker.unref();
  return worker;
}
