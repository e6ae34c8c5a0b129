import type { BlockLookup } from '@kerbside/match';
import type { RunContext } from '../run-context.ts';
import type { BlockHit } from './block-hit.ts';
import { keyOf, makeBlockHits, type BlockHitPlaces } from './block-hits.ts';
import type { FoundRun } from './survey-job.ts';

/** The runs are judged anew this often at most while they come in; each time costs all of them. */
const JUDGE_INTERVAL_MS = 250;
const JUDGE_INTERVAL_PER_RUN_MS = 0.2;

/** Known blocks met so far, and what they amount to. */
export interface BlockHitLog {
  /** Adds runs and returns those that are new. */
  add(runs: readonly FoundRun[]): FoundRun[];
  /** Tells hits that are new since the last time, unless that was just now. */
  tell(force?: boolean): void;
  /** All hits, in order of place. */
  all(): BlockHit[];
}

export function createBlockHitLog(context: RunContext, lookups: readonly BlockLookup[], places: Omit<BlockHitPlaces, 'isHit'>): BlockHitLog {
  const runs = new Map<string, FoundRun>();
  const told = new Set<string>();
  let judged: BlockHit[] | null = [];
  let judgedAtMs = -Infinity;
  const all = (): BlockHit[] => {
    if (judged !== null) return judged;
    const hitPaths = new Set<string>();
    for (const { path, meaning } of context.hits.values()) if (meaning === 'alert') hitPaths.add(path);
    return (judged = makeBlockHits([...runs.values()], lookups, { ...places, isHit: (path) => hitPaths.has(path) }));
  };
  return {
    add(found) {
      const fresh = found.filter((run) => !runs.has(keyOf(run)));
      for (const run of fresh) runs.set(keyOf(run), run);
      if (fresh.length > 0) judged = null;
      return fresh;
    },
    tell(force = false) {
      const elapsedMs = context.elapsedMs();
      if (judged !== null && !force) return;
      if (!force && elapsedMs - judgedAtMs < JUDGE_INTERVAL_MS + runs.size * JUDGE_INTERVAL_PER_RUN_MS) return;
      judgedAtMs = elapsedMs;
      for (const hit of all()) {
        // A lead may become more as its neighbours come in: it is told at the end, with the report.
        if (hit.rule === 'lead' || hit.isOfWholeHit) continue;
        const name = `${hit.set} ${hit.ranges[0]!.offset}`;
        if (told.has(name)) continue;
        told.add(name);
        context.firstHitMs ??= Math.round(elapsedMs);
        context.emit({ type: 'block-hit', hit, elapsedMs: Math.round(elapsedMs) });
      }
    },
    all() {
      // Files may have become hits since the blocks were judged.
      judged = null;
      return all();
    },
  };
}
