import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyedCode } from '@kerbside/bytes';
import { createCodeMaker } from './code-maker.ts';

test('codes made many at once are those that node:crypto makes one by one, for any key, purpose and digest', () => {
  const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(
      bytes(32),
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(16, 20, 32).chain((length) => fc.array(bytes(length), { minLength: 1, maxLength: 9 })),
      (key, purpose, digests) => {
        const length = digests[0]!.length;
        const into = new Uint8Array(digests.length * 8);
        createCodeMaker(key).codesOf(purpose, Buffer.concat(digests), length, digests.length, into);
        assert.deepEqual(Buffer.from(into), Buffer.concat(digests.map((digest) => keyedCode(key, purpose, digest))));
      },
    ),
    { numRuns: 300 },
  );
});

test('a key or digest of another length is a fault', () => {
  assert.throws(() => createCodeMaker(new Uint8Array(31)), RangeError);
  assert.throws(() => createCodeMaker(new Uint8Array(32)).codesOf(1, new Uint8Array(64), 64, 1, new Uint8Array(8)), RangeError);
});
