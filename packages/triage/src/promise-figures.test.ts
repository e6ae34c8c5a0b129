import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatProbability, formatShareDown, formatShareUp, formatSizeUp } from './promise-figures.ts';

test('a probability is rounded down, and is 100 % only where it is certain', () => {
  assert.deepEqual(
    [0, 0.29, 0.9899, 0.98999999, 0.99, 0.992, 0.9989999, 0.99949, 0.99991, 1 - 1e-12, 1].map(formatProbability),
    ['0.0 %', '29.0 %', '98.9 %', '98.9 %', '99.0 %', '99.2 %', '99.8 %', '99.94 %', 'over 99.99 %', 'over 99.99 %', '100 %'],
  );
});

test('a size that is promised is rounded up', () => {
  const mib = 1024 ** 2;
  assert.deepEqual([1, 4096, 20 * mib, 20 * mib + 1, 20.91 * mib, 1023.5 * mib, 1.351 * 1024 * mib, 512 * mib].map(formatSizeUp), ['1 byte', '4 KiB', '20 MiB', '20.1 MiB', '21 MiB', '1024 MiB', '1.36 GiB', '512 MiB']);
});

test('the ends of an interval are rounded outwards', () => {
  assert.deepEqual([0, 0.0012, 0.38, 0.3899].map(formatShareDown), ['0 %', '0.1 %', '38 %', '38 %']);
  assert.deepEqual([0.0012, 0.4301, 0.44, 0.9999, 1].map(formatShareUp), ['0.2 %', '44 %', '44 %', '100 %', '100 %']);
});

test('no figure says more than the number behind it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 2 ** 50 }), (share, bytes) => {
      const shown = formatProbability(share);
      if (shown.startsWith('over')) assert.ok(share > 0.9999);
      else assert.ok(Number.parseFloat(shown) / 100 <= share + 1e-15, `${share}: ${shown}`);
      assert.ok(Number.parseFloat(formatShareDown(share)) / 100 <= share + 1e-15);
      assert.ok(Number.parseFloat(formatShareUp(share)) / 100 >= share - 1e-15);
      const [value, unit] = formatSizeUp(bytes).split(' ') as [string, string];
      const power = Math.max(0, ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(unit));
      assert.ok(Number(value) * 1024 ** power >= bytes && Number(value) * 1024 ** power <= bytes * 1.011 + 1, `${bytes}: ${value} ${unit}`);
    }),
    { numRuns: 2000 },
  );
});
