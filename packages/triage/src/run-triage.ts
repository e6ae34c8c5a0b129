import type { TriageDoors } from './triage-doors.ts';
import type { RunResult, TriageOptions } from './triage-options.ts';

/**
 * Runs triage over one source: see `runTriageWith`. What a run needs (sets, journal, report) loads
 * with the first one, so that a listing or a look-up does not wait for it.
 * @throws RefusedError when the source, a set or the out folder is refused
 */
export async function runTriage(options: TriageOptions): Promise<RunResult> {
  const [{ findLayout, openSource }, { holdsNearHashes, openBlockSet, openSet, readBlockSetKind }, { openJournal }, { runTriageWith }, { createWorkerPool }] = await Promise.all([
    import('@kerbside/evidence'),
    import('@kerbside/match'),
    import('./journal.ts'),
    import('./run-with-doors.ts'),
    import('./worker-pool.ts'),
  ]);
  const openBlocks: TriageDoors['openBlockSet'] = (path, keys, now) => (readBlockSetKind(path) === 'block-set' ? openBlockSet(path, keys, now) : null);
  return runTriageWith({ openSource, findLayout, openSet, openBlockSet: openBlocks, openJournal, createPool: createWorkerPool, openNearSets: async (paths) => (await import('./content/near-sets.ts')).openNearSets(paths), haveNearHashes: (paths) => paths.some(holdsNearHashes) }, options);
}
