import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { InternalError, problemFrom } from '@kerbside/bytes';
import type { SourceLocator } from '@kerbside/evidence';
import { packedLength } from './digests.ts';
import { ENTRY, SHARED_BYTES, SHARED_HASHED, SHARED_STOP, type EntryFailure, type FromWorker, type HashJob, type HashResult, type WorkerStart } from './hash-job.ts';

/** Each reading thread costs 40–60 MB; more than four would break the 512 MB promise and outrun any disk. */
export const MAX_WORKERS = 4;

/** Jobs handed to one thread at a time, so that it never waits for the main thread between two. */
const JOBS_IN_HAND = 2;

/** Heap of a thread; its read buffers are outside the heap. Extents of one batch are bounded by the plan. */
const WORKER_HEAP_MB = 192;
const WORKER_YOUNG_MB = 4;

/** Reading threads behind one promise per job. */
export interface WorkerPool {
  readonly workers: number;
  /**
   * Reads and hashes one job. A thread that dies takes no more than its job down: the entries are
   * tried once more one by one, and one that kills its thread again ends as a failure.
   * @param urgent goes before what is waiting
   * @throws InternalError `reader-not-started` when no thread can be started at all
   */
  run(job: HashJob, urgent?: boolean): Promise<HashResult>;
  /** Content bytes hashed so far by all threads, also inside long items. */
  hashedBytes(): number;
  /** Asks the threads to stop soon; running jobs come back with entries marked stopped. */
  stop(): void;
  /** Waits for what is running, then ends the threads. */
  close(): Promise<void>;
}

export interface WorkerPoolOptions {
  readonly locator: SourceLocator | null;
  readonly workers?: number;
  /** Another thread program, for tests of dying threads. */
  readonly program?: URL;
}

/** Number of reading threads for this machine: one core is left for the main thread, and never fewer than two. */
export function defaultWorkers(): number {
  return Math.min(MAX_WORKERS, Math.max(2, availableParallelism() - 1));
}

interface Pending {
  readonly job: HashJob;
  readonly resolve: (result: HashResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly inHand: Pending[];
  ready: boolean;
}

class ThreadDied extends Error {}

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const words = new BigInt64Array(shared);
  const size = options.workers ?? defaultWorkers();
  const program = options.program ?? new URL('./hash-worker.ts', import.meta.url);
  const start: WorkerStart = { locator: options.locator, shared };
  const queue: Pending[] = [];
  const threads = new Set<Thread>();
  let broken: InternalError | null = null;
  let closing = false;

  const startThread = (): void => {
    const worker = new Worker(program, { workerData: start, resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB, maxYoungGenerationSizeMb: WORKER_YOUNG_MB } });
    const thread: Thread = { worker, inHand: [], ready: false };
    threads.add(thread);
    let cause: unknown = null;
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') {
        thread.ready = true;
      } else {
        const at = thread.inHand.findIndex((pending) => pending.job.id === message.result.id);
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
      let idlest: Thread | null = null;
      for (const thread of threads) if (idlest === null || thread.inHand.length < idlest.inHand.length) idlest = thread;
      if ((idlest === null || idlest.inHand.length > 0) && threads.size < size) {
        startThread();
        continue;
      }
      if (idlest === null || idlest.inHand.length >= JOBS_IN_HAND) return;
      const pending = queue.shift()!;
      idlest.inHand.push(pending);
      idlest.worker.postMessage(pending.job);
    }
  };

  const runOnce = (job: HashJob, urgent = false): Promise<HashResult> =>
    new Promise((resolve, reject) => {
      if (broken !== null) {
        reject(broken);
        return;
      }
      if (urgent) queue.unshift({ job, resolve, reject });
      else queue.push({ job, resolve, reject });
      hand();
    });

  return {
    workers: size,
    async run(job, urgent = false) {
      try {
        return await runOnce(job, urgent);
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error;
        return runOneByOne(job, runOnce);
      }
    },
    hashedBytes: () => Number(Atomics.load(words, SHARED_HASHED)),
    stop() {
      Atomics.store(words, SHARED_STOP, 1n);
    },
    async close() {
      closing = true;
      await Promise.all([...threads].map(endThread));
    },
  };
}

function endThread(thread: Thread): Promise<void> {
  return new Promise((resolve) => {
    thread.worker.once('exit', () => resolve());
    thread.worker.postMessage(null);
  });
}

/** After a thread died on a job: each entry alone, so that only the one to blame is lost. */
async function runOneByOne(job: HashJob, runOnce: (job: HashJob) => Promise<HashResult>): Promise<HashResult> {
  const outcomes = new Uint8Array(job.sizes.length);
  const digests: Uint8Array[] = [];
  const failures: EntryFailure[] = [];
  for (let entry = 0; entry < job.sizes.length; entry++) {
    try {
      const result = await runOnce(singleEntry(job, entry));
      outcomes[entry] = result.outcomes[0]!;
      digests.push(result.digests);
      failures.push(...result.failures.map((failure) => ({ ...failure, entry })));
    } catch (error) {
      if (!(error instanceof ThreadDied)) throw error;
      outcomes[entry] = ENTRY.failed;
      digests.push(new Uint8Array(packedLength(job.masks[entry]!)));
      const problem = problemFrom(new InternalError('reader-died', `reading this item ended its reading thread twice: ${error.message}`));
      failures.push({ entry, problems: [problem], unreadable: [] });
    }
  }
  return { id: job.id, outcomes, digests: Buffer.concat(digests), failures };
}

function singleEntry(job: HashJob, entry: number): HashJob {
  const start = job.extentStarts[entry]!;
  const end = job.extentStarts[entry + 1]!;
  return {
    id: job.id,
    masks: job.masks.slice(entry, entry + 1),
    views: job.views.slice(entry, entry + 1),
    sizes: job.sizes.slice(entry, entry + 1),
    extentStarts: new Uint32Array([0, end - start]),
    pairs: job.pairs.slice(start * 2, end * 2),
    hostPaths: job.hostPaths === null ? null : job.hostPaths.slice(entry, entry + 1),
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'it ended without a word';
}
