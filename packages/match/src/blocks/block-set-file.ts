import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { RefusedError } from '@kerbside/bytes';
import { MAGIC } from '../compiled/layout.ts';
import { blockSetAltered, decodeBlockSetHeader, decodeBlockSetPrologue, type UncheckedHeader } from './header.ts';
import { BLOCK_SET_MAGIC, PIECE_BYTES, PROLOGUE_BYTES, SECTION_ALIGN_BYTES, SECTION_ORDER, type BlockSetHeader, type BlockSetSection } from './layout.ts';
import { sectionDigest } from './section-writer.ts';

/** What a file is by its first bytes: a block set, a compiled set, or neither (null, also when it cannot be read). */
export function readBlockSetKind(path: string): 'block-set' | 'compiled-set' | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const start = Buffer.alloc(BLOCK_SET_MAGIC.length);
    readSync(fd, start, 0, start.length, 0);
    if (start.equals(BLOCK_SET_MAGIC)) return 'block-set';
    return start.equals(MAGIC) ? 'compiled-set' : null;
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/** An open block set file, its prologue and header read, nothing of it vouched for yet. */
export interface OpenBlockSetFile {
  readonly path: string;
  readonly unchecked: UncheckedHeader;
  /**
   * Reads a section into memory that threads can share, and checks it.
   * @throws RefusedError `block-set-altered`, `block-set-reordered`
   */
  readSection(section: BlockSetSection): SharedArrayBuffer;
  close(): void;
}

/**
 * Opens a block set file and checks its shape.
 *
 * @throws RefusedError `block-set-not-found`, `block-set-not-readable`, `block-set-not-one`,
 *   `block-set-version-unknown`, `block-set-truncated`, `block-set-altered`
 */
export function openBlockSetFile(path: string): OpenBlockSetFile {
  const fd = openForReading(path);
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  try {
    const fileBytes = fstatSync(fd).size;
    const prologue = decodeBlockSetPrologue(readUpTo(fd, 0, PROLOGUE_BYTES), fileBytes, path);
    const unchecked = decodeBlockSetHeader(readUpTo(fd, prologue.headerOffset, prologue.headerBytes), prologue, path);
    return { path, unchecked, readSection: (section) => readSection(fd, section, unchecked.header, path), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Header of a block set, not vouched for. Throws as {@link openBlockSetFile}. */
export function readHeaderOf(path: string): UncheckedHeader {
  const file = openBlockSetFile(path);
  file.close();
  return file.unchecked;
}

/**
 * Checks that the sections of a signed header lie as the format says. A good signature vouches for
 * the owner, not for their program.
 *
 * @throws RefusedError `block-set-altered`
 */
export function checkSectionPlaces(header: BlockSetHeader, headerOffset: number, path: string): void {
  let end = PROLOGUE_BYTES;
  for (const [i, name] of SECTION_ORDER.entries()) {
    const section = header.sections[i];
    if (section?.name !== name || section.offset !== end || !Number.isSafeInteger(section.lengthBytes) || section.lengthBytes < 0) {
      throw blockSetAltered(path, 'the list of its sections');
    }
    end += Math.ceil(section.lengthBytes / SECTION_ALIGN_BYTES) * SECTION_ALIGN_BYTES;
  }
  if (end !== headerOffset || header.sections.length !== SECTION_ORDER.length) throw blockSetAltered(path, 'the list of its sections');
}

function readSection(fd: number, section: BlockSetSection, header: BlockSetHeader, path: string): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(Math.ceil(section.lengthBytes / SECTION_ALIGN_BYTES) * SECTION_ALIGN_BYTES);
  const padded = new Uint8Array(shared);
  for (let at = 0; at < padded.length; ) {
    const got = readSync(fd, padded, at, Math.min(PIECE_BYTES, padded.length - at), section.offset + at);
    if (got === 0) throw blockSetAltered(path, `its section ${section.name}`);
    at += got;
  }
  const digest = sectionDigest(padded.subarray(0, section.lengthBytes));
  if (digest !== section.sha256) {
    const other = header.sections.find(({ sha256, name }) => sha256 === digest && name !== section.name);
    if (other === undefined) throw blockSetAltered(path, `its section ${section.name}`);
    throw new RefusedError('block-set-reordered', `${path} holds its section ${other.name} where ${section.name} belongs: copy it again, or ask its owner`);
  }
  for (let at = section.lengthBytes; at < padded.length; at++) if (padded[at] !== 0) throw blockSetAltered(path, 'its padding');
  return shared;
}

function readUpTo(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const got = readSync(fd, bytes, done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

function openForReading(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new RefusedError(
      missing ? 'block-set-not-found' : 'block-set-not-readable',
      missing ? `there is no block set ${path}: check the name` : `${path} could not be opened (${(cause as Error).message}): check its permissions`,
      {},
      cause,
    );
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new RefusedError('block-set-not-one', `${path} is not a file, so it is no block set`);
}
