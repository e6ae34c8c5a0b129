import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { InternalError, RefusedError } from '@kerbside/bytes';

/** Bytes a chunk holds; big enough that the call per chunk costs nothing. */
const CHUNK_BYTES = 1024 * 1024;

/** Bytes of a file's beginning that formats may look at. */
export const HEAD_BYTES = 64 * 1024;

/**
 * One list file being imported. Its SHA-256 is taken while it is read, so a source is read once;
 * a reader that reads by other means (SQLite) leaves that to `finishDigest`.
 */
export interface SourceFile {
  readonly path: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  /** The first bytes, up to {@link HEAD_BYTES}. */
  readonly head: Buffer;
  /** The whole file in order. Each chunk is only valid until the next is asked for. May be called once. */
  chunks(): Generator<Buffer, void, void>;
  /** As `chunks`, as UTF-8 without a byte order mark: UTF-16 with a mark is transcoded. Invalid UTF-8 passes unchanged. */
  utf8Chunks(): Generator<Buffer, void, void>;
  /** SHA-256 of the whole file, hex; reads whatever `chunks` did not. */
  finishDigest(): string;
  close(): void;
}

/**
 * Opens a list file for import.
 *
 * @throws RefusedError `list-not-found`, `list-not-a-file`, `list-empty`
 */
export function openSourceFile(path: string): SourceFile {
  const fd = openRegularFile(path);
  const sizeBytes = fstatSync(fd).size;
  const head = Buffer.alloc(Math.min(HEAD_BYTES, sizeBytes));
  readSync(fd, head, 0, head.length, 0);
  const hash: Hash = createHash('sha256');
  let hashedTo = 0;
  let started = false;
  let open = true;

  function* chunks(): Generator<Buffer, void, void> {
    if (started) throw new InternalError('list-read-twice', `${path} was asked for twice`);
    started = true;
    yield* rest();
  }

  function* rest(): Generator<Buffer, void, void> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const got = readSync(fd, buffer, 0, CHUNK_BYTES, hashedTo);
      if (got === 0) return;
      const chunk = buffer.subarray(0, got);
      hash.update(chunk);
      hashedTo += got;
      yield chunk;
    }
  }

  return {
    path,
    fileName: basename(path),
    sizeBytes,
    head,
    chunks,
    utf8Chunks: () => withoutByteOrderMark(chunks(), head),
    finishDigest() {
      started = true;
      for (const _ of rest());
      return hash.digest('hex');
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

function openRegularFile(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new RefusedError(
      missing ? 'list-not-found' : 'list-not-readable',
      missing
        ? `there is no file ${path}: check the name given to --from`
        : `${path} could not be opened (${(cause as Error).message}): check its permissions`,
      {},
      cause,
    );
  }
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size === 0) {
    closeSync(fd);
    if (!stat.isFile()) throw new RefusedError('list-not-a-file', `${path} is not a file: name the list itself`);
    throw new RefusedError('list-empty', `${path} is empty (0 bytes): it may not have been copied whole`);
  }
  return fd;
}

function* withoutByteOrderMark(chunks: Iterable<Buffer>, head: Buffer): Generator<Buffer, void, void> {
  const utf16le = head[0] === 0xff && head[1] === 0xfe;
  const utf16be = head[0] === 0xfe && head[1] === 0xff;
  let skip = utf16le || utf16be ? 2 : head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const decoder = new StringDecoder('utf16le');
  let odd: Buffer | null = null;
  for (let chunk of chunks) {
    if (skip > 0) {
      const cut = Math.min(skip, chunk.length);
      chunk = chunk.subarray(cut);
      skip -= cut;
    }
    if (utf16be) {
      const joined: Buffer = odd === null ? Buffer.from(chunk) : Buffer.concat([odd, chunk]);
      odd = joined.length % 2 === 1 ? joined.subarray(joined.length - 1) : null;
      chunk = joined.subarray(0, joined.length - (joined.length % 2)).swap16();
    }
    yield utf16le || utf16be ? Buffer.from(decoder.write(chunk), 'utf8') : chunk;
  }
  if (utf16le || utf16be) {
    const rest = Buffer.from(decoder.end(), 'utf8');
    if (rest.length > 0) yield rest;
  }
}
