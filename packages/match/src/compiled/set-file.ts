import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { createHash, hash } from 'node:crypto';
import { endianness } from 'node:os';
import { RefusedError } from '@kerbside/bytes';
import { altered, decodeHeader, decodePrologue } from './header.ts';
import { BLOCK_BYTES, type Section, type SectionName, type SetHeader } from './layout.ts';

/** A compiled set file open for reading; every byte handed out has been checked against its digest. */
export interface SetFile {
  readonly path: string;
  readonly header: SetHeader;
  /** A section checked whole; empty when the set has none of that name. */
  readWhole(name: SectionName): Uint8Array;
  /** The open file, for {@link readCheckedInto}. */
  readonly fd: number;
  /** The section of a name; null when the set has none. */
  find(name: SectionName): Section | null;
  /** A reader of one section's blocks; the returned bytes are valid until its next call. */
  blockReader(name: SectionName): ((block: number) => Buffer) | null;
  close(): void;
}

/**
 * Opens a compiled set and checks its prologue and header.
 *
 * @throws RefusedError `set-not-found`, `set-not-readable`, `set-not-a-set`, `set-version-unknown`, `set-truncated`, `set-altered`
 */
export function openSetFile(path: string): SetFile {
  if (endianness() !== 'LE') {
    throw new RefusedError('set-machine-unsupported', 'compiled sets are read on little-endian machines only (x86-64, arm64)');
  }
  const fd = openForReading(path);
  let open = true;
  try {
    const fileBytes = fstatSync(fd).size;
    const prologue = decodePrologue(readUpTo(fd, 0, BLOCK_BYTES), fileBytes, path);
    const headerBytes = readUpTo(fd, prologue.headerOffset, prologue.headerBytes);
    const header = decodeHeader(headerBytes, prologue, path);
    checkSections(header, prologue.headerOffset, path);
    checkPadding(fd, header, prologue.headerOffset, path);
    const find = (name: SectionName): Section | undefined => header.sections.find((section) => section.name === name);

    const readWhole = (name: SectionName): Uint8Array => {
      const section = find(name);
      if (section === undefined) return new Uint8Array(0);
      const bytes = readChecked(fd, section, path);
      return bytes;
    };
    let blockDigests: Uint8Array | null = null;

    return {
      path,
      header,
      readWhole,
      fd,
      find: (name) => find(name) ?? null,
      blockReader(name) {
        const section = find(name);
        if (section?.firstBlock === undefined) return null;
        blockDigests ??= readWhole('block-digests');
        return makeBlockReader(fd, section, section.firstBlock, blockDigests, path);
      },
      close() {
        if (open) closeSync(fd);
        open = false;
      },
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Reads every byte of a compiled set and checks it; opening alone checks what it loads, and the
 * rest as it is read.
 *
 * @throws RefusedError as {@link openSetFile}, and `set-altered`
 */
export async function verifySetFile(path: string): Promise<SetHeader> {
  const file = openSetFile(path);
  try {
    for (const section of file.header.sections) {
      if (section.sha256 !== undefined) await checkWhole(path, section);
      else {
        const read = file.blockReader(section.name)!;
        const blocks = Math.ceil(section.lengthBytes / BLOCK_BYTES);
        for (let block = 0; block < blocks; block++) read(block);
      }
    }
    return file.header;
  } finally {
    file.close();
  }
}

async function checkWhole(path: string, section: Section): Promise<void> {
  if (section.lengthBytes === 0) return;
  const digest = createHash('sha256');
  const end = section.offset + section.lengthBytes - 1;
  for await (const chunk of createReadStream(path, { start: section.offset, end })) digest.update(chunk as Buffer);
  if (digest.digest('hex') !== section.sha256) throw altered(path, `its section ${section.name}`);
}

function openForReading(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new RefusedError('set-not-found', `there is no file ${path}: check the name given to --set`, {}, cause);
    }
    throw new RefusedError('set-not-readable', `${path} could not be opened (${(cause as Error).message}): check its permissions`, {}, cause);
  }
  if (!fstatSync(fd).isFile()) {
    closeSync(fd);
    throw new RefusedError('set-not-a-set', `${path} is not a file: name the compiled set itself`);
  }
  return fd;
}

/** Section bounds and sizes as a builder writes them; the header's own digest has been checked, this catches a foreign builder's faults. */
function checkSections(header: SetHeader, headerOffset: number, path: string): void {
  for (const { name, offset, lengthBytes } of header.sections) {
    const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(lengthBytes) && offset >= BLOCK_BYTES &&
      offset % BLOCK_BYTES === 0 && lengthBytes >= 0 && offset + lengthBytes <= headerOffset;
    if (!inside) throw altered(path, `the place of its section ${name}`);
  }
}

/** What stands between prologue, sections and header must be zeros, as it was built: then no altered byte goes unseen. */
function checkPadding(fd: number, header: SetHeader, headerOffset: number, path: string): void {
  let end = BLOCK_BYTES;
  for (const { offset, lengthBytes } of [...header.sections, { offset: headerOffset, lengthBytes: 0 }].sort((a, b) => a.offset - b.offset || a.lengthBytes - b.lengthBytes)) {
    if (offset - end >= BLOCK_BYTES) throw altered(path, 'the places of its sections');
    const padding = readUpTo(fd, end, Math.max(0, offset - end));
    if (padding.some((byte) => byte !== 0)) throw altered(path, `the padding before byte ${offset}`);
    end = Math.max(end, offset + lengthBytes);
  }
}

function readChecked(fd: number, section: Section, path: string): Uint8Array {
  const bytes = readUpTo(fd, section.offset, section.lengthBytes);
  if (bytes.length !== section.lengthBytes || hash('sha256', bytes, 'hex') !== section.sha256) {
    throw altered(path, `its section ${section.name}`);
  }
  return bytes;
}

/** Bytes read and hashed in one go: they are still in the processor's cache when they are hashed. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Reads a section checked whole to `into`, which is as long as it is; shared memory will do.
 *
 * @throws RefusedError `set-altered`
 */
export function readCheckedInto(fd: number, section: Section | null, name: SectionName, into: Uint8Array, path: string): void {
  if (section?.sha256 === undefined || section.lengthBytes !== into.length) throw altered(path, `its section ${name}`);
  const digest = createHash('sha256');
  for (let done = 0; done < into.length; ) {
    const piece = into.subarray(done, done + PIECE_BYTES);
    const got = readSync(fd, piece, 0, piece.length, section.offset + done);
    if (got === 0) throw altered(path, `its section ${name}`);
    digest.update(piece.subarray(0, got));
    done += got;
  }
  if (digest.digest('hex') !== section.sha256) throw altered(path, `its section ${name}`);
}

function makeBlockReader(
  fd: number,
  section: Section,
  firstBlock: number,
  digests: Uint8Array,
  path: string,
): (block: number) => Buffer {
  const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  return (block) => {
    const from = block * BLOCK_BYTES;
    const length = Math.min(BLOCK_BYTES, section.lengthBytes - from);
    const expected = (firstBlock + block) * 32;
    if (!(length > 0) || expected + 32 > digests.length) throw altered(path, `its section ${section.name}`);
    const bytes = buffer.subarray(0, length);
    if (readInto(fd, bytes, section.offset + from) !== length) throw altered(path, `its section ${section.name}`);
    const actual = hash('sha256', bytes, 'buffer');
    for (let i = 0; i < 32; i++) {
      if (actual[i] !== digests[expected + i]) throw altered(path, `block ${block} of its section ${section.name}`);
    }
    return bytes;
  };
}

/** Up to `length` bytes at `position`: fewer where the file ends. The buffer starts on a multiple of 8. */
function readUpTo(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, readInto(fd, bytes, position));
}

function readInto(fd: number, into: Buffer, position: number): number {
  let done = 0;
  while (done < into.length) {
    const got = readSync(fd, into, done, Math.min(into.length - done, 2 ** 30), position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}
