import assert from 'node:assert/strict';
import { it } from 'node:test';
import { whyNothingIsDecoded } from './why-nothing-is-decoded.ts';

it('a run decodes where its profile asks for everything or a set has perceptual hashes, and says why where it does not', () => {
  const why = (profile: 'screen' | 'known' | 'everything', hasNearHashes: boolean, mayDecode = true): string | null => whyNothingIsDecoded({ profile, hasNearHashes, mayDecode });
  assert.deepEqual([why('known', true), why('everything', false), why('everything', true)], [null, null, null]);
  assert.match(why('known', false) ?? '', /no set of this run has perceptual hashes/);
  assert.match(why('screen', true) ?? '', /profile screen/);
  assert.match(why('everything', true, false) ?? '', /told to decode no pictures/);
});
