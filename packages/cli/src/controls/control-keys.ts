import { createPrivateKey, createPublicKey, hash } from 'node:crypto';
import type { UnitKeys } from '@kerbside/ledger';

/** What stands before the 32 bytes of an Ed25519 seed in PKCS #8 (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The keys of the control sets. They are the same everywhere and no secret: the control set knows generated
 * pictures only, and everybody may make one. Never use them for a set of known material.
 */
export function controlKeys(): UnitKeys {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, constant('signature')]), format: 'der', type: 'pkcs8' });
  return { owner: 'Kerbside controls (public keys, for generated markers only)', publicKey: createPublicKey(privateKey), privateKey, codeKey: new Uint8Array(constant('codes')) };
}

/** 32 bytes that anybody can compute. */
function constant(purpose: string): Buffer {
  return hash('sha256', `Kerbside control key, public: ${purpose}`, 'buffer');
}
