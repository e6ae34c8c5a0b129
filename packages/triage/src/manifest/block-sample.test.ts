import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBlockSample, isSampled, MAX_BLOCK_CODES } from './block-sample.ts';

const code = fc.tuple(fc.constantFrom(0x00, 0x10, 0x20, 0x11, 0x0f), fc.constantFrom(0, 1, 2), fc.constantFrom(0, 255)).map(([a, b, c]) => Buffer.from([c, b, 0, 0, 0, 0, 0, a]));

test('the sample is the smallest codes divisible by sixteen, each once, in whatever order they were met', () => {
  fc.assert(
    fc.property(fc.array(code, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (codes, most) => {
      const sample = createBlockSample(most);
      for (const one of codes) sample.add(one, 1);
      const { codes: kept, leftOut, below } = sample.finish();
      const distinct = [...new Set(codes.filter((one) => one.readBigUInt64BE() % 16n === 0n).map((one) => one.toString('hex')))].sort();
      assert.deepEqual(kept.length / 8, Math.min(most, distinct.length));
      assert.equal(Buffer.from(kept).toString('hex'), distinct.slice(0, most).join(''));
      assert.equal(below, distinct[most] ?? null);
      assert.equal(leftOut >= distinct.length - Math.min(most, distinct.length) && (leftOut > 0) === distinct.length > most, true);
    }),
    { numRuns: 500 },
  );
});

test('memory is bounded: codes over the bound are counted and not kept, and one in sixteen of random codes is taken', () => {
  const most = 1000;
  const sample = createBlockSample(most);
  let taken = 0;
  for (let i = 0; i < 40; i++) {
    const codes = randomBytes(8 * 4096);
    for (let at = 0; at < codes.length; at += 8) taken += isSampled(codes, at) ? 1 : 0;
    sample.add(codes, 4096);
  }
  const { codes, leftOut, below } = sample.finish();
  assert.equal(codes.length, most * 8);
  assert.equal(leftOut, taken - most);
  assert.match(below ?? '', /^[0-9a-f]{16}$/);
  assert.ok(Math.abs(taken / (40 * 4096) - 1 / 16) < 0.005);
  assert.equal(MAX_BLOCK_CODES * 8, 16 * 1024 * 1024);
});
