import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cutIntoBatches } from './survey-batches.ts';
import { makePlanForTests } from './plan-for-tests.ts';

test('batches hold every read of the plan once, in its order, at most so many each', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000 }), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 255 }), (sizeBytes, sampled, rest, seed) => {
      const plan = makePlanForTests({ sizeBytes, seed: Buffer.alloc(32, seed) });
      const batches = cutIntoBatches(plan, { sampled, rest });
      const cut: string[] = [];
      for (let number = 0; number < batches.count; number += 1) {
        const batch = batches.batchAt(number);
        assert.equal(batch.number, number);
        const most = plan.passes[batch.passIndex]!.kind === 'rest' ? rest : sampled;
        assert.ok(batch.to > batch.from && batch.to - batch.from <= most);
        for (let i = batch.from; i < batch.to; i += 1) cut.push(`${batch.passIndex}/${i}`);
      }
      assert.deepEqual(cut, plan.passes.flatMap(({ reads }, passIndex) => Array.from({ length: reads }, (_, i) => `${passIndex}/${i}`)));
    }),
    { numRuns: 60 },
  );
});

test('a pass without reads takes no batch number', () => {
  const plannedBytes = 0;
  const plan = { ...makePlanForTests({}), passes: [{ kind: 'systematic', index: 0, reads: 0, plannedBytes }, { kind: 'systematic', index: 1, reads: 3, plannedBytes }, { kind: 'rest', index: 0, reads: 0, plannedBytes }] as const };
  const batches = cutIntoBatches(plan, { sampled: 2, rest: 2 });
  assert.equal(batches.count, 2);
  assert.deepEqual([batches.batchAt(0), batches.batchAt(1)], [{ number: 0, passIndex: 1, from: 0, to: 2 }, { number: 1, passIndex: 1, from: 2, to: 3 }]);
});
