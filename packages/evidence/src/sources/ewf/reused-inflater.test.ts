import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { inflateBounded } from './ewf-chunk.ts';
import { openReusedInflater } from './reused-inflater.ts';

const LIMIT = 4096;

test('this runtime passes the trial', () => {
  const inflater = openReusedInflater(LIMIT);
  assert.ok(inflater !== null);
  inflater.close();
});

test('it answers as inflateSync does, for sound, cut, damaged and too large streams in any order', () => {
  const inflater = openReusedInflater(LIMIT);
  assert.ok(inflater !== null);
  const stream = fc.record({
    content: fc.oneof(fc.uint8Array({ maxLength: LIMIT }), fc.integer({ min: 0, max: LIMIT + 200 }).map((length) => new Uint8Array(length))),
    injury: fc.option(fc.record({ at: fc.nat(), flip: fc.integer({ min: 0, max: 255 }), keep: fc.double({ min: 0, max: 1, noNaN: true }) })),
    after: fc.uint8Array({ maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(stream, { maxLength: 6 }), (streams) => {
      for (const { content, injury, after } of streams) {
        let bytes = Buffer.concat([deflateSync(content), after]);
        if (injury !== null) {
          bytes[injury.at % bytes.length]! ^= injury.flip;
          bytes = bytes.subarray(0, Math.ceil(bytes.length * injury.keep));
        }
        const expected = inflateBounded(bytes, LIMIT);
        const got = inflater.inflate(bytes);
        assert.equal(got === null, expected === null);
        if (expected !== null) assert.ok(got?.equals(expected));
      }
    }),
    { numRuns: 300 },
  );
  inflater.close();
});
