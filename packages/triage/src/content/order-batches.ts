import { makeJob } from '../plan.ts';
import type { Catalogue } from '../catalogue.ts';
import { NOTHING_NEAR } from './content-job.ts';
import { THUMBNAIL_STORE_NAME, type ContentPlan } from './content-plan.ts';
import type { ContentPool } from './content-pool.ts';

/** Pictures that carry a thumbnail at a place that costs little to read. */
const HAS_THUMBNAIL_NAME = /\.(jpe?g|jpe|jfif|hei[cf]|hif)$/;
const GLANCE_ITEMS = 64;
/** For fewer the whole lane takes seconds. */
const MIN_PICTURES = 64;
/** On a disk with slow seeks the glance would cost as much as it saves: what it has seen by then has to do. */
const GLANCE_BUDGET_MS = 60_000;
/** Before the nearest thumbnail: stores of thumbnails, which hold many pictures in few bytes. */
const STORE_RANK = -1;

export interface OrderInput {
  readonly catalogue: Catalogue;
  readonly pool: Pick<ContentPool, 'workers' | 'glance'>;
  readonly plan: ContentPlan;
  /** Numbers of the batches that are still to be done, in the order of the plan. */
  readonly batches: readonly number[];
  readonly signal: AbortSignal;
  /** Told the path of what is being looked at. */
  readonly onLook: (path: string) => void;
}

/**
 * Puts batches into the order in which they are likely to bring something: those with thumbnail stores, then those
 * whose pictures' embedded thumbnails are near known hashes, the nearest first, then the others as the plan has them. It
 * orders and never excludes; what it costs is bounded.
 */
export async function orderBatches(input: OrderInput): Promise<number[]> {
  const { catalogue, plan, batches } = input;
  const ranks = new Map<number, number>(batches.map((batch) => [batch, NOTHING_NEAR]));
  const pictures: { readonly batch: number; readonly ordinal: number }[] = [];
  for (const batch of batches) {
    for (const ordinal of plan.ordinals.subarray(plan.batchStarts[batch], plan.batchStarts[batch + 1])) {
      const name = catalogue.name(ordinal).toLowerCase();
      if (THUMBNAIL_STORE_NAME.test(name) || plan.named.get(ordinal)?.kind.startsWith('thumbnails/') === true) ranks.set(batch, STORE_RANK);
      else if (HAS_THUMBNAIL_NAME.test(name)) pictures.push({ batch, ordinal });
    }
  }
  if (pictures.length >= MIN_PICTURES) await glanceAll(input, pictures, ranks);
  // The sort is stable: equal ones stay as the plan has them.
  return [...batches].sort((a, b) => ranks.get(a)! - ranks.get(b)!);
}

async function glanceAll({ catalogue, pool, signal, onLook }: OrderInput, pictures: readonly { readonly batch: number; readonly ordinal: number }[], ranks: Map<number, number>): Promise<void> {
  // Time of day, since the clocks of threads differ.
  const untilMs = Date.now() + GLANCE_BUDGET_MS;
  let next = 0;
  const lines = Array.from({ length: pool.workers }, async () => {
    while (next < pictures.length && Date.now() < untilMs && !signal.aborted) {
      const some = pictures.slice(next, next + GLANCE_ITEMS);
      next += some.length;
      onLook(catalogue.path(some[0]!.ordinal));
      const unused = new Uint8Array(some.length);
      const nearest = await pool.glance({ id: 0, untilMs, glance: makeJob(catalogue, 0, some.map(({ ordinal }) => ordinal), unused, unused) });
      for (const [entry, { batch }] of some.entries()) ranks.set(batch, Math.min(ranks.get(batch)!, nearest[entry]!));
    }
  });
  await Promise.all(lines);
}
