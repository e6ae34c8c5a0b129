import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ContentRules, LEAST_ENTROPY_BITS, type ContentRule } from './probative.ts';
import { noise } from './test-block-set.ts';

const WORDS = 1024;
const rules = new ContentRules();
const fault = (words: Uint32Array): ContentRule | null => rules.findFault(words, 0);
const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer);
const randomWords = (name: string): Uint32Array => wordsOf(noise(name, 4096));

test('each rule names the block it is made for', () => {
  assert.equal(fault(new Uint32Array(WORDS)), 'constant');
  assert.equal(fault(wordsOf(Buffer.alloc(4096, 0xe5))), 'constant');
  assert.equal(fault(Uint32Array.from({ length: WORDS }, (_, i) => 70_000 + i)), 'ramp');
  const half = randomWords('ramp');
  for (let i = 1; i <= 513; i++) half[i] = half[0]! + i;
  assert.equal(fault(half), 'ramp');
  assert.equal(fault(Uint32Array.from({ length: WORDS }, (_, i) => (i % 2 === 0 ? 0xdeadbeef : 0x1234))), 'histogram');
  const white = noise('white', 4096).map((byte) => (byte % 5 === 0 ? 0x41 : [9, 10, 32][byte % 3]!));
  assert.equal(fault(wordsOf(white)), 'whitespace');
  assert.equal(fault(Uint32Array.from({ length: WORDS }, (_, i) => i * 4_000_037)), 'monotonic');
  assert.equal(fault(Uint32Array.from({ length: WORDS }, (_, i) => 0xffff_ffff - i * 4_000_037)), 'monotonic');
  assert.equal(fault(Uint32Array.from({ length: WORDS }, (_, i) => (i * 37) % 16)), 'entropy');
});

test('what known files are made of is probative: noise, written text, a smooth picture without compression', () => {
  for (let i = 0; i < 200; i++) assert.equal(fault(randomWords(`noise ${i}`)), null);
  const words = ('the match between rovers and albion was played on saturday in rain before four thousand people who saw late goals by young ' +
    'players while keepers stopped many shots from far outside their box until extra time ended with seven corners and one penalty kick').split(' ');
  const choice = noise('words', 4096);
  let text = '';
  for (let i = 0; text.length < 4096; i++) text += `${words[choice[i]! % words.length]!}${choice[i]! % 9 === 0 ? `, ${i}; ` : ' '}`;
  assert.equal(fault(wordsOf(Buffer.from(text).subarray(0, 4096))), null);
  const picture = Buffer.alloc(4096);
  for (let i = 0; i < 4096; i++) picture[i] = Math.round(128 + 90 * Math.sin(i / 37) + 20 * Math.sin(i / 3.1));
  assert.equal(fault(wordsOf(picture)), null);
});

test('the bounds are where the rules say', () => {
  const quarter = (count: number): Uint32Array => {
    const words = randomWords('quarter');
    for (let i = 0; i < count; i++) words[(i * 3) % WORDS] = 0xcafe_f00d;
    return words;
  };
  assert.equal(fault(quarter(256)), null);
  assert.equal(fault(quarter(257)), 'histogram');
  const white = (count: number): Uint32Array => {
    const bytes = noise('white', 4096).map((byte) => byte | 0x80);
    for (let i = 0; i < count; i++) bytes[(i * 5) % 4096] = [9, 10, 11, 12, 13, 32][(i * i) % 6]!;
    return wordsOf(bytes);
  };
  assert.equal(fault(white(3071)), 'entropy');
  assert.equal(fault(white(3072)), 'whitespace');
  const rising = (count: number): Uint32Array => {
    const words = randomWords('rising');
    for (let i = 0; i <= count; i++) words[i] = i * 4_000_000 + (words[i]! % 3_000_000);
    for (let i = count + 1; i < WORDS; i++) words[i] = 0xff00_0000 - i * 4_000_000;
    return words;
  };
  assert.equal(fault(rising(767)), null);
  assert.equal(fault(rising(768)), 'monotonic');
});

test('the quick way gives what the rules say word by word, for any mixture of patterns', () => {
  const pattern = fc.constantFrom('noise', 'zero', 'ramp', 'two', 'white', 'rise', 'few', 'text');
  const part = fc.record({ pattern, length: fc.integer({ min: 1, max: 1024 }), seed: fc.integer({ min: 0, max: 0xffff_ffff }) });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const words = makeMixture(parts);
      assert.equal(fault(words), slowFault(words));
    }),
    { numRuns: 600 },
  );
});

function makeMixture(parts: readonly { pattern: string; length: number; seed: number }[]): Uint32Array {
  const words = new Uint32Array(WORDS);
  let at = 0;
  for (let turn = 0; at < WORDS; turn++) {
    const { pattern, length, seed } = parts[turn % parts.length]!;
    let state = (seed ^ turn) >>> 0 || 1;
    for (let i = 0; i < length && at < WORDS; i++, at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      if (pattern === 'noise') words[at] = (state ^ (state >>> 13)) >>> 0;
      else if (pattern === 'ramp') words[at] = seed + i;
      else if (pattern === 'two') words[at] = i % 2 === 0 ? seed : 7;
      else if (pattern === 'white') words[at] = (state >>> 16) % 5 === 0 ? 0x2020_4120 : 0x2009_0a20;
      else if (pattern === 'rise') words[at] = i * 4_000_000 + ((state >>> 12) % 1000);
      else if (pattern === 'few') words[at] = ((state >>> 16) % 24) * 0x10_0010;
      else if (pattern === 'text') words[at] = 0x6161_6161 + ((state >>> 8) & 0x0f0f_0f0f);
      else words[at] = 0;
    }
  }
  return words;
}

/** The rules of the literature as they are written, each by itself. */
function slowFault(words: Uint32Array): ContentRule | null {
  const bytes = new Uint8Array(words.buffer);
  if (bytes.every((byte) => byte === bytes[0])) return 'constant';
  let [rising, falling, equal, byOne] = [0, 0, 0, 0];
  for (let i = 1; i < WORDS; i++) {
    if (words[i] === words[i - 1]! + 1) byOne++;
    if (words[i]! > words[i - 1]!) rising++;
    else if (words[i]! < words[i - 1]!) falling++;
    else equal++;
  }
  if (byOne > WORDS / 2) return 'ramp';
  const counts = new Map<number, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (counts.size < 3 || Math.max(...counts.values()) > WORDS / 4) return 'histogram';
  if (bytes.filter((byte) => (byte >= 9 && byte <= 13) || byte === 32).length >= 3072) return 'whitespace';
  if (Math.max(rising, falling, equal) >= 0.75 * (WORDS - 1)) return 'monotonic';
  const symbols = new Map<number, number>();
  for (const symbol of new Uint16Array(words.buffer)) symbols.set(symbol, (symbols.get(symbol) ?? 0) + 1);
  let entropy = 0;
  for (const count of symbols.values()) entropy -= (count / 2048) * Math.log2(count / 2048);
  return entropy < LEAST_ENTROPY_BITS ? 'entropy' : null;
}
