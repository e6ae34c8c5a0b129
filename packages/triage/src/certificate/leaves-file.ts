import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { RefusedError } from '@kerbside/bytes';
import { MerkleFrontier, TREE_HASH_BYTES } from '@kerbside/ledger';
import type { CertificateReadsFile } from './certificate-types.ts';
import type { LeafStages } from './leaf-stages.ts';

/*
 * reads.bin: every leaf of the trees that a certificate states, so that a replay can name the reads
 * that differ. Integers are little-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | magic `89 4B 42 52 45 41 44 0A` |
 * | 8 | 4 | format version, 1 |
 * | 12 | 4 | number of stages, n |
 * | 16 | 8 | length of the file |
 * | 24 | 8 | zero |
 * | 32 | 80 each | n stages: name (64 bytes, UTF-8, zero-padded), number of leaves (8), offset of the first (8) |
 * | 32 + 80 n | 32 each | leaf hashes, stage after stage without a gap |
 *
 * The certificate states the SHA-256 of the file, so that no byte of it can change unseen.
 */

export const READS_NAME = 'reads.bin';

const MAGIC = Buffer.from('894b42524541440a', 'hex');
const VERSION = 1;
const HEADER_BYTES = 32;
const ENTRY_BYTES = 80;
const NAME_BYTES = 64;

/** Far more than a run has; bounds the table of a damaged file. */
const MAX_STAGES = 4096;

const PIECE_BYTES = 1024 * 1024;

export interface LeafSource {
  readonly name: string;
  readonly count: number;
  /** Leaf hashes in pieces of any number, side by side. */
  readonly leaves: Iterable<Uint8Array>;
}

export interface WrittenLeaves {
  readonly readsFile: CertificateReadsFile;
  /** Root of each stage, hex, in order. */
  readonly roots: readonly string[];
}

/**
 * Writes reads.bin whole or not at all, and gives what the certificate states of it.
 * @throws RefusedError `out-folder-full`; RangeError when a stage does not have the leaves it says
 */
export function writeLeavesFile(path: string, stages: readonly LeafSource[]): WrittenLeaves {
  const part = `${path}.part`;
  try {
    const descriptor = openSync(part, 'w');
    try {
      const written = writeAll(descriptor, stages);
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(part, path);
      return written;
    } catch (error) {
      closeQuietly(descriptor);
      rmSync(part, { force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new RefusedError('out-folder-full', `${path} could not be written. Nothing already recorded is lost: make room and run the same command again.`, {}, error);
  }
}

function writeAll(descriptor: number, stages: readonly LeafSource[]): WrittenLeaves {
  const digest = createHash('sha256');
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = (): void => {
    const bytes = Buffer.concat(waiting);
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(descriptor, bytes, at);
    digest.update(bytes);
    waiting = [];
    waitingBytes = 0;
  };
  const put = (bytes: Uint8Array): void => {
    waiting.push(Uint8Array.from(bytes));
    waitingBytes += bytes.byteLength;
    if (waitingBytes >= PIECE_BYTES) flush();
  };
  const header = headerOf(stages);
  put(header);
  const roots = stages.map((stage) => {
    const tree = new MerkleFrontier();
    for (const piece of stage.leaves) {
      tree.appendAll(piece);
      put(piece);
    }
    if (tree.leaves !== stage.count) throw new RangeError(`stage ${stage.name} has ${tree.leaves} leaves and not ${stage.count}`);
    return tree.root().toString('hex');
  });
  flush();
  return { readsFile: { sizeBytes: Number(header.readBigUInt64LE(16)), digest: digest.digest('hex') }, roots };
}

function headerOf(stages: readonly LeafSource[]): Buffer {
  if (stages.length > MAX_STAGES) throw new RangeError(`${stages.length} stages are more than ${MAX_STAGES}`);
  const header = Buffer.alloc(HEADER_BYTES + stages.length * ENTRY_BYTES);
  let offset = header.byteLength;
  for (const [index, { name, count }] of stages.entries()) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    if (Buffer.byteLength(name) > NAME_BYTES || name.includes('\0')) throw new RangeError(`"${name}" is no name of a stage`);
    header.write(name, at);
    header.writeBigUInt64LE(BigInt(count), at + NAME_BYTES);
    header.writeBigUInt64LE(BigInt(offset), at + NAME_BYTES + 8);
    offset += count * TREE_HASH_BYTES;
  }
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(stages.length, 12);
  header.writeBigUInt64LE(BigInt(offset), 16);
  return header;
}

/** reads.bin, open for reading. */
export interface LeavesFile extends LeafStages {
  readonly sizeBytes: number;
  /** SHA-256 of the whole file, hex. */
  digest(): string;
  close(): void;
}

/**
 * Opens reads.bin and checks its layout; its content is checked by the digest and the roots that the certificate states.
 * @throws RefusedError `reads-file-not-found`, `reads-file-damaged`
 */
export function openLeavesFile(path: string): LeavesFile {
  const descriptor = openFile(path);
  try {
    const { size, isFile } = factsOf(descriptor);
    if (!isFile) throw damaged(path);
    const table = readTable(descriptor, size, path);
    return {
      sizeBytes: size,
      stages: table.map(({ name, count }) => ({ name, count })),
      read: (stage, first, count) => readAt(descriptor, table[stage]!.offset + first * TREE_HASH_BYTES, count * TREE_HASH_BYTES, path),
      digest: () => digestOf(descriptor, size, path),
      close: () => closeQuietly(descriptor),
    };
  } catch (error) {
    closeQuietly(descriptor);
    throw error;
  }
}

function factsOf(descriptor: number): { readonly size: number; readonly isFile: boolean } {
  const facts = fstatSync(descriptor);
  return { size: facts.size, isFile: facts.isFile() };
}

function openFile(path: string): number {
  try {
    // Not blocking, so that a pipe under the name cannot hold the command up.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new RefusedError('reads-file-not-found', `${path} could not be opened. It belongs beside the certificate.`, {}, error);
  }
}

function readTable(descriptor: number, size: number, path: string): { name: string; count: number; offset: number }[] {
  const header = readAt(descriptor, 0, HEADER_BYTES, path);
  const stages = header.readUInt32LE(12);
  const sound = header.subarray(0, 8).equals(MAGIC) && header.readUInt32LE(8) === VERSION && stages <= MAX_STAGES && Number(header.readBigUInt64LE(16)) === size && header.readBigUInt64LE(24) === 0n;
  if (!sound) throw damaged(path);
  const entries = readAt(descriptor, HEADER_BYTES, stages * ENTRY_BYTES, path);
  let offset = HEADER_BYTES + entries.byteLength;
  const table = Array.from({ length: stages }, (_, index) => {
    const entry = entries.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES);
    const name = entry.toString('utf8', 0, NAME_BYTES).replace(/\0+$/, '');
    const row = { name, count: Number(entry.readBigUInt64LE(NAME_BYTES)), offset };
    if (Number(entry.readBigUInt64LE(NAME_BYTES + 8)) !== offset) throw damaged(path);
    offset += row.count * TREE_HASH_BYTES;
    return row;
  });
  if (offset !== size) throw damaged(path);
  return table;
}

function digestOf(descriptor: number, size: number, path: string): string {
  const digest = createHash('sha256');
  for (let at = 0; at < size; at += PIECE_BYTES) digest.update(readAt(descriptor, at, Math.min(PIECE_BYTES, size - at), path));
  return digest.digest('hex');
}

function readAt(descriptor: number, offset: number, length: number, path: string): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const read = readSync(descriptor, bytes, at, length - at, offset + at);
    if (read === 0) throw damaged(path);
    at += read;
  }
  return bytes;
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Closed already.
  }
}

function damaged(path: string): RefusedError {
  return new RefusedError('reads-file-damaged', `${path} is no list of reads, or was cut or changed since it was written.`);
}
