import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalogue } from '../catalogue.ts';
import { dataAt, fileItem } from '../test-fakes.ts';
import type { GlanceJob } from './content-job.ts';
import { planContent, type ContentPlan } from './content-plan.ts';
import { orderBatches } from './order-batches.ts';

const PICTURE_BYTES = 4_000_000;

/** Pictures one after the other, four to a batch, and two other files last. */
function device(pictures: number): { catalogue: Catalogue; plan: ContentPlan } {
  const catalogue = new Catalogue();
  const names = [...Array.from({ length: pictures }, (_, number) => `p${number}.jpg`), 'film.mp4', 'Thumbs.db'];
  for (const [number, name] of names.entries()) catalogue.add('p1', fileItem(name, PICTURE_BYTES, dataAt([number * PICTURE_BYTES, PICTURE_BYTES])));
  return { catalogue, plan: planContent(catalogue, 'all') };
}

/** Answers by the offset at which a picture stands. */
function poolThatSees(nearest: ReadonlyMap<number, number>): { pool: { workers: number; glance(job: GlanceJob): Promise<Uint8Array> }; glanced: number[] } {
  const glanced: number[] = [];
  const glance = async ({ glance: items }: GlanceJob): Promise<Uint8Array> =>
    Uint8Array.from(items.sizes, (_, entry) => {
      const number = items.pairs[items.extentStarts[entry]! * 2]! / PICTURE_BYTES;
      glanced.push(number);
      return nearest.get(number) ?? 255;
    });
  return { pool: { workers: 2, glance }, glanced };
}

const batchOf = ({ plan }: { plan: ContentPlan }, ordinal: number): number => plan.batchStarts.findIndex((start, batch) => start <= plan.ordinals.indexOf(ordinal) && plan.batchStarts[batch + 1]! > plan.ordinals.indexOf(ordinal));

async function orderOf(made: { catalogue: Catalogue; plan: ContentPlan }, nearest: ReadonlyMap<number, number>, batches = Array.from({ length: made.plan.batchCount }, (_, batch) => batch)): Promise<{ order: number[]; glanced: number[]; looked: string[] }> {
  const { pool, glanced } = poolThatSees(nearest);
  const looked: string[] = [];
  const order = await orderBatches({ catalogue: made.catalogue, pool, plan: made.plan, batches, signal: new AbortController().signal, onLook: (path) => looked.push(path) });
  return { order, glanced, looked };
}

test('thumbnail stores come first, then the batches with the nearest thumbnails, then the rest as planned', async () => {
  const made = device(200);
  const { order, glanced, looked } = await orderOf(made, new Map([[150, 20], [60, 4], [152, 31]]));
  assert.deepEqual([...glanced].sort((a, b) => a - b), Array.from({ length: 200 }, (_, number) => number));
  assert.ok(looked.length > 0 && looked.every((path) => path.endsWith('.jpg')));
  const first = [batchOf(made, 201), batchOf(made, 60), batchOf(made, 150), batchOf(made, 152)].filter((batch, at, all) => all.indexOf(batch) === at);
  assert.deepEqual(order.slice(0, first.length), first);
  const rest = order.slice(first.length);
  assert.deepEqual(rest, [...rest].sort((a, b) => a - b));
  assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: made.plan.batchCount }, (_, batch) => batch), 'no batch is lost or done twice');
});

test('only what is still to be done is looked at, and a few pictures not at all', async () => {
  const made = device(200);
  const remaining = Array.from({ length: made.plan.batchCount }, (_, batch) => batch).filter((batch) => batch > 10);
  const { order, glanced } = await orderOf(made, new Map(), remaining);
  assert.equal(order.length, remaining.length);
  assert.ok(glanced.length > 0 && glanced.every((number) => batchOf(made, number) > 10));
  assert.deepEqual((await orderOf(device(60), new Map([[50, 1]]))).glanced, []);
});
