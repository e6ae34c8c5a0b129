import { Worker } from 'node:worker_threads';
import { InternalError } from '@kerbside/bytes';

/** Jobs handed to one thread at a time, so that it never waits for the main thread between two. */
const JOBS_IN_HAND = 2;

/** Heap of a thread; its read buffers are outside the heap. Extents of one batch are bounded by the plan. */
const WORKER_HEAP_MB = 192;
const WORKER_YOUNG_MB = 4;

/** What a thread is sent. `setup` comes before any job that needs it; null asks it to end. */
export type ToThread<Job, Setup> = { readonly type: 'job'; readonly sequence: number; readonly job: Job } | { readonly type: 'setup'; readonly setup: Setup } | null;

export type FromThread<Result> = { readonly type: 'ready' } | { readonly type: 'result'; readonly sequence: number; readonly result: Result };

/** The thread that had a job in hand ended without an answer. */
export class ThreadDied extends Error {}

/** Threads behind one promise per job. They start when there is work for them. */
export interface ThreadPool<Job, Result, Setup> {
  readonly size: number;
  /**
   * @param urgent goes before what is waiting
   * @throws ThreadDied when the thread that worked on it ended; InternalError `reader-not-started` when none can be started
   */
  run(job: Job, urgent: boolean): Promise<Result>;
  /** Tells every thread, those that start later too, what later jobs need. */
  setUp(setup: Setup): void;
  /** Waits for what is running, then ends the threads. */
  close(): Promise<void>;
}

export interface ThreadPoolOptions {
  readonly program: URL;
  readonly size: number;
  readonly workerData: unknown;
}

interface Pending<Job, Result> {
  readonly job: Job;
  readonly sequence: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread<Job, Result> {
  readonly worker: Worker;
  readonly inHand: Pending<Job, Result>[];
  ready: boolean;
}

export function createThreadPool<Job, Result, Setup>(options: ThreadPoolOptions): ThreadPool<Job, Result, Setup> {
  const queue: Pending<Job, Result>[] = [];
  const threads = new Set<Thread<Job, Result>>();
  const setups: Setup[] = [];
  let nextSequence = 0;
  let broken: InternalError | null = null;
  let closing = false;

  const send = (thread: Thread<Job, Result>, message: ToThread<Job, Setup>): void => thread.worker.postMessage(message);

  const startThread = (): void => {
    const worker = new Worker(options.program, { workerData: options.workerData, resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB, maxYoungGenerationSizeMb: WORKER_YOUNG_MB } });
    const thread: Thread<Job, Result> = { worker, inHand: [], ready: false };
    threads.add(thread);
    for (const setup of setups) send(thread, { type: 'setup', setup });
    let cause: unknown = null;
    worker.on('message', (message: FromThread<Result>) => {
      if (message.type === 'ready') {
        thread.ready = true;
      } else {
        const at = thread.inHand.findIndex((pending) => pending.sequence === message.sequence);
        if (at >= 0) thread.inHand.splice(at, 1)[0]!.resolve(message.result);
      }
      hand();
    });
    worker.on('error', (error: unknown) => {
      cause = error;
    });
    worker.on('exit', () => {
      threads.delete(thread);
      const [first, ...others] = thread.inHand;
      queue.unshift(...others);
      if (!thread.ready && !closing) {
        broken = new InternalError('reader-not-started', `a reading thread could not start: ${describe(cause)}`, {}, cause);
        if (first !== undefined) queue.unshift(first);
        for (const pending of queue.splice(0)) pending.reject(broken);
        return;
      }
      first?.reject(new ThreadDied(describe(cause)));
      hand();
    });
  };

  const hand = (): void => {
    if (broken !== null) return;
    while (queue.length > 0) {
      let idlest: Thread<Job, Result> | null = null;
      for (const thread of threads) if (idlest === null || thread.inHand.length < idlest.inHand.length) idlest = thread;
      if ((idlest === null || idlest.inHand.length > 0) && threads.size < options.size) {
        // A thread that starts while the others are told to end would never be told.
        if (closing) return;
        startThread();
        continue;
      }
      if (idlest === null || idlest.inHand.length >= JOBS_IN_HAND) return;
      const pending = queue.shift()!;
      idlest.inHand.push(pending);
      send(idlest, { type: 'job', sequence: pending.sequence, job: pending.job });
    }
  };

  return {
    size: options.size,
    run: (job, urgent) =>
      new Promise((resolve, reject) => {
        if (broken !== null) {
          reject(broken);
          return;
        }
        const pending = { job, sequence: nextSequence++, resolve, reject };
        if (urgent) queue.unshift(pending);
        else queue.push(pending);
        hand();
      }),
    setUp(setup) {
      setups.push(setup);
      for (const thread of threads) send(thread, { type: 'setup', setup });
    },
    async close() {
      closing = true;
      await Promise.all([...threads].map((thread) => endThread(thread.worker)));
    },
  };
}

function endThread(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.postMessage(null);
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'it ended without a word';
}
