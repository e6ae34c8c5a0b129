import assert from 'node:assert/strict';
import test from 'node:test';
import { categoryLabel, digestLabel, groupHitsByItem, stateLabel, strengthLabel, tallyHits, tallyWords } from './hit-words.ts';
import type { ReportHit } from './report-types.ts';

function hit(change: Partial<ReportHit>): ReportHit {
  return {
    path: 'p1/a.jpg', size: 1, allocated: true, state: 'allocated', id: '1', set: 'Example list', meaning: 'alert', category: 'A', categoryBasis: 'trusted', rawCategory: '1',
    algorithm: 'sha1', digest: '', offset: 0, digests: {}, confirmedBy: ['sha1'], contradictedBy: [], strength: 'confirmed', view: 'system', recovery: null, sizeAgrees: true, ...change,
  };
}

test('digests and categories by the names that people write', () => {
  assert.deepEqual(['md5', 'sha1', 'sha256', 'ed2k'].map(digestLabel), ['MD5', 'SHA-1', 'SHA-256', 'ED2K']);
  assert.equal(categoryLabel(hit({})), 'category A (trusted)');
  assert.equal(categoryLabel(hit({ category: 'unmapped', categoryBasis: 'unstated' })), 'category not mapped');
});

test('strength: a weak match and a contradiction are said, and a length that differs', () => {
  assert.equal(strengthLabel(hit({})), 'SHA-1');
  assert.equal(strengthLabel(hit({ algorithm: 'md5', strength: 'weak-only' })), 'MD5 alone: a weak match');
  assert.equal(strengthLabel(hit({ algorithm: 'md5', strength: 'contradicted', contradictedBy: ['sha1', 'sha256'] })), 'MD5 only: SHA-1, SHA-256 of the same row differs');
  assert.equal(strengthLabel(hit({ sizeAgrees: false })), 'SHA-1; the set states another length');
});

test('state: deleted items with what is known of their place', () => {
  assert.equal(stateLabel(hit({})), 'live');
  assert.equal(stateLabel(hit({ view: 'raw' })), 'live; stored bytes past the valid length');
  assert.equal(stateLabel(hit({ state: 'deleted', recovery: { basis: 'runs-survive' } })), 'deleted; its place is still recorded');
  assert.equal(stateLabel(hit({ state: 'deleted', recovery: { basis: 'contiguous-guess' } })), 'deleted; read on from its first cluster');
  assert.equal(stateLabel(hit({ state: 'orphan', recovery: { basis: 'clusters-reused', reusedShare: 0.333 } })), 'without a folder that leads to it; 33 % of its place is in use again');
  assert.equal(stateLabel(hit({ state: 'deleted' })), 'deleted');
  assert.equal(stateLabel(hit({ state: 'carved', recovery: { basis: 'carved' } })), 'carved from free space');
});

test('hits of one item stand together; two deleted items of one path stay two', () => {
  const hits = [hit({}), hit({ set: 'Old list' }), hit({ path: 'p1/b.jpg', state: 'deleted', id: '2' }), hit({ path: 'p1/b.jpg', state: 'deleted', id: '3' })];
  assert.deepEqual(groupHitsByItem(hits).map(({ first, hits: own }) => [first.path, own.length]), [['p1/a.jpg', 2], ['p1/b.jpg', 1], ['p1/b.jpg', 1]]);
});

test('tallies: alert sets first, categories in order, unmapped last, and they add up', () => {
  const hits = [
    hit({ set: 'Software', meaning: 'ignorable', category: 'unmapped', categoryBasis: 'unstated' }),
    hit({ category: 'unmapped', categoryBasis: 'unstated' }),
    hit({ category: 'B' }),
    hit({}),
    hit({}),
  ];
  const tallies = tallyHits(hits);
  assert.deepEqual(tallies.map((tally) => tallyWords(tally, String)), ['Example list: 2 A, 1 B, 1 not mapped', 'Software: 1 not mapped']);
  assert.equal(tallies.flatMap((tally) => tally.categories).reduce((sum, one) => sum + one.count, 0), hits.length);
});
