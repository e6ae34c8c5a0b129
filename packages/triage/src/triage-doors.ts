import type { Layout, OpenedSource, OpenImage } from '@kerbside/evidence';
import type { KnownSet } from '@kerbside/match';
import type { openJournal } from './journal.ts';
import type { WorkerPool, WorkerPoolOptions } from './worker-pool.ts';

/** The doors to the rooms on the left that a run goes through; tests put others in their place. */
export interface TriageDoors {
  readonly openSource: (path: string, options: { readonly declaredWriteBlocker?: string }) => Promise<OpenedSource>;
  readonly findLayout: (image: OpenImage) => Layout | Promise<Layout>;
  readonly openSet: (path: string) => KnownSet;
  readonly openJournal: typeof openJournal;
  readonly createPool: (options: WorkerPoolOptions) => WorkerPool;
}
