import { createPublicKey, hash, type KeyObject } from 'node:crypto';

/** Hashed before a code key, so that its short name is the digest of nothing else. `kerbside keys` shows the same names. */
const CODE_KEY_ID_PREFIX = 'Kerbside code key id\n';

/** Short name of who signs: the first 8 bytes, hex, of SHA-256 over the raw public key. */
export function signerIdOf(publicKey: Uint8Array): string {
  return hash('sha256', publicKey, 'hex').slice(0, 16);
}

/** Short name of a code key, which does not tell it: the first 8 bytes, hex, of SHA-256 over `Kerbside code key id`, a line feed, and the key. */
export function codeKeyIdOf(codeKey: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from(CODE_KEY_ID_PREFIX), codeKey]), 'hex').slice(0, 16);
}

/** The key object of a raw Ed25519 public key (RFC 8410). */
export function publicKeyFrom(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') }, format: 'jwk' });
}
