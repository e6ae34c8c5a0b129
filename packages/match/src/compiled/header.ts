import { createHash } from 'node:crypto';
import { RefusedError } from '@kerbside/bytes';
import { BLOCK_BYTES, FORMAT_VERSION, MAGIC, MAX_HEADER_BYTES, READ_VERSIONS, type SetHeader } from './layout.ts';

/** What the prologue says. */
export interface Prologue {
  readonly version: number;
  readonly headerOffset: number;
  readonly headerBytes: number;
  readonly fileBytes: number;
  readonly headerSha256: Buffer;
}

/** SHA-256 that names the content of a set: its header but for when and by whom it was built. */
export function contentDigestOf(header: Omit<SetHeader, 'contentDigest'>): string {
  const { createdAt: _createdAt, importedBy: _importedBy, ...content } = { ...header, contentDigest: undefined };
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** The prologue of a file whose header of these bytes lies at `headerOffset`. */
export function encodePrologue(header: Buffer, headerOffset: number): Buffer {
  const prologue = Buffer.alloc(BLOCK_BYTES);
  MAGIC.copy(prologue, 0);
  prologue.writeUInt32LE(FORMAT_VERSION, 8);
  prologue.writeUInt32LE(header.length, 12);
  prologue.writeBigUInt64LE(BigInt(headerOffset), 16);
  prologue.writeBigUInt64LE(BigInt(headerOffset + header.length), 24);
  createHash('sha256').update(header).digest().copy(prologue, 32);
  return prologue;
}

/**
 * Checks and reads the prologue.
 *
 * @param bytes the file's first 4,096 bytes, or fewer when it has no more
 * @throws RefusedError `set-not-a-set`, `set-version-unknown`, `set-truncated`, `set-altered`
 */
export function decodePrologue(bytes: Buffer, actualFileBytes: number, path: string): Prologue {
  if (bytes.length < MAGIC.length || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new RefusedError(
      'set-not-a-set',
      `${path} is not a compiled set: build one from a list with "kerbside set build"`,
    );
  }
  if (bytes.length < BLOCK_BYTES) throw truncated(path, actualFileBytes);
  const version = bytes.readUInt32LE(8);
  if (!READ_VERSIONS.includes(version)) {
    throw new RefusedError(
      'set-version-unknown',
      `${path} is a compiled set of version ${version}, this program reads versions ${READ_VERSIONS.join(' and ')}: build it again from its lists`,
    );
  }
  const headerBytes = bytes.readUInt32LE(12);
  const headerOffset = Number(bytes.readBigUInt64LE(16));
  const fileBytes = Number(bytes.readBigUInt64LE(24));
  if (actualFileBytes < fileBytes) throw truncated(path, actualFileBytes, fileBytes);
  if (
    actualFileBytes !== fileBytes ||
    headerBytes > MAX_HEADER_BYTES ||
    headerOffset < BLOCK_BYTES ||
    headerOffset + headerBytes !== fileBytes ||
    !bytes.subarray(64).equals(Buffer.alloc(BLOCK_BYTES - 64))
  ) {
    throw altered(path, 'its prologue');
  }
  return { version, headerOffset, headerBytes, fileBytes, headerSha256: bytes.subarray(32, 64) };
}

/**
 * Checks the header's digest and reads it.
 *
 * @throws RefusedError `set-altered`
 */
export function decodeHeader(bytes: Buffer, prologue: Prologue, path: string): SetHeader {
  if (!createHash('sha256').update(bytes).digest().equals(prologue.headerSha256)) throw altered(path, 'its header');
  let header: SetHeader;
  try {
    header = JSON.parse(bytes.toString('utf8')) as SetHeader;
  } catch {
    throw altered(path, 'its header');
  }
  // The digest above proves the header is as some builder wrote it; this proves which content it names.
  if (header.format !== 'kerbside-set' || header.version !== prologue.version || contentDigestOf(header) !== header.contentDigest) throw altered(path, 'its content digest');
  return header;
}

/** The error of a set whose bytes are not as they were built. */
export function altered(path: string, what: string): RefusedError {
  return new RefusedError(
    'set-altered',
    `${path} was changed or damaged after it was built (${what} does not match its digest): copy it again or build it again`,
  );
}

function truncated(path: string, has: number, needs?: number): RefusedError {
  return new RefusedError(
    'set-truncated',
    `${path} is cut off: it has ${has} bytes${needs === undefined ? '' : ` of ${needs}`}; copy it again or build it again`,
  );
}
