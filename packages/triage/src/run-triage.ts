import type { RunResult, TriageOptions } from './run-with-doors.ts';

/**
 * Runs triage over one source: see `runTriageWith`. What a run needs (sets, journal, report) loads
 * with the first one, so that a listing or a look-up does not wait for it.
 * @throws RefusedError when the source, a set or the out folder is refused
 */
export async function runTriage(options: TriageOptions): Promise<RunResult> {
  const [{ findLayout, openSource }, { openSet }, { openJournal }, { runTriageWith }, { createWorkerPool }] = await Promise.all([
    import('@kerbside/evidence'),
    import('@kerbside/match'),
    import('./journal.ts'),
    import('./run-with-doors.ts'),
    import('./worker-pool.ts'),
  ]);
  return runTriageWith({ openSource, findLayout, openSet, openJournal, createPool: createWorkerPool }, options);
}
