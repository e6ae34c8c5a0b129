import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { findVideoLeads, type FrameMatch, type QueryFrame } from './video-lead.ts';

const match = (owner: string, distanceBits: number, knownSeconds: number | null = null): FrameMatch => ({ owner, distanceBits, knownSeconds });
const frame = (seconds: number, matches: readonly FrameMatch[], changes: Partial<QueryFrame> = {}): QueryFrame => ({ seconds, quality: 80, hash: new Uint8Array(32).fill(seconds), matches, ...changes });
const none = (): null => null;

test('two distinct frames within 31 bits, or one within 15; less is no lead', () => {
  assert.deepEqual(findVideoLeads([frame(1, [match('a', 31)]), frame(2, [match('a', 31)])], none).map(({ owner, rule }) => [owner, rule]), [['a', 'two-frames']]);
  assert.deepEqual(findVideoLeads([frame(1, [match('a', 15)])], none).map(({ owner, rule }) => [owner, rule]), [['a', 'one-near-frame']]);
  assert.deepEqual(findVideoLeads([frame(1, [match('a', 16)])], none), []);
  assert.deepEqual(findVideoLeads([frame(1, [match('a', 32)]), frame(2, [match('a', 32)])], none), []);
  assert.deepEqual(findVideoLeads([frame(1, [match('a', 20)]), frame(2, [match('b', 20)])], none), [], 'one frame for each of two');
  assert.deepEqual(findVideoLeads([], none), []);
});

test('frames of poor quality and repeated frames count for nothing', () => {
  assert.deepEqual(findVideoLeads([frame(1, [match('a', 5)], { quality: 49 })], none), []);
  const same = { hash: new Uint8Array(32) };
  assert.deepEqual(findVideoLeads([frame(1, [match('a', 20)], same), frame(2, [match('a', 20)], same)], none), []);
});

test('shares of the query and of the known, both', () => {
  const frames = [frame(3, [match('a', 10, 40), match('a', 12, 41)]), frame(1, [match('a', 9, 40)]), frame(7, []), frame(8, []), frame(9, [], { quality: 10 })];
  assert.deepEqual(findVideoLeads(frames, () => 8), [
    { owner: 'a', rule: 'two-frames', nearestBits: 9, queryFrames: 2, queryFramesAll: 4, knownFrames: 2, knownFramesAll: 8, queryShare: 0.5, knownShare: 0.25, seconds: [1, 3] },
  ]);
});

const frames = fc.array(
  fc.record({
    seconds: fc.integer({ min: 0, max: 1000 }),
    quality: fc.integer({ min: 0, max: 100 }),
    hash: fc.integer({ min: 0, max: 5 }).map((fill) => new Uint8Array(32).fill(fill)),
    matches: fc.array(fc.record({ owner: fc.constantFrom('a', 'b', 'c'), distanceBits: fc.integer({ min: 0, max: 40 }), knownSeconds: fc.option(fc.integer({ min: 0, max: 5 })) }), { maxLength: 4 }),
  }),
  { maxLength: 8 },
);

test('law: the rule is the sentence of the reference, counted the plain way; shares lie between 0 and 1', () => {
  fc.assert(
    fc.property(frames, fc.option(fc.integer({ min: 0, max: 10 })), (query, known) => {
      const leads = findVideoLeads(query, () => known);
      for (const owner of ['a', 'b', 'c']) {
        const within = query.filter((one) => one.quality >= 50 && one.matches.some((hit) => hit.owner === owner && hit.distanceBits <= 31));
        const distinct = new Set(within.map(({ hash }) => hash[0])).size;
        const near = within.some((one) => one.matches.some((hit) => hit.owner === owner && hit.distanceBits <= 15));
        assert.equal(leads.some((lead) => lead.owner === owner), distinct >= 2 || near);
      }
      for (const { queryShare, knownShare } of leads) assert.ok(queryShare > 0 && queryShare <= 1 && (knownShare === null || (knownShare > 0 && knownShare <= 1)));
    }),
  );
});

test('law: the order of frames changes nothing, and one more frame takes no lead away', () => {
  fc.assert(
    fc.property(frames, (query) => {
      const owners = (some: readonly QueryFrame[]): readonly string[] => findVideoLeads(some, none).map(({ owner }) => owner).toSorted();
      assert.deepEqual(findVideoLeads(query.toReversed(), none), findVideoLeads(query, none));
      const fewer = owners(query.slice(1));
      assert.ok(fewer.every((owner) => owners(query).includes(owner)));
    }),
  );
});
