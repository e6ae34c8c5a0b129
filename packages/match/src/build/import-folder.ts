import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { problemFrom, RefusedError } from '@kerbside/bytes';
import { walkFolder, type FolderProblem } from '../blocks/walk-folder.ts';
import type { SetSource } from '../compiled/layout.ts';
import type { PdqDialect } from '../near/pdq-hash.ts';
import type { RowCollector } from './row-collector.ts';

/** One hash of a file of a folder. */
export interface ContentHash {
  readonly dialect: PdqDialect;
  /** 32 bytes; the first is the first two digits of the text form. */
  readonly hash: Uint8Array;
  readonly quality: number;
  /** Time of a video's frame; null for a picture. */
  readonly seconds: number | null;
}

/** What a file of a folder is. */
export interface HashedContent {
  readonly kind: 'picture' | 'video' | 'other';
  readonly hashes: readonly ContentHash[];
  /** Bits within which frames of a video were left out beside the frame kept before them. */
  readonly prunedWithin?: number;
  /** How many those are, and how many frames cannot be compared. */
  readonly prunedFrames?: number;
  readonly notComparableFrames?: number;
}

/**
 * Makes the PDQ hashes of a file. Decoding is dangerous and belongs in a sandbox, which this package does not have:
 * the caller brings it. It throws what it cannot do; the file's digests are taken all the same.
 */
export type HashContent = (file: { readonly path: string; readonly head: Uint8Array; readonly sizeBytes: number }) => Promise<HashedContent>;

/** Folders to be made into a set. */
export interface FolderImport {
  readonly folders: readonly string[];
  readonly hashContent: HashContent;
  /** Category code that all of it gets, to be looked up in the category map as a list's own. */
  readonly categoryCode?: string;
}

/** What became of the files of folders. */
export interface FolderTotals {
  readonly files: number;
  readonly pictures: number;
  readonly videos: number;
  /** Neither picture nor video: not in the set. */
  readonly leftOut: number;
  readonly emptyFiles: number;
  /** In the set by their digests alone, with the reason. */
  readonly notHashed: readonly FolderProblem[];
  /** Not in the set. */
  readonly unreadable: readonly FolderProblem[];
}

/** Bytes of a file's beginning that tell what it is. */
const HEAD_BYTES = 4096;
const READ_BYTES = 1024 * 1024;

/** Takes the pictures and videos of folders into a set: digests of the files, and the hashes that `hashContent` makes. */
export async function importFolders(
  { folders, hashContent, categoryCode }: FolderImport,
  collector: RowCollector,
): Promise<{ sources: SetSource[]; totals: FolderTotals }> {
  const sources: SetSource[] = [];
  const notHashed: FolderProblem[] = [];
  const unreadable: FolderProblem[] = [];
  const totals = { files: 0, pictures: 0, videos: 0, leftOut: 0, emptyFiles: 0, notHashed, unreadable };
  for (const folder of folders) {
    const all = createHash('sha256');
    let sizeBytes = 0;
    let rows = 0;
    collector.startFile(basename(resolve(folder)));
    for (const name of walkFolder(requireFolder(folder), (problem) => unreadable.push(problem))) {
      const path = name.toString();
      const file = readFile(name, unreadable);
      if (file === null) continue;
      totals.files++;
      if (file.sizeBytes === 0) {
        totals.emptyFiles++;
        continue;
      }
      let content: HashedContent | null = null;
      try {
        content = await hashContent({ path, head: file.head, sizeBytes: file.sizeBytes });
      } catch (error) {
        notHashed.push({ path, reason: problemFrom(error).message });
      }
      if (content?.kind === 'other') {
        totals.leftOut++;
        continue;
      }
      if (content?.kind === 'picture') totals.pictures++;
      if (content?.kind === 'video') totals.videos++;
      rows++;
      for (const [kind, digest] of Object.entries(file.digests)) collector.setDigest(kind as keyof FileDigests, digest, 0);
      collector.setSize(file.sizeBytes);
      if (categoryCode !== undefined) collector.setCategory(categoryCode);
      addHashes(collector, content, rows);
      collector.endRow(rows);
      all.update(file.digests.sha256);
      sizeBytes += file.sizeBytes;
    }
    sources.push({ file: basename(resolve(folder)), format: 'folder', sha256: all.digest('hex'), sizeBytes, rows, placeUnit: 'record' });
  }
  return { sources, totals };
}

function addHashes(collector: RowCollector, content: HashedContent | null, place: number): void {
  if (content === null) return;
  collector.noteFrames(content.prunedWithin ?? 0, content.prunedFrames ?? 0, content.notComparableFrames ?? 0);
  for (const { dialect, hash, quality, seconds } of content.hashes) {
    collector.addPdqBytes(hash, place, { dialect, quality, milliseconds: seconds === null ? -1 : seconds * 1000, isFrame: content.kind === 'video' });
  }
}

interface FileDigests {
  readonly md5: Buffer;
  readonly sha1: Buffer;
  readonly sha256: Buffer;
}

interface ReadFile {
  readonly head: Uint8Array;
  readonly sizeBytes: number;
  readonly digests: FileDigests;
}

/** Reads a file once for its digests; null, and a problem, when that fails. */
function readFile(path: Buffer, problems: FolderProblem[]): ReadFile | null {
  let fd = -1;
  try {
    fd = openSync(path, 'r');
    const hashers = { md5: createHash('md5'), sha1: createHash('sha1'), sha256: createHash('sha256') };
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(READ_BYTES, fstatSync(fd).size + 1)));
    let head = Buffer.alloc(0);
    let sizeBytes = 0;
    for (let got = readSync(fd, buffer, 0, buffer.length, 0); got > 0; got = readSync(fd, buffer, 0, buffer.length, sizeBytes)) {
      const bytes = buffer.subarray(0, got);
      for (const hasher of Object.values(hashers)) hasher.update(bytes);
      if (sizeBytes === 0) head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
      sizeBytes += got;
    }
    return { head, sizeBytes, digests: { md5: hashers.md5.digest(), sha1: hashers.sha1.digest(), sha256: hashers.sha256.digest() } };
  } catch (error) {
    problems.push({ path: path.toString(), reason: (error as Error).message });
    return null;
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

function requireFolder(path: string): string {
  let fd = -1;
  try {
    fd = openSync(path, 'r');
    if (fstatSync(fd).isDirectory()) return path;
  } catch (cause) {
    throw new RefusedError('set-folder-not-found', `the folder ${path} could not be opened (${(cause as Error).message}): check the name given to --from-folder`, {}, cause);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
  throw new RefusedError('set-folder-not-found', `${path} is not a folder: name the folder to --from-folder, and lists to --from`);
}
