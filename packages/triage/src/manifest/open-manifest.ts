import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { RefusedError } from '@kerbside/bytes';
import { publicKeyFromRaw, SIGNATURE_BYTES, signerId, verifyBytes } from '@kerbside/ledger';
import { recordShape, type RecordShape } from './item-record.ts';
import { decodeHeader, decodePrologue, MANIFEST_MAGIC, MANIFEST_VERSION, MAX_HEADER_BYTES, partsOf, PROLOGUE_BYTES, SIGNATURE_DOMAIN, type ManifestPart } from './manifest-layout.ts';
import type { ManifestHeader } from './manifest-header.ts';

/** Bytes read, checked and asked at a time. */
const PIECE_BYTES = 1024 * 1024;

/** A manifest whose every byte was checked against its signature. */
export interface OpenManifest {
  readonly path: string;
  readonly header: ManifestHeader;
  readonly shape: RecordShape;
  /** Whole records, many at a time; the bytes are valid until the next are asked for. */
  records(): Generator<Uint8Array, void, undefined>;
  /** Block codes under one of the manifest's keys, by its place in the header. */
  blockCodes(key: number): Generator<Uint8Array, void, undefined>;
  /** All bytes of the file. */
  wholeFile(): Generator<Uint8Array, void, undefined>;
  close(): void;
}

/**
 * Opens a manifest and checks all of it: sections, header, signature. The signature proves that nothing was
 * changed since the holder of the header's key signed it; whether that key is trusted is the caller's question.
 *
 * @throws RefusedError `manifest-not-found`, `manifest-not-readable`, `manifest-not-a-manifest`, `manifest-version-unknown`, `manifest-truncated`, `manifest-altered`
 */
export function openManifest(path: string): OpenManifest {
  const file = openFile(path);
  try {
    const header = checkManifest(file, path);
    const parts = partsOf(header);
    const shape = recordShape(header.kinds, header.codeKeys.length);
    return {
      path,
      header,
      shape,
      records: () => piecesOf(file, parts.items, shape.lengthBytes),
      blockCodes: (key) => piecesOf(file, parts.blocks[key]!, 8),
      wholeFile: () => piecesOf(file, { offset: 0, lengthBytes: fstatSync(file).size }, 1),
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error instanceof RefusedError ? error : notReadable(path, error);
  }
}

/** @throws RefusedError `manifest-signer-unknown` unless one of the trusted keys signed it. @param trusted raw public keys */
export function requireTrustedSigner(manifest: OpenManifest, trusted: readonly Uint8Array[]): void {
  const { signer } = manifest.header;
  if (trusted.some((key) => Buffer.from(key).toString('hex') === signer.publicKey)) return;
  throw new RefusedError('manifest-signer-unknown', `${manifest.path} was signed with the key ${signer.id}, which none of the key files given holds. Give that unit's key file with --key.`);
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw new RefusedError('manifest-not-found', `There is no manifest ${path}. Check the name.`, {}, cause);
    throw notReadable(path, cause);
  }
}

function checkManifest(file: number, path: string): ManifestHeader {
  const facts = fstatSync(file);
  const prologueBytes = facts.isFile() ? readUpTo(file, 0, PROLOGUE_BYTES) : Buffer.alloc(0);
  if (!prologueBytes.subarray(0, MANIFEST_MAGIC.length).equals(MANIFEST_MAGIC)) throw new RefusedError('manifest-not-a-manifest', `${path} is no manifest. "kerbside triage --keep-manifest" makes one.`);
  if (prologueBytes.length < PROLOGUE_BYTES) throw truncated(path, facts.size);
  const version = prologueBytes.readUInt32LE(8);
  if (version !== MANIFEST_VERSION) throw new RefusedError('manifest-version-unknown', `${path} is a manifest of version ${version}; this program reads version ${MANIFEST_VERSION}. Use the program that made it, or a newer one.`);
  const prologue = decodePrologue(prologueBytes);
  if (facts.size < prologue.fileBytes) throw truncated(path, facts.size);
  const fits = prologue.headerBytes <= MAX_HEADER_BYTES && prologue.headerOffset + prologue.headerBytes + SIGNATURE_BYTES === facts.size && prologue.fileBytes === facts.size;
  if (!fits) throw altered(path, 'its prologue');
  const header = decodeHeader(readUpTo(file, prologue.headerOffset, prologue.headerBytes), prologue);
  if (header === null) throw altered(path, 'its header');
  const publicKey = Buffer.from(header.signer.publicKey, 'hex');
  const signature = readUpTo(file, prologue.headerOffset + prologue.headerBytes, SIGNATURE_BYTES);
  if (header.signer.id !== signerId(publicKey) || !isSigned(prologueBytes, signature, publicKey)) throw altered(path, 'its signature');
  const { items, blocks } = partsOf(header);
  for (const part of [items, ...blocks]) {
    const digest = createHash('sha256');
    for (const piece of piecesOf(file, part, 1)) digest.update(piece);
    if (digest.digest('hex') !== part.sha256) throw altered(path, part === items ? 'its items' : 'its block codes');
  }
  return header;
}

function isSigned(prologue: Buffer, signature: Buffer, publicKey: Buffer): boolean {
  try {
    return verifyBytes(SIGNATURE_DOMAIN, prologue, signature, publicKeyFromRaw(publicKey));
  } catch {
    // Thirty-two bytes that are no point of the curve.
    return false;
  }
}

function* piecesOf(file: number, part: Pick<ManifestPart, 'offset' | 'lengthBytes'>, unitBytes: number): Generator<Uint8Array, void, undefined> {
  const buffer = Buffer.allocUnsafe(Math.min(part.lengthBytes, Math.max(1, Math.floor(PIECE_BYTES / unitBytes)) * unitBytes));
  for (let done = 0; done < part.lengthBytes; ) {
    const wanted = Math.min(buffer.length, part.lengthBytes - done);
    let filled = 0;
    while (filled < wanted) {
      const got = readSync(file, buffer, filled, wanted - filled, part.offset + done + filled);
      if (got === 0) throw new RefusedError('manifest-truncated', 'A manifest became shorter while it was read. Run the command again.');
      filled += got;
    }
    done += wanted;
    yield buffer.subarray(0, wanted);
  }
}

function readUpTo(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const got = readSync(file, bytes, done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

function notReadable(path: string, cause: unknown): RefusedError {
  return new RefusedError('manifest-not-readable', `${path} could not be read (${(cause as Error).message}). Check its permissions and its disk.`, {}, cause);
}

function truncated(path: string, hasBytes: number): RefusedError {
  return new RefusedError('manifest-truncated', `${path} is cut off after ${hasBytes} bytes. Copy it again.`);
}

function altered(path: string, what: string): RefusedError {
  return new RefusedError('manifest-altered', `${path} was changed or damaged after it was signed (${what}). It is not asked. Copy it again, or find out who changed it.`);
}
