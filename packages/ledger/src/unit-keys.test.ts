import assert from 'node:assert/strict';
import { generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { codeKeyId, exportPublicPart, exportSetKey, makeUnitKeys, publicKeyFromRaw, rawPublicKey, signerId } from './unit-keys.ts';

test('made keys sign and differ each time', () => {
  const [first, second] = [makeUnitKeys('Unit A', new Date('2026-03-04T05:06:07.890Z')), makeUnitKeys('Unit A')];
  assert.equal(first.createdAt, '2026-03-04T05:06:07.890Z');
  assert.equal(first.codeKey!.byteLength, 32);
  assert.notDeepEqual(first.codeKey, second.codeKey);
  assert.notDeepEqual(rawPublicKey(first.publicKey), rawPublicKey(second.publicKey));
  const signature = sign(null, Buffer.from('text'), first.privateKey!);
  assert.ok(verify(null, Buffer.from('text'), publicKeyFromRaw(rawPublicKey(first.publicKey)), signature));
});

test('parts to hand on: the public part holds no secret, the set key cannot sign', () => {
  const keys = makeUnitKeys('Unit A');
  assert.deepEqual(exportPublicPart(keys), { ...keys, privateKey: null, codeKey: null });
  assert.deepEqual(exportSetKey(keys), { ...keys, privateKey: null });
});

test('short names', () => {
  const keys = makeUnitKeys('Unit A');
  const raw = rawPublicKey(keys.publicKey);
  assert.equal(signerId(keys.publicKey), hash('sha256', raw, 'hex').slice(0, 16));
  assert.equal(signerId(raw), signerId(keys.publicKey));
  assert.equal(codeKeyId(keys.codeKey!), hash('sha256', Buffer.concat([Buffer.from('Kerbside code key id\n'), keys.codeKey!]), 'hex').slice(0, 16));
});

test('an owner that is no line of text is refused', () => {
  for (const owner of ['', '  ', 'a\nb', 'a\u0000', '\u2028x', 'x'.repeat(201), '\ud800']) {
    assert.throws(() => makeUnitKeys(owner), (error) => error instanceof RefusedError && error.code === 'key-owner-unusable', JSON.stringify(owner));
  }
  assert.equal(makeUnitKeys('Heddlu’r Gogledd, uned 3').owner, 'Heddlu’r Gogledd, uned 3');
});

test('keys of another kind are refused', () => {
  assert.throws(() => rawPublicKey(generateKeyPairSync('x25519').publicKey), RangeError);
  assert.throws(() => publicKeyFromRaw(Buffer.alloc(31)), RangeError);
});
