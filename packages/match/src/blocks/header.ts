import { hash, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, RefusedError, type JsonObject } from '@kerbside/bytes';
import type { BlockSetFacts, SetKey } from './block-set.ts';
import { isBlockSetHeader } from './header-shape.ts';
import { codeKeyIdOf, publicKeyFrom, signerIdOf } from './key-ids.ts';
import {
  BLOCK_SET_MAGIC,
  BLOCK_SET_VERSION,
  MAX_BLOCK_SET_HEADER_BYTES,
  PROLOGUE_BYTES,
  SIGNATURE_BYTES,
  SIGNATURE_DOMAIN,
  SIGNED_PROLOGUE_BYTES,
  type BlockSetHeader,
} from './layout.ts';

/** A day: clocks of two machines may differ by this much. */
const CLOCK_TOLERANCE_MS = 24 * 60 * 60 * 1000;

/** What the prologue says. */
export interface BlockSetPrologue {
  readonly bytes: Buffer;
  readonly headerOffset: number;
  readonly headerBytes: number;
  readonly signature: Buffer;
}

/** Header and prologue of a set whose header lies at `headerOffset`, signed. */
export function encodeSigned(header: BlockSetHeader, headerOffset: number, privateKey: KeyObject): { header: Buffer; prologue: Buffer } {
  const bytes = Buffer.from(canonicalJson(header as unknown as JsonObject), 'utf8');
  const prologue = Buffer.alloc(PROLOGUE_BYTES);
  BLOCK_SET_MAGIC.copy(prologue, 0);
  prologue.writeUInt32LE(BLOCK_SET_VERSION, 8);
  prologue.writeUInt32LE(bytes.length, 12);
  prologue.writeBigUInt64LE(BigInt(headerOffset), 16);
  prologue.writeBigUInt64LE(BigInt(headerOffset + bytes.length), 24);
  sign(null, signedMessage(prologue, bytes), privateKey).copy(prologue, SIGNED_PROLOGUE_BYTES);
  return { header: bytes, prologue };
}

/**
 * Checks and reads the prologue.
 *
 * @param bytes the file's first 4,096 bytes, or fewer when it has no more
 * @throws RefusedError `block-set-not-one`, `block-set-version-unknown`, `block-set-truncated`, `block-set-altered`
 */
export function decodeBlockSetPrologue(bytes: Buffer, actualFileBytes: number, path: string): BlockSetPrologue {
  if (bytes.length < BLOCK_SET_MAGIC.length || !bytes.subarray(0, BLOCK_SET_MAGIC.length).equals(BLOCK_SET_MAGIC)) {
    throw new RefusedError('block-set-not-one', `${path} is not a block set: make one with "kerbside set blocks"`);
  }
  if (bytes.length < PROLOGUE_BYTES) throw truncated(path, actualFileBytes);
  const version = bytes.readUInt32LE(8);
  if (version !== BLOCK_SET_VERSION) {
    throw new RefusedError(
      'block-set-version-unknown',
      `${path} is a block set of version ${version}, this program reads version ${BLOCK_SET_VERSION}: ask its owner for one of that version`,
    );
  }
  const headerBytes = bytes.readUInt32LE(12);
  const headerOffset = Number(bytes.readBigUInt64LE(16));
  const fileBytes = Number(bytes.readBigUInt64LE(24));
  if (actualFileBytes < fileBytes) throw truncated(path, actualFileBytes, fileBytes);
  const rest = bytes.subarray(SIGNED_PROLOGUE_BYTES + SIGNATURE_BYTES);
  if (
    actualFileBytes !== fileBytes || headerBytes > MAX_BLOCK_SET_HEADER_BYTES || headerOffset < PROLOGUE_BYTES ||
    headerOffset + headerBytes !== fileBytes || rest.some((byte) => byte !== 0)
  ) {
    throw blockSetAltered(path, 'its prologue');
  }
  return { bytes, headerOffset, headerBytes, signature: bytes.subarray(SIGNED_PROLOGUE_BYTES, SIGNED_PROLOGUE_BYTES + SIGNATURE_BYTES) };
}

/** A header as it stands in a file, before anybody vouches for it. */
export interface UncheckedHeader {
  readonly header: BlockSetHeader;
  readonly facts: BlockSetFacts;
  readonly message: Buffer;
  readonly signature: Buffer;
  readonly headerOffset: number;
  readonly headerBytes: number;
}

/**
 * Reads the header. What it says counts only once `checkSigner` has found its signature good.
 *
 * @throws RefusedError `block-set-altered` when it is no header
 */
export function decodeBlockSetHeader(bytes: Buffer, prologue: BlockSetPrologue, path: string): UncheckedHeader {
  const message = signedMessage(prologue.bytes, bytes);
  const header = headerOf(bytes);
  if (header === null) throw blockSetAltered(path, 'its header');
  const facts: BlockSetFacts = { ...header.facts, path, digest: hash('sha256', message, 'hex'), signature: prologue.signature.toString('hex') };
  const { signature, headerOffset, headerBytes } = prologue;
  return { header, facts, message, signature, headerOffset, headerBytes };
}

/** Null for bytes that are not the one way of writing a header: a name that stands twice would mean one thing here and another to the next reader. */
function headerOf(bytes: Buffer): BlockSetHeader | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isBlockSetHeader(value) && Buffer.from(canonicalJson(value as unknown as JsonObject)).equals(bytes) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Finds the key of who signed the set and checks the signature and the code key.
 *
 * @throws RefusedError `block-set-signer-unknown`, `block-set-signature-wrong`, `block-set-key-wrong`, `block-set-owner-wrong`
 */
export function checkSigner({ facts, message, signature }: UncheckedHeader, keys: readonly SetKey[]): SetKey {
  const ofSigner = keys.filter((key) => signerIdOf(key.publicKey) === facts.signerId);
  if (ofSigner.length === 0) {
    throw new RefusedError(
      'block-set-signer-unknown',
      `${facts.path} says it is signed by ${String(facts.owner)} with the key ${String(facts.signerId)}, and no such key was given: ask its owner for their key file and give it with --key`,
    );
  }
  if (!verify(null, message, publicKeyFrom(ofSigner[0]!.publicKey), signature)) {
    throw new RefusedError(
      'block-set-signature-wrong',
      `${facts.path} does not bear a good signature of the key ${facts.signerId}: it was changed, or somebody else made it; do not use it, ask its owner`,
    );
  }
  const key = ofSigner.find((one) => codeKeyIdOf(one.codeKey) === facts.codeKeyId);
  if (key === undefined) {
    throw new RefusedError(
      'block-set-key-wrong',
      `the codes of ${facts.path} were made with the code key ${facts.codeKeyId}, and the key file of ${facts.owner} holds another: ask its owner for the one of this edition`,
    );
  }
  if (key.owner !== facts.owner) {
    throw new RefusedError(
      'block-set-owner-wrong',
      `${facts.path} says it is a set of ${facts.owner}, and the key that signed it is that of ${key.owner}: do not use it, ask ${key.owner}`,
    );
  }
  return key;
}

/**
 * Checks that the set may be used at a time.
 *
 * @throws RefusedError `block-set-not-yet-valid`, `block-set-expired`
 */
export function checkDates(facts: BlockSetFacts, now: Date): void {
  if (!(Date.parse(facts.createdAt) <= now.getTime() + CLOCK_TOLERANCE_MS)) {
    throw new RefusedError(
      'block-set-not-yet-valid',
      `${facts.path} was made at ${facts.createdAt}, which is later than now (${now.toISOString()}): correct the clock of this machine, or ask its owner`,
    );
  }
  if (!(Date.parse(facts.expiresAt) > now.getTime())) {
    throw new RefusedError('block-set-expired', `${facts.path} expired at ${facts.expiresAt}: ask ${facts.owner} for a newer edition`);
  }
}

/** The error of a block set whose bytes are not as they were signed. */
export function blockSetAltered(path: string, what: string): RefusedError {
  return new RefusedError('block-set-altered', `${path} was changed or damaged after it was signed (${what} is not as it was): copy it again, or ask its owner`);
}

function truncated(path: string, has: number, needs?: number): RefusedError {
  return new RefusedError(
    'block-set-truncated',
    `${path} is cut off: it has ${has} bytes${needs === undefined ? '' : ` of ${needs}`}; copy it again`,
  );
}

function signedMessage(prologue: Buffer, header: Buffer): Buffer {
  return Buffer.concat([SIGNATURE_DOMAIN, prologue.subarray(0, SIGNED_PROLOGUE_BYTES), header]);
}
