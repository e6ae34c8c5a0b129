import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRow } from './known-sets.ts';
import { hexOf, rowOf } from './test-fakes.ts';

const content = Buffer.from('corner kick');
const digests = (['md5', 'sha1', 'sha256'] as const).map((algorithm) => ({ algorithm, bytes: Buffer.from(hexOf(algorithm, content), 'hex') }));
const row = rowOf(content, ['md5', 'sha1', 'sha256']);
const WRONG = { md5: 'ab'.repeat(16), sha1: 'ab'.repeat(20), sha256: 'ab'.repeat(32) };

test('a differing digest contradicts when it is stronger than those that agree, or as weak', () => {
  const strengthOf = (change: object): string => compareRow({ ...row, ...change }, digests).strength;
  assert.equal(strengthOf({}), 'confirmed');
  assert.equal(strengthOf({ sha1: null, sha256: null }), 'weak-only');
  assert.equal(strengthOf({ sha1: null, sha256: WRONG.sha256 }), 'contradicted');
  assert.equal(strengthOf({ sha256: WRONG.sha256 }), 'contradicted');
  assert.equal(strengthOf({ sha1: WRONG.sha1, sha256: null }), 'contradicted');
});

test('a wrong MD5 in a row does not hide a hit on SHA, and is told', () => {
  for (const change of [{ md5: WRONG.md5 }, { md5: WRONG.md5, sha1: null }, { md5: WRONG.md5, sha256: null }, { sha1: WRONG.sha1 }]) {
    const comparison = compareRow({ ...row, ...change }, digests);
    assert.equal(comparison.strength, 'confirmed');
    assert.deepEqual(comparison.contradictedBy.length, 1);
  }
});
