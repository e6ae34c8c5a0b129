import { InternalError, problemFrom } from '@kerbside/bytes';
import type { SourceLocator } from '@kerbside/evidence';
import { createThreadPool, ThreadDied } from '../thread-pool.ts';
import { noCounts } from './content-counts.ts';
import { NOTHING_NEAR, type ContentJob, type ContentResult, type ContentSetup, type ContentStart, type GlanceJob, type GlanceResult } from './content-job.ts';

/** Threads of the content lane. */
export interface ContentPool {
  readonly workers: number;
  /** @throws InternalError `reader-not-started` */
  run(job: ContentJob, single: (entry: number) => ContentJob): Promise<ContentResult>;
  /** Bits from the nearest known hash, a picture each. A thread that dies of one leaves them all without: they are looked at again whole. */
  glance(job: GlanceJob): Promise<Uint8Array>;
  stop(): void;
  close(): Promise<void>;
}

export interface ContentPoolOptions {
  readonly locator: SourceLocator | null;
  readonly setup: ContentSetup;
  readonly workers: number;
  /** Another thread program, for tests of dying threads. */
  readonly program?: URL;
}

export function createContentPool({ locator, setup, workers, program }: ContentPoolOptions): ContentPool {
  const stop = new SharedArrayBuffer(4);
  const workerData: ContentStart = { locator, stop, setup };
  const threads = createThreadPool<ContentJob | GlanceJob, ContentResult | GlanceResult, never>({ program: program ?? new URL('./content-worker.ts', import.meta.url), size: workers, workerData });
  const lookInto = async (job: ContentJob): Promise<ContentResult> => {
    const result = await threads.run(job, false);
    if (!('units' in result)) throw new InternalError('internal-fault', 'a content thread answered another question');
    return result;
  };
  return {
    workers,
    async run(job, single) {
      try {
        return await lookInto(job);
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error;
        return runOneByOne(job, single, lookInto);
      }
    },
    async glance(job) {
      const none = new Uint8Array(job.glance.sizes.length).fill(NOTHING_NEAR);
      try {
        const result = await threads.run(job, false);
        return 'nearest' in result ? result.nearest : none;
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error;
        return none;
      }
    },
    stop() {
      Atomics.store(new Int32Array(stop), 0, 1);
    },
    close: () => threads.close(),
  };
}

/** After a thread died on a job: each item alone, so that only the one to blame is lost. */
async function runOneByOne(job: ContentJob, single: (entry: number) => ContentJob, run: (job: ContentJob) => Promise<ContentResult>): Promise<ContentResult> {
  const units = [];
  for (let entry = 0; entry < job.items.sizes.length; entry++) {
    try {
      const result = await run(single(entry));
      if (result.units === null) return { id: job.id, units: null, gone: result.gone };
      units.push({ ...result.units[0]!, entry });
    } catch (error) {
      if (!(error instanceof ThreadDied)) throw error;
      const problem = problemFrom(new InternalError('content-reader-died', `looking inside this item ended its thread twice: ${error.message}`));
      units.push({ entry, kind: null, counts: noCounts(), members: [], media: [], near: [], problems: [problem] });
    }
  }
  return { id: job.id, units, gone: null };
}
