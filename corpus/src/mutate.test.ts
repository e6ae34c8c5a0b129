import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutate } from './mutate.ts';
import { makeRandom } from './random.ts';

test('the same seed damages the same way, another seed another way, the input stays', () => {
  const image = Buffer.alloc(8192);
  makeRandom(7).fill(image.subarray(0, 3000));
  const before = Buffer.from(image);
  assert.deepEqual(mutate(image, 1), mutate(image, 1));
  assert.notDeepEqual(mutate(image, 1), mutate(image, 2));
  assert.deepEqual(image, before);
});

test('nearly every seed changes something and none changes the length', () => {
  const image = Buffer.alloc(4096);
  makeRandom(7).fill(image);
  let changed = 0;
  for (let seed = 0; seed < 200; seed++) {
    const copy = mutate(image, seed);
    assert.equal(copy.length, image.length);
    if (!copy.equals(image)) changed++;
  }
  assert.ok(changed >= 190, `${changed} of 200 copies differ`);
});

test('images smaller than a sector are damaged without a fault', () => {
  for (let seed = 0; seed < 100; seed++) assert.equal(mutate(Buffer.from([1, 2, 3]), seed).length, 3);
});

test('the generator is even and reproducible', () => {
  const random = makeRandom(42);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) counts[random.below(4)]!++;
  for (const count of counts) assert.ok(count > 900 && count < 1100, String(counts));
  const bytes = Buffer.alloc(7);
  makeRandom(1).fill(bytes);
  const again = Buffer.alloc(7);
  makeRandom(1).fill(again);
  assert.deepEqual(bytes, again);
});
