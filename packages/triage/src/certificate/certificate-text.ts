import { RefusedError } from '@kerbside/bytes';
import { canonicalJson, publicKeyFromRaw, PUBLIC_KEY_BYTES, rawPublicKey, signCanonical, signerId, SIGNATURE_BYTES, verifyCanonical, type JsonObject, type JsonValue, type UnitKeys } from '@kerbside/ledger';
import { certificateFault } from './certificate-shape.ts';
import { CERTIFICATE_FORMAT_VERSION, CERTIFICATE_KIND, type Certificate, type CertificateBody } from './certificate-types.ts';

/*
 * certificate.json: one object as JSON, names sorted by their UTF-16 code units, indented by two
 * spaces, and a line feed at the end. No other form of the same values is a certificate. Signed is
 * the canonical JSON (RFC 8785) of the object without `signature.value`, for the purpose `certificate-1`.
 */

export const CERTIFICATE_NAME = 'certificate.json';

const PURPOSE = 'certificate-1';
const INDENT = 2;

/** Signs a body. @throws RefusedError `key-part-missing` when the keys hold no private part */
export function signCertificate(body: CertificateBody, keys: UnitKeys): Certificate {
  if (keys.privateKey === null) throw new RefusedError('key-part-missing', `The keys of ${keys.owner} hold no private part here, so nothing can be signed with them.`);
  const publicKey = rawPublicKey(keys.publicKey);
  const signer = { algorithm: 'Ed25519', owner: keys.owner, publicKey: publicKey.toString('base64'), signerId: signerId(publicKey) } as const;
  const value = signCanonical(PURPOSE, asJson({ ...body, signature: signer }), keys.privateKey);
  return { ...body, signature: { ...signer, value: value.toString('base64') } };
}

export function formatCertificate(certificate: Certificate): string {
  return `${canonicalJson(asJson(certificate), INDENT)}\n`;
}

/** A certificate that was read, and whether it is as it was signed. */
export interface ReadCertificate {
  readonly certificate: Certificate;
  /** Why it is not as it was signed, or null when it is. */
  readonly altered: string | null;
}

/**
 * Reads a certificate. Only an unaltered one is of the type that it says.
 * @param bytes the whole file
 * @throws RefusedError `certificate-not-one`, `certificate-version-unknown`
 */
export function readCertificate(bytes: Uint8Array): ReadCertificate {
  const text = textOf(bytes);
  const value = text === null ? null : parseObject(text);
  if (value === null || value['kind'] !== CERTIFICATE_KIND) throw new RefusedError('certificate-not-one', 'This is no certificate of Kerbside, or it was cut or changed so that it can no longer be read as one.');
  if (value['formatVersion'] !== CERTIFICATE_FORMAT_VERSION) {
    throw new RefusedError('certificate-version-unknown', `This program reads certificates of version ${CERTIFICATE_FORMAT_VERSION}, and this is another. Use a newer program.`);
  }
  return { certificate: value as unknown as Certificate, altered: whyAltered(value, text ?? '') };
}

function whyAltered(value: JsonObject, text: string): string | null {
  if (`${canonicalJson(value, INDENT)}\n` !== text) return 'The file is not written as certificates are: it was edited, or cut, or saved by another program.';
  const { signature } = value;
  if (!isObject(signature)) return 'The file bears no signature.';
  const { value: signed, ...signer } = signature;
  const publicKey = bytesOf(signer['publicKey'], PUBLIC_KEY_BYTES);
  const signatureBytes = bytesOf(signed, SIGNATURE_BYTES);
  if (publicKey === null || signatureBytes === null) return 'The signature is damaged.';
  if (!verifyCanonical(PURPOSE, { ...value, signature: signer }, signatureBytes, publicKeyFromRaw(publicKey))) return 'The signature does not fit the content: something was changed after it was signed.';
  if (signer['signerId'] !== signerId(publicKey)) return 'The signer’s short name does not fit the signer’s key.';
  return certificateFault(value);
}

/** Null for bytes that are no UTF-8: a forgiving decoder would read several of them as the same text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    // Half a surrogate pair, or nesting without end, is nothing that we wrote.
    canonicalJson(value as JsonValue);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesOf(value: unknown, length: number): Uint8Array | null {
  if (typeof value !== 'string') return null;
  const bytes = Buffer.from(value, 'base64');
  return bytes.byteLength === length && bytes.toString('base64') === value ? bytes : null;
}

/** The types of a certificate are plain by their definition; interfaces cannot say so themselves. */
function asJson(value: object): JsonObject {
  return value as JsonObject;
}
