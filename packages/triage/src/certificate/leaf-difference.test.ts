import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { differingLeaves, leavesWithout, type StageOf } from './leaf-difference.ts';
import { memoryLeaves } from './leaf-stages.ts';

/** More than are looked at in one piece. */
const LEAVES = 70_000;

const ALL = Buffer.concat(Array.from({ length: LEAVES }, (_, leaf) => hash('sha256', String(leaf), 'buffer')));

function stage(leaves: Uint8Array): StageOf {
  return { leaves: memoryLeaves([{ name: 'other', leaves: Buffer.alloc(32) }, { name: 'this', leaves }]), stage: 1 };
}

const someLeaves = fc.uniqueArray(fc.nat(LEAVES - 1), { minLength: 1, maxLength: 8 }).map((leaves) => leaves.sort((a, b) => a - b));

test('exactly the changed leaves are named, wherever they stand', () => {
  fc.assert(
    fc.property(someLeaves, (changed) => {
      const other = Buffer.from(ALL);
      for (const leaf of changed) other[leaf * 32 + 31]! ^= 1;
      assert.deepEqual([...differingLeaves(stage(ALL), stage(other))], changed);
    }),
    { seed: 61, numRuns: 8, examples: [[[0]], [[65_535, 65_536]], [[LEAVES - 1]]] },
  );
  assert.deepEqual([...differingLeaves(stage(ALL), stage(Buffer.from(ALL)))], []);
});

test('exactly the leaves that the other list does not hold are named, whatever its order', () => {
  fc.assert(
    fc.property(someLeaves, (missing) => {
      const kept = Array.from({ length: LEAVES }, (_, leaf) => leaf).filter((leaf) => !missing.includes(leaf)).reverse();
      const other = Buffer.concat(kept.map((leaf) => ALL.subarray(leaf * 32, leaf * 32 + 32)));
      assert.deepEqual([...leavesWithout(stage(ALL), stage(other))], missing);
      assert.deepEqual([...leavesWithout(stage(other), stage(ALL))], []);
    }),
    { seed: 62, numRuns: 4, examples: [[[0]], [[LEAVES - 1]]] },
  );
  assert.deepEqual([...leavesWithout(stage(ALL.subarray(0, 64)), stage(Buffer.alloc(0)))], [0, 1]);
});
