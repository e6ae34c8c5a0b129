import { availableParallelism } from 'node:os';
import { InternalError, problemFrom } from '@kerbside/bytes';
import type { SourceLocator } from '@kerbside/evidence';
import { packedLength } from './digests.ts';
import { ENTRY, SHARED_BYTES, SHARED_HASHED, SHARED_STOP, type EntryFailure, type HashJob, type HashResult, type ReadJob, type ReadResult, type WorkerStart } from './hash-job.ts';
import type { SurveyJob, SurveyResult, SurveySetup } from './survey/survey-job.ts';
import { createThreadPool, ThreadDied } from './thread-pool.ts';

/** Each reading thread costs 40–60 MB; more than four would break the 512 MB promise and outrun any disk. */
export const MAX_WORKERS = 4;

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
  /** Sets and grids of the survey; comes before the first `survey`. */
  setUpSurvey(setup: SurveySetup): void;
  /**
   * Reads a batch of the survey. A read that ends its thread twice comes back as unread.
   * @throws InternalError `reader-not-started`
   */
  survey(job: SurveyJob): Promise<SurveyResult>;
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

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const words = new BigInt64Array(shared);
  const size = options.workers ?? defaultWorkers();
  const workerData: WorkerStart = { locator: options.locator, shared };
  const threads = createThreadPool<ReadJob, ReadResult, SurveySetup>({ program: options.program ?? new URL('./hash-worker.ts', import.meta.url), size, workerData });

  const hashOnce = async (job: HashJob, urgent = false): Promise<HashResult> => (await threads.run(job, urgent)) as HashResult;
  const surveyOnce = async (job: SurveyJob): Promise<SurveyResult> => (await threads.run(job, false)) as SurveyResult;

  return {
    workers: size,
    async run(job, urgent = false) {
      try {
        return await hashOnce(job, urgent);
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error;
        return runOneByOne(job, hashOnce);
      }
    },
    setUpSurvey: (setup) => threads.setUp(setup),
    async survey(job) {
      try {
        return await surveyOnce(job);
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error;
        const { surveyOneByOne } = await import('./survey/survey-one-by-one.ts');
        return surveyOneByOne(job, surveyOnce);
      }
    },
    hashedBytes: () => Number(Atomics.load(words, SHARED_HASHED)),
    stop() {
      Atomics.store(words, SHARED_STOP, 1n);
    },
    close: () => threads.close(),
  };
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
