import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { DEFAULT_TARGET, parseUntil } from './parse-until.ts';

test('targets as officers write them', () => {
  assert.deepEqual(parseUntil('20MiB@99%'), DEFAULT_TARGET);
  assert.deepEqual(parseUntil(' 1.5 GB @ 99.9 % '), { unbrokenBytes: 1.5e9, scatteredBytes: 1.5e9, probability: 0.999 });
  assert.equal(parseUntil('4KiB@0.5%').unbrokenBytes, 4096);
  assert.equal(parseUntil('5 kB@99.9999%').unbrokenBytes, 5000);
  assert.equal(parseUntil('5KB@1%').unbrokenBytes, 5000);
  assert.equal(parseUntil('3MB@1%').unbrokenBytes, 3_000_000);
  assert.equal(parseUntil('2GiB@1%').scatteredBytes, 2 * 1024 ** 3);
});

const REFUSED: Readonly<Record<string, RegExp>> = {
  '': /missing/,
  '20MiB': /missing/,
  '20MiB@99': /percentage/,
  '@99%': /number with a unit/,
  '20@99%': /number with a unit/,
  '-1MiB@99%': /number with a unit/,
  '1e3MiB@99%': /number with a unit/,
  '20TiB@99%': /"TiB" is no unit/,
  '20mib@99%': /"mib" is no unit/,
  '20constructor@99%': /is no unit/,
  '4095KiB@100%': /above 0 and at most 99.9999/,
  '20MiB@0%': /above 0/,
  '20MiB@99.99999%': /run to the end/,
  '1KiB@99%': /less than one block/,
  '999999999999999GiB@99%': /no device of that size/,
};

for (const [text, why] of Object.entries(REFUSED)) {
  test(`"${text}" is refused with the reason and an example`, () => {
    assert.throws(() => parseUntil(text), (error: Error) => {
      assert.equal((error as { code?: string }).code, 'until-not-understood');
      assert.match(error.message, why);
      assert.match(error.message, /Write it like 20MiB@99%/);
      return true;
    });
  });
}

test('any text either is a target or is refused, never anything else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.tuple(fc.double(), fc.constantFrom('KiB', 'MB', 'x', ''), fc.double()).map(([a, b, c]) => `${a}${b}@${c}%`)), (text) => {
      try {
        const target = parseUntil(text);
        assert.ok(Number.isSafeInteger(target.unbrokenBytes) && target.unbrokenBytes >= 4096 && target.probability > 0 && target.probability < 1);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'until-not-understood');
      }
    }),
  );
});
