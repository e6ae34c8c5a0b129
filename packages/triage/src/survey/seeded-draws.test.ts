import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { deriveDrawKey, drawFractions } from './seeded-draws.ts';

const SEED = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

test('a key is the digest that the decision page writes down, and differs by purpose and number', () => {
  const expected = createHash('sha256').update('kerbside survey plan 1\0place\0').update(Buffer.from('0300000000000000', 'hex')).update(SEED).digest('hex');
  assert.equal(deriveDrawKey(SEED, 'place', 3).toString('hex'), expected);
  assert.notEqual(deriveDrawKey(SEED, 'place', 4).toString('hex'), expected);
  assert.notEqual(deriveDrawKey(SEED, 'grid', 3).toString('hex'), expected);
});

test('draws do not depend on where a slice begins', () => {
  const key = deriveDrawKey(SEED, 'place', 0);
  const all = drawFractions(key, 0, 101);
  for (const first of [2, 34, 100]) assert.deepEqual(drawFractions(key, first, 101 - first), all.slice(first));
});

test('draws are pinned: a plan of today can be replayed by any later version', () => {
  assert.deepEqual([...drawFractions(deriveDrawKey(SEED, 'grid', 0), 0, 3)], PINNED);
});

test('draws are uniform: each tenth gets its tenth', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const fraction of drawFractions(deriveDrawKey(SEED, 'place', 1), 0, 100_000)) {
    assert.ok(fraction >= 0 && fraction < 1);
    counts[Math.floor(fraction * 10)]! += 1;
  }
  // Standard deviation 95; six of them.
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 570, `${count}`);
});

/** As `openssl enc -aes-256-ctr` gives the key stream. */
const PINNED = [0.22984747340549838, 0.3327231538914066, 0.2266481778157854];
