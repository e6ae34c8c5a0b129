import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { rankMedia } from './rank-media.ts';
import { drawNumbers, judgedSentence, sampleSentence, upperShare } from './sample-low-band.ts';
import { NO_CONTEXT } from './search-context.ts';
import { plainMedia } from './test-media.ts';

it('draws distinct numbers below the limit, the same for the same seed', () => {
  fc.assert(fc.property(fc.string(), fc.nat({ max: 500 }), fc.nat({ max: 600 }), (seed, limit, count) => {
    const drawn = drawNumbers(seed, limit, count);
    assert.equal(new Set(drawn).size, Math.min(limit, count));
    assert.ok(drawn.every((number) => Number.isInteger(number) && number >= 0 && number < limit));
    assert.deepEqual(drawNumbers(seed, limit, count), drawn);
  }), { numRuns: 50 });
});

it('draws every item as often as any other', () => {
  const counts = Array.from({ length: 20 }, () => 0);
  for (let round = 0; round < 2000; round++) for (const number of drawNumbers(`round ${round}`, 20, 5)) counts[number]! += 1;
  // 500 expected each; six standard deviations of a binomial with p = 1/4.
  for (const count of counts) assert.ok(Math.abs(count - 500) < 6 * Math.sqrt(2000 * 0.25 * 0.75), String(counts));
});

it('bounds the share as Clopper and Pearson do', () => {
  assert.ok(Math.abs(upperShare(0, 59) - (1 - 0.05 ** (1 / 59))) < 1e-12);
  assert.ok(Math.abs(upperShare(0, 10_000) - (1 - 0.05 ** (1 / 10_000))) < 1e-12);
  // One-sided 95 % limits as printed in tables of the binomial: 1 of 10 and 5 of 20.
  assert.ok(Math.abs(upperShare(1, 10) - 0.3942) < 5e-5);
  assert.ok(Math.abs(upperShare(5, 20) - 0.4556) < 5e-5);
  assert.deepEqual([upperShare(0, 0), upperShare(4, 4)], [1, 1]);
});

it('says no more than was drawn', () => {
  assert.match(sampleSentence(60, 4000), /^60 of 4,000 shown items.*at most 4\.9 % of the band.*\(194 items\).*cannot say that none does/);
  assert.match(sampleSentence(12, 12), /all 12/);
  assert.match(sampleSentence(0, 0), /empty/);
  assert.match(judgedSentence(2, 60, 4000), /2 mattered.*at most 11 % of its 4,000.*look at more/);
  assert.match(judgedSentence(0, 60, 4000), /does not say that none does/);
});

it('samples the low band of a ranking and nothing else', () => {
  const ranking = rankMedia(Array.from({ length: 300 }, (_, index) => plainMedia(index, index % 3 === 0 ? { path: `p1/com.netqin.ps/${index}` } : {})), NO_CONTEXT);
  const sample = ranking.sampleLowBand('seed', 40);
  assert.equal(sample.items.length, 40);
  assert.equal(sample.drawnFrom, 200);
  assert.ok(sample.items.every((item) => item.band === 'low' && item.ordinal % 3 !== 0));
  assert.deepEqual(ranking.sampleLowBand('seed', 40).items, sample.items);
  assert.notDeepEqual(ranking.sampleLowBand('other', 40).items, sample.items);
});
