import assert from 'node:assert/strict';
import { sign, verify } from 'node:crypto';
import { it } from 'node:test';
import { controlKeys } from './control-keys.ts';

it('gives the same keys everywhere, a pair that fits together and a code key of 32 bytes', () => {
  const keys = controlKeys();
  assert.equal(keys.publicKey.export({ type: 'spki', format: 'der' }).toString('hex').slice(-64), controlKeys().publicKey.export({ type: 'spki', format: 'der' }).toString('hex').slice(-64));
  assert.equal(Buffer.from(keys.codeKey!).toString('hex'), '3997a8cd25d452ceff7bcb8618336a255752ec0d65da30ac9bebe6376093eea8');
  const text = Buffer.from('kick-off at three');
  assert.ok(verify(null, text, keys.publicKey, sign(null, text, keys.privateKey!)));
});
