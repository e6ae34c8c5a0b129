import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { displayName } from './display-name.ts';

test('a name that this program gave looks like no name from evidence', () => {
  assert.equal(displayName({ bytes: Buffer.from('carved'), encoding: 'given' }), '\\[carved]');
  assert.equal(displayName({ bytes: Buffer.from('\\[carved]'), encoding: 'utf-8' }), '\\\\[carved]');
  assert.equal(displayName({ bytes: Buffer.from('[carved]'), encoding: 'utf-8' }), '[carved]');
  const encodings = fc.constantFrom('utf-8' as const, 'utf-16le' as const, 'cp437' as const, 'cp850' as const, 'latin1' as const);
  // Names out of the few bytes that matter here, so that the search is dense.
  const bytes = fc.array(fc.constantFrom(...Buffer.from('\\[]a/\0')), { maxLength: 24 }).map((values) => Uint8Array.from(values));
  fc.assert(fc.property(bytes, encodings, (name, encoding) => !/^(?:\\\\)*\\\[/.test(displayName({ bytes: name, encoding }))));
});
