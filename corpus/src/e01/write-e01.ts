import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import {
  adler32,
  DESCRIPTOR_BYTES,
  descriptor,
  digestData,
  errorData,
  fileHead,
  hashData,
  headerData,
  tableData,
  volumeData,
  type CaseDescription,
  type UnreadSectors,
} from './sections.ts';
import { segmentExtension } from './segment-name.ts';

const SECTOR_BYTES = 512;
/** EnCase up to 5 reads no more entries in one table. */
const MOST_TABLE_ENTRIES = 16_375;
const COMPRESSED = 0x8000_0000;

export interface E01Options {
  readonly source: Iterable<Uint8Array>;
  /** Length of the source, a multiple of 512. */
  readonly sizeBytes: number;
  /** Path without extension; `.E01` and so on are added. */
  readonly outBasePath: string;
  /** About the size of each segment file; one file when absent. */
  readonly segmentSizeBytes?: number;
  /** 64 when absent: 32 KiB. */
  readonly chunkSectors?: number;
  /** Deflate chunks that get shorter by it; false when absent. */
  readonly compress?: boolean;
  readonly unreadSectors?: readonly UnreadSectors[];
  readonly about?: Partial<CaseDescription>;
  readonly isPhysical?: boolean;
}

export interface WrittenE01 {
  readonly segmentPaths: readonly string[];
  readonly md5: string;
  readonly sha1: string;
}

/** Writes an E01 image, as EnCase 6 would. Throws a RangeError when the source is not of the stated length. */
export function writeE01(options: E01Options): WrittenE01 {
  const chunkSectors = options.chunkSectors ?? 64;
  const chunkBytes = chunkSectors * SECTOR_BYTES;
  const compress = options.compress === true;
  const volume = volumeData({
    chunks: Math.ceil(options.sizeBytes / chunkBytes),
    chunkSectors,
    sectors: options.sizeBytes / SECTOR_BYTES,
    isCompressed: compress,
    isPhysical: options.isPhysical ?? true,
  });
  const output = openSegments(options, volume);
  const md5 = createHash('md5');
  const sha1 = createHash('sha1');
  let doneBytes = 0;
  const zeros = compress ? deflateSync(Buffer.alloc(chunkBytes), { level: 1 }) : null;
  for (const chunk of regroup(options.source, chunkBytes)) {
    md5.update(chunk);
    sha1.update(chunk);
    doneBytes += chunk.length;
    const isZero = zeros !== null && chunk.length === chunkBytes && chunk.readBigUInt64LE(0) === 0n && chunk.every((byte) => byte === 0);
    const packed = isZero ? zeros : compress ? deflateSync(chunk, { level: 1 }) : null;
    if (packed !== null && packed.length < chunk.length) output.addChunk([packed], true);
    else output.addChunk([chunk, littleEndian(adler32(chunk))], false);
  }
  if (doneBytes !== options.sizeBytes) throw new RangeError(`source of ${doneBytes} bytes where ${options.sizeBytes} were stated`);
  const digests = { md5: md5.digest(), sha1: sha1.digest() };
  output.finish(digests.md5, digests.sha1);
  return { segmentPaths: output.paths, md5: digests.md5.toString('hex'), sha1: digests.sha1.toString('hex') };
}

interface Segments {
  readonly paths: string[];
  addChunk(parts: readonly Buffer[], isCompressed: boolean): void;
  finish(md5: Buffer, sha1: Buffer): void;
}

function openSegments(options: E01Options, volume: Buffer): Segments {
  const about = { caseNumber: 'Demo', evidenceNumber: '1', description: 'Generated image', examiner: 'Corpus', ...options.about };
  const limitBytes = options.segmentSizeBytes ?? Number.MAX_SAFE_INTEGER;
  const paths: string[] = [];
  let file = -1;
  let at = 0;
  let sectorsAt = 0;
  let offsets: number[] = [];

  const append = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, at + done);
    at += bytes.length;
  };
  const appendSection = (type: string, data: Buffer): void => {
    append(descriptor(type, at, data.length));
    append(data);
  };
  const startSegment = (): void => {
    const path = `${options.outBasePath}.${segmentExtension(paths.length + 1)}`;
    paths.push(path);
    file = openSync(path, 'w');
    at = 0;
    append(fileHead(paths.length));
    if (paths.length > 1) {
      appendSection('data', volume);
      return;
    }
    const header = headerData(about);
    appendSection('header2', header.utf16);
    appendSection('header2', header.utf16);
    appendSection('header', header.ascii);
    appendSection('volume', volume);
  };
  const startSectors = (): void => {
    sectorsAt = at;
    offsets = [];
    // The length is not known yet; the descriptor is written when it is.
    at += DESCRIPTOR_BYTES;
  };
  const endSectors = (): void => {
    if (offsets.length === 0) {
      at = sectorsAt;
      return;
    }
    const end = at;
    at = sectorsAt;
    append(descriptor('sectors', sectorsAt, end - sectorsAt - DESCRIPTOR_BYTES));
    at = end;
    const table = tableData(offsets, sectorsAt);
    appendSection('table', table);
    appendSection('table2', table);
  };
  const endSegment = (type: 'next' | 'done'): void => {
    append(descriptor(type, at, 0));
    closeSync(file);
  };

  startSegment();
  startSectors();
  return {
    paths,
    addChunk(parts, isCompressed) {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      // What must still follow: two tables, the descriptors, the digests.
      const tailBytes = 2 * (DESCRIPTOR_BYTES + 28 + (offsets.length + 1) * 4) + 4 * DESCRIPTOR_BYTES + 1024;
      if (offsets.length > 0 && at + length + tailBytes > limitBytes) {
        endSectors();
        endSegment('next');
        startSegment();
        startSectors();
      } else if (offsets.length === MOST_TABLE_ENTRIES || at - sectorsAt + length >= COMPRESSED) {
        endSectors();
        startSectors();
      }
      offsets.push((at - sectorsAt) | (isCompressed ? COMPRESSED : 0));
      for (const part of parts) append(part);
    },
    finish(md5, sha1) {
      endSectors();
      if ((options.unreadSectors?.length ?? 0) > 0) appendSection('error2', errorData(options.unreadSectors ?? []));
      appendSection('digest', digestData(md5, sha1));
      appendSection('hash', hashData(md5));
      endSegment('done');
    },
  };
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}

/** A file's bytes in pieces of 1 MiB, as a source. */
export function* readFileChunks(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(1 << 20);
      const count = readSync(file, piece, 0, piece.length, null);
      if (count === 0) return;
      yield piece.subarray(0, count);
    }
  } finally {
    closeSync(file);
  }
}

function* regroup(source: Iterable<Uint8Array>, pieceBytes: number): Generator<Buffer> {
  let held = Buffer.alloc(0);
  for (const chunk of source) {
    let rest: Buffer = held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([held, chunk]);
    for (; rest.length >= pieceBytes; rest = rest.subarray(pieceBytes)) yield rest.subarray(0, pieceBytes);
    held = Buffer.from(rest);
  }
  if (held.length > 0) yield held;
}
