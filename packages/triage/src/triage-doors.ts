import type { NearSets } from './content/near-rows.ts';
import type { Layout, OpenedSource, OpenImage } from '@kerbside/evidence';
import type { BlockSet, KnownSet, SetKey } from '@kerbside/match';
import type { openJournal } from './journal.ts';
import type { WorkerPool, WorkerPoolOptions } from './worker-pool.ts';

/** The doors to the rooms on the left that a run goes through; tests put others in their place. */
export interface TriageDoors {
  readonly openSource: (path: string, options: { readonly declaredWriteBlocker?: string }) => Promise<OpenedSource>;
  readonly findLayout: (image: OpenImage) => Layout | Promise<Layout>;
  readonly openSet: (path: string) => KnownSet;
  /** Null for a file that is no block set; `openSet` then has its turn. */
  readonly openBlockSet?: (path: string, keys: readonly SetKey[], now: Date) => BlockSet | null;
  readonly openJournal: typeof openJournal;
  /** Near-match indexes of the compiled sets at these paths; absent where no set is a file (in tests). */
  readonly openNearSets?: (paths: readonly string[]) => Promise<NearSets>;
  /** Whether one of the compiled sets at these paths has a near-match index; absent where no set is a file (in tests). */
  readonly haveNearHashes?: (paths: readonly string[]) => boolean;
  readonly createPool: (options: WorkerPoolOptions) => WorkerPool;
}
