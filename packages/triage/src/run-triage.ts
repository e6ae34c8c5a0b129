import { findLayout, openSource } from '@kerbside/evidence';
import { openSet } from '@kerbside/match';
import { openJournal } from './journal.ts';
import { runTriageWith, type RunResult, type TriageOptions } from './run-with-doors.ts';
import { createWorkerPool } from './worker-pool.ts';

/**
 * Runs triage over one source: see {@link runTriageWith}.
 * @throws RefusedError when the source, a set or the out folder is refused
 */
export function runTriage(options: TriageOptions): Promise<RunResult> {
  return runTriageWith({ openSource, findLayout, openSet, openJournal, createPool: createWorkerPool }, options);
}
