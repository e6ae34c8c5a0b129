import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { makeMarkerScanner } from './find-marker.ts';

test('the first FF without a 00 after it, wherever the search begins and ends', () => {
  const scanner = makeMarkerScanner(4096);
  const bytes = fc.array(fc.constantFrom(0xff, 0x00, 0xff, 0x00, 0x00, 0x7f, 0xd0, 0xfe), { minLength: 2, maxLength: 300 });
  const plain = (data: readonly number[], at: number, end: number): number => {
    for (let place = at; place < end; place++) if (data[place] === 0xff && data[place + 1] !== 0) return place;
    return end;
  };
  fc.assert(
    fc.property(bytes, fc.nat(), fc.nat(), fc.nat({ max: 64 }), (data, from, length, base) => {
      // Mostly stuffed bytes, so that the search gets far.
      const stuffed = data.flatMap((byte, index) => (byte === 0xff && index % 7 !== 0 ? [0xff, 0x00] : [byte]));
      const at = from % stuffed.length;
      const end = at + (length % (stuffed.length - at));
      scanner.memory.fill(0xee).set(stuffed, base);
      assert.equal(scanner.find(base + at, base + end), base + plain(stuffed, at, end));
    }),
    { numRuns: 2000 },
  );
});

test('the last bytes of the memory can be searched', () => {
  const scanner = makeMarkerScanner(65_536);
  assert.equal(scanner.memory.length, 131_072);
  assert.equal(scanner.find(65_500, 65_536), 65_536);
  scanner.memory[65_535] = 0xff;
  scanner.memory[65_536] = 0xd9;
  assert.equal(scanner.find(65_500, 65_536), 65_535);
});
