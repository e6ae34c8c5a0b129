/**
 * Retro-hunt manifest, version 1 (`manifest.kman`). Numbers are little-endian; codes are 8 bytes as
 * `keyedCode` gives them. The full description is docs/reference/manifest-format.md.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | magic `89 4B 42 53 4D 41 4E 0A` |
 * | 8 | 4 | format version |
 * | 12 | 4 | length of the header, H |
 * | 16 | 8 | offset of the header |
 * | 24 | 8 | length of the whole file |
 * | 32 | 32 | SHA-256 of the header |
 * | 64 | items × record | item records (item-record.ts), sorted |
 * | .. | 8 × codes | block codes under the first code key, sorted, each once; then under the next |
 * | .. | H | header: canonical JSON in UTF-8 ({@link ManifestHeader}) |
 * | .. | 64 | Ed25519 signature of the prologue, for the purpose {@link SIGNATURE_DOMAIN} |
 *
 * Nothing stands between the parts. The header holds a digest of each part before it, the prologue
 * that of the header, and the signature is over the prologue: no byte can change unseen.
 */
import { hash } from 'node:crypto';
import { CODE_BYTES } from '@kerbside/bytes';
import { SIGNATURE_BYTES } from '@kerbside/ledger';
import { recordShape } from './item-record.ts';
import { readHeader, type ManifestHeader } from './manifest-header.ts';

export const MANIFEST_MAGIC = Buffer.from([0x89, 0x4b, 0x42, 0x53, 0x4d, 0x41, 0x4e, 0x0a]);
export const MANIFEST_VERSION = 1;
export const PROLOGUE_BYTES = 64;

/** What the unit's key signs, so that a signature made for another purpose never fits here. */
export const SIGNATURE_DOMAIN = 'manifest-1';

/** A header is under 1 KiB and 300 bytes more a code key. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** What the prologue says. */
export interface Prologue {
  readonly headerBytes: number;
  readonly headerOffset: number;
  readonly fileBytes: number;
  readonly headerSha256: Buffer;
}

export function encodePrologue(header: Buffer, headerOffset: number): Buffer {
  const prologue = Buffer.alloc(PROLOGUE_BYTES);
  MANIFEST_MAGIC.copy(prologue);
  prologue.writeUInt32LE(MANIFEST_VERSION, 8);
  prologue.writeUInt32LE(header.length, 12);
  prologue.writeBigUInt64LE(BigInt(headerOffset), 16);
  prologue.writeBigUInt64LE(BigInt(headerOffset + header.length + SIGNATURE_BYTES), 24);
  hash('sha256', header, 'buffer').copy(prologue, 32);
  return prologue;
}

/** The fields of a prologue whose magic and version have been checked. */
export function decodePrologue(bytes: Buffer): Prologue {
  return {
    headerBytes: bytes.readUInt32LE(12),
    headerOffset: Number(bytes.readBigUInt64LE(16)),
    fileBytes: Number(bytes.readBigUInt64LE(24)),
    headerSha256: bytes.subarray(32, 64),
  };
}

/** A part of the file and the digest that the header gives it. */
export interface ManifestPart {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly sha256: string;
}

/** Where the item records and the block codes of each key stand, which follows from their counts. */
export function partsOf(header: ManifestHeader): { readonly items: ManifestPart; readonly blocks: readonly ManifestPart[]; readonly end: number } {
  const shape = recordShape(header.kinds, header.codeKeys.length);
  const items = { offset: PROLOGUE_BYTES, lengthBytes: header.items.count * shape.lengthBytes, sha256: header.items.sha256 };
  let end = items.offset + items.lengthBytes;
  const blocks = header.blocks.map(({ count, sha256 }) => {
    const part = { offset: end, lengthBytes: count * CODE_BYTES, sha256 };
    end += part.lengthBytes;
    return part;
  });
  return { items, blocks, end };
}

/** The header in these bytes, or null when they are none that a builder of this version writes. */
export function decodeHeader(bytes: Buffer, prologue: Prologue): ManifestHeader | null {
  if (!hash('sha256', bytes, 'buffer').equals(prologue.headerSha256)) return null;
  const header = readHeader(bytes.toString('utf8'));
  return header !== null && partsOf(header).end === prologue.headerOffset ? header : null;
}
