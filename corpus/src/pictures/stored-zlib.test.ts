import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { makeRandom } from '../random.ts';
import { storedZlib } from './stored-zlib.ts';

it('gives streams that zlib unpacks, at every border of a block', () => {
  for (const length of [0, 1, 65_534, 65_535, 65_536, 131_070, 200_000]) {
    const bytes = Buffer.alloc(length);
    makeRandom(length).fill(bytes);
    const packed = storedZlib(bytes);
    assert.equal(packed.length, length + 6 + 5 * Math.max(1, Math.ceil(length / 65_535)));
    assert.ok(inflateSync(packed).equals(bytes), String(length));
  }
});
