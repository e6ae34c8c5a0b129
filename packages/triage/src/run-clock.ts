import type { Journal } from './journal.ts';

/** The run's own clock: it goes on where an earlier session's commit left it. */
export interface RunClock {
  readonly startedAt: string;
  readonly resumed: number;
  readonly firstHitMs: number | null;
  readonly elapsedMs: () => number;
}

export function startClock(journal: Journal, now: () => Date): RunClock {
  const before = Number(journal.fact('elapsedMs') ?? '0');
  const startedAt = journal.fact('startedAt') ?? now().toISOString();
  const resumed = journal.resumed ? Number(journal.fact('resumed') ?? '0') + 1 : 0;
  const firstHit = JSON.parse(journal.fact('firstHitMs') ?? 'null') as unknown;
  journal.commit([], { startedAt, resumed: String(resumed) });
  const zero = performance.now();
  return { startedAt, resumed, firstHitMs: typeof firstHit === 'number' ? firstHit : null, elapsedMs: () => before + performance.now() - zero };
}
