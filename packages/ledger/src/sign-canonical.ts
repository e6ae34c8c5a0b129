import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@kerbside/bytes';

/** Bytes of an Ed25519 signature (RFC 8032). */
export const SIGNATURE_BYTES = 64;

/**
 * What a signature is for, signed with it: a signature made for one purpose is none for another. The
 * signed message is `Kerbside`, a space, the domain, a line feed, and then the content.
 */
const DOMAIN = /^[a-z][a-z0-9-]{0,62}$/;

/** Signs bytes for one purpose. @param domain lower-case words with dashes, and a version: `certificate-1` */
export function signBytes(domain: string, content: Uint8Array, privateKey: KeyObject): Buffer {
  return sign(null, messageOf(domain, content), privateKey);
}

/** True when the signature was made for this purpose over these bytes by the holder of the key. */
export function verifyBytes(domain: string, content: Uint8Array, signature: Uint8Array, publicKey: KeyObject): boolean {
  return signature.byteLength === SIGNATURE_BYTES && verify(null, messageOf(domain, content), publicKey, signature);
}

/** Signs the canonical JSON (canonical-json.ts) of a value. */
export function signCanonical(domain: string, value: JsonValue, privateKey: KeyObject): Buffer {
  return signBytes(domain, Buffer.from(canonicalJson(value)), privateKey);
}

export function verifyCanonical(domain: string, value: JsonValue, signature: Uint8Array, publicKey: KeyObject): boolean {
  return verifyBytes(domain, Buffer.from(canonicalJson(value)), signature, publicKey);
}

function messageOf(domain: string, content: Uint8Array): Buffer {
  if (!DOMAIN.test(domain)) throw new RangeError(`"${domain}" is no name of a purpose of signing`);
  return Buffer.concat([Buffer.from(`Kerbside ${domain}\n`), content]);
}
