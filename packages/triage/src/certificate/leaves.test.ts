import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemorySource } from '@kerbside/bytes';
import { hashItems, makeReadBuffers } from '../hash-items.ts';
import type { HashJob } from '../hash-job.ts';
import { leafOfItem, leavesOfBatch } from './item-leaf.ts';
import { leafOfRead } from './read-leaf.ts';

const count = fc.oneof(fc.nat(1000), fc.maxSafeNat());
const range = fc.record({ offset: count, length: count });

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

test('the leaf of a read is SHA-256 over the table of its format', () => {
  fc.assert(
    fc.property(count, count, fc.uint8Array({ maxLength: 8000 }), fc.array(range, { maxLength: 40 }), (offset, length, digests, unreadable) => {
      const expected = createHash('sha256').update(Uint8Array.of(0)).update(u64(offset)).update(u64(length)).update(digests);
      for (const one of unreadable) expected.update(u64(one.offset)).update(u64(one.length));
      assert.equal(leafOfRead(offset, length, digests, unreadable).toString('hex'), expected.digest('hex'));
    }),
    { seed: 41, numRuns: 300 },
  );
});

test('a read that gave zeros and one that gave nothing have different leaves', () => {
  const zeros = createHash('md5').update(Buffer.alloc(4096)).digest();
  assert.notDeepEqual(leafOfRead(0, 4096, zeros, []), leafOfRead(0, 4096, zeros, [{ offset: 0, length: 4096 }]));
});

const JOB: HashJob = {
  id: 0,
  masks: Uint8Array.of(2, 7, 1),
  views: Uint8Array.of(0, 1, 0),
  sizes: Float64Array.of(1000, 3000, 600),
  extentStarts: Uint32Array.of(0, 1, 3, 4),
  pairs: Float64Array.of(512, 4000, 4096, 2000 * 4, 8192, 1000 * 4, 60_000, 600 * 4),
  hostPaths: null,
};

test('the leaf of an item is SHA-256 over the table of its format', () => {
  const digests = Buffer.from('0123456789abcdef0123456789abcdef01234567', 'hex');
  const head = Buffer.concat([Buffer.from([0, 0x49, 0, 2, 0]), f64(1000), u32(1), f64(512), f64(4000), u32(0)]);
  assert.equal(leafOfItem(JOB, 0, digests, null).toString('hex'), createHash('sha256').update(head).update(digests).digest('hex'));
  const failure = { entry: 1, problems: [{ kind: 'medium', code: 'unreadable-bytes', message: 'as the system words it', where: {} }], unreadable: [{ offset: 4096, length: 512 }] } as const;
  const failed = Buffer.concat([Buffer.from([0, 0x49, 1, 7, 1]), f64(3000), u32(2), f64(4096), f64(8000), f64(8192), f64(4000), u32(0), u32(1), f64(4096), f64(512), u32(1), Buffer.from('unreadable-bytes\n')]);
  assert.equal(leafOfItem(JOB, 1, null, failure).toString('hex'), createHash('sha256').update(failed).digest('hex'));
  const hostPath = Buffer.from('/a/b');
  const hosted = Buffer.concat([Buffer.from([0, 0x49, 0, 2, 0]), f64(1000), u32(1), f64(512), f64(4000), u32(4), hostPath, digests]);
  assert.equal(leafOfItem({ ...JOB, hostPaths: [hostPath, hostPath, hostPath] }, 0, digests, null).toString('hex'), createHash('sha256').update(hosted).digest('hex'));
});

test('leaves of a batch that was really read: the same bytes give the same, one changed bit changes its item’s alone', () => {
  const monitor = { isStopped: () => false, addHashed: () => undefined };
  const source = Buffer.from(Array.from({ length: 10_000 }, (_, at) => (at * 31) & 0xff));
  const leavesOver = (bytes: Buffer): string[] => {
    const leaves = leavesOfBatch(JOB, hashItems(new MemorySource(bytes), JOB, makeReadBuffers(), monitor));
    return Array.from({ length: 3 }, (_, entry) => leaves.subarray(entry * 32, entry * 32 + 32).toString('hex'));
  };
  const original = leavesOver(source);
  assert.equal(new Set(original).size, 3);
  assert.deepEqual(leavesOver(Buffer.from(source)), original);
  const inside: readonly [number, number][] = [[512, 1512], [4096, 6096], [8192, 9192]];
  fc.assert(
    fc.property(fc.nat(source.length - 1), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(source);
      changed[at]! ^= 1 << bit;
      const runs = inside.map(([start, end]) => at >= start && at < end);
      const again = leavesOver(changed);
      assert.deepEqual(again.map((leaf, entry) => leaf !== original[entry]), [runs[0], runs[1]! || runs[2]!, false]);
    }),
    { seed: 42, numRuns: 200 },
  );
});

test('an item that lies past the end of the source has a leaf that says it was not read', () => {
  const monitor = { isStopped: () => false, addHashed: () => undefined };
  const result = hashItems(new MemorySource(Buffer.alloc(10_000)), JOB, makeReadBuffers(), monitor);
  assert.equal(result.failures.length, 1);
  const leaves = leavesOfBatch(JOB, result);
  assert.deepEqual(leaves.subarray(64), leafOfItem(JOB, 2, null, result.failures[0]!));
});
