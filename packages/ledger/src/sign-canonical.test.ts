import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { signBytes, signCanonical, verifyBytes, verifyCanonical } from './sign-canonical.ts';
import { makeUnitKeys, publicKeyFromRaw, rawPublicKey } from './unit-keys.ts';

const keys = makeUnitKeys('Test unit');
const others = makeUnitKeys('Other unit');

test('RFC 8032 section 7.1, test 2: a raw public key checks a published signature', () => {
  const publicKey = publicKeyFromRaw(Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex'));
  const signature = Buffer.from('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00', 'hex');
  assert.ok(verify(null, Buffer.from('72', 'hex'), publicKey, signature));
  assert.equal(rawPublicKey(publicKey).toString('hex').slice(0, 8), '3d4017c3');
});

test('a signature holds for its purpose, content and key, and for nothing else', () => {
  const content = Buffer.from('a content');
  const signature = signBytes('certificate-1', content, keys.privateKey!);
  assert.ok(verifyBytes('certificate-1', content, signature, keys.publicKey));
  assert.ok(!verifyBytes('block-set-1', content, signature, keys.publicKey));
  assert.ok(!verifyBytes('certificate-1', Buffer.from('b content'), signature, keys.publicKey));
  assert.ok(!verifyBytes('certificate-1', content, signature, others.publicKey));
  assert.ok(!verifyBytes('certificate-1', content, signature.subarray(0, 63), keys.publicKey));
  assert.ok(!verifyBytes('certificate-1', content, Buffer.concat([signature, Buffer.alloc(1)]), keys.publicKey));
});

test('a signature with any bit changed fails', () => {
  const signature = signCanonical('certificate-1', { a: 1 }, keys.privateKey!);
  for (let bit = 0; bit < signature.length * 8; bit++) {
    const changed = Buffer.from(signature);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.ok(!verifyCanonical('certificate-1', { a: 1 }, changed, keys.publicKey), `bit ${bit}`);
  }
});

test('equal values have the same signature, whatever the order of their names', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.string(), fc.integer()), { selector: ([name]) => name }), (entries) => {
      const value = Object.fromEntries(entries);
      const turned = Object.fromEntries(entries.toReversed());
      assert.ok(verifyCanonical('certificate-1', turned, signCanonical('certificate-1', value, keys.privateKey!), keys.publicKey));
    }),
    { seed: 2, numRuns: 50 },
  );
});

test('a purpose that could run into the content is refused', () => {
  for (const domain of ['', 'A', 'a\nb', 'a b', '1a', 'a'.repeat(64)]) assert.throws(() => signBytes(domain, Buffer.alloc(0), keys.privateKey!), RangeError);
});

test('a key of small order, under which one signature would fit many messages, fits none', () => {
  // Points of order 1, 2, 4 and 8, and signatures whose S is 0 or 1: R would be the same for every message, or one of eight.
  const points = ['01' + '00'.repeat(31), 'ec' + 'ff'.repeat(30) + '7f', '00'.repeat(32), '00'.repeat(31) + '80', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'];
  const base = '58' + '66'.repeat(31);
  const signatures = [...points.map((point) => point + '00'.repeat(32)), `${base}01${'00'.repeat(31)}`];
  for (const point of points) {
    const key = publicKeyFromRaw(Buffer.from(point, 'hex'));
    for (const signature of signatures) {
      for (let i = 0; i < 16; i++) assert.ok(!verifyBytes('certificate-1', Buffer.from(`message ${i}`), Buffer.from(signature, 'hex'), key), `${point} ${signature} ${i}`);
    }
  }
});
