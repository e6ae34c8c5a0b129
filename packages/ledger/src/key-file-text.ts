import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { canonicalJson, CODE_KEY_BYTES, RefusedError, type JsonObject } from '@kerbside/bytes';
import { isOwnerName, PUBLIC_KEY_BYTES, publicKeyFromRaw, rawPublicKey, type DatedUnitKeys } from './unit-keys.ts';

/*
 * A key file: one object as JSON, names sorted, indented by two spaces, and a line feed at the end.
 * No other form of the same values is read.
 *
 * | name | value |
 * | --- | --- |
 * | kind | `kerbside-keys` |
 * | version | 1 |
 * | owner | who made the keys, one line of text |
 * | createdAt | UTC, ISO 8601 with milliseconds |
 * | publicKey | Ed25519 public key, 32 bytes in base64 |
 * | privateKey | the same key pair's private part, PKCS #8 in PEM; left out of a file made to be handed on |
 * | codeKey | 32 bytes in base64; left out of a file that holds the public part alone |
 * | check | SHA-256, in hex, of `Kerbside key file`, a line feed, and the canonical JSON of the other fields: finds damage, proves no origin |
 */

const KIND = 'kerbside-keys';
const VERSION = 1;
const CHECK_PREFIX = 'Kerbside key file\n';
const INDENT = 2;

/** The file's text; `parseKeyFile` gives the same keys again. */
export function formatKeyFile(keys: DatedUnitKeys): string {
  const fields: JsonObject = {
    kind: KIND,
    version: VERSION,
    owner: keys.owner,
    createdAt: keys.createdAt,
    publicKey: rawPublicKey(keys.publicKey).toString('base64'),
    privateKey: keys.privateKey === null ? undefined : String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    codeKey: keys.codeKey === null ? undefined : Buffer.from(keys.codeKey).toString('base64'),
  };
  return textOf({ ...fields, check: checkOf(fields) });
}

/**
 * @param path for the messages
 * @throws RefusedError `key-file-not-keys`, `key-file-version-unknown`, `key-file-damaged`
 */
export function parseKeyFile(path: string, text: string): DatedUnitKeys {
  const value = parseObject(text);
  if (value === null || value['kind'] !== KIND) throw new RefusedError('key-file-not-keys', `${path} is no key file of Kerbside.`);
  if (value['version'] !== VERSION) {
    throw new RefusedError('key-file-version-unknown', `${path} is a key file of version ${typeof value['version'] === 'number' ? value['version'] : 'unknown'}; this program reads version ${VERSION}. Use the program that made it, or a newer one.`);
  }
  const { check, ...fields } = value;
  // Only in this order: nothing of a file that was changed is looked at further.
  if (check !== checkOf(fields) || textOf(value) !== text) throw damaged(path);
  const { owner, createdAt } = fields;
  const publicKey = bytesOf(fields['publicKey'], PUBLIC_KEY_BYTES);
  if (typeof owner !== 'string' || !isOwnerName(owner) || !isTime(createdAt) || publicKey === null) throw damaged(path);
  const codeKey = fields['codeKey'] === undefined ? null : bytesOf(fields['codeKey'], CODE_KEY_BYTES);
  if (fields['codeKey'] !== undefined && codeKey === null) throw damaged(path);
  const privateKey = fields['privateKey'] === undefined ? null : privateKeyOf(fields['privateKey'], publicKey);
  if (fields['privateKey'] !== undefined && privateKey === null) throw damaged(path);
  return { owner, createdAt, publicKey: publicKeyFromRaw(publicKey), privateKey, codeKey };
}

/** A moment as the writer puts it: what is shown of a key file is one line. */
function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value;
}

function textOf(value: JsonObject): string {
  return `${canonicalJson(value, INDENT)}\n`;
}

function checkOf(fields: JsonObject): string {
  return hash('sha256', CHECK_PREFIX + canonicalJson(fields), 'hex');
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    canonicalJson(value as JsonObject);
    return value as JsonObject;
  } catch {
    return null;
  }
}

function bytesOf(value: unknown, length: number): Uint8Array | null {
  if (typeof value !== 'string') return null;
  const bytes = new Uint8Array(Buffer.from(value, 'base64'));
  return bytes.byteLength === length && Buffer.from(bytes).toString('base64') === value ? bytes : null;
}

/** The private key, if it is one and belongs to the public one. */
function privateKeyOf(value: unknown, publicKey: Uint8Array): KeyObject | null {
  if (typeof value !== 'string') return null;
  try {
    const key = createPrivateKey({ key: value, format: 'pem' });
    return key.asymmetricKeyType === 'ed25519' && rawPublicKey(createPublicKey(key)).equals(publicKey) ? key : null;
  } catch {
    return null;
  }
}

function damaged(path: string): RefusedError {
  return new RefusedError('key-file-damaged', `${path} was changed or damaged since it was written. Take it from a copy; do not use it.`);
}
