import { readFile, stat } from 'node:fs/promises';
import { LimitError, RefusedError } from '@kerbside/bytes';
import type { Decoders } from '../pool/decoders.ts';
import { lie } from '../pool/worker-fault.ts';
import { MAX_WHOLE_CONTENT_BYTES } from '../protocol/limits.ts';
import { unpackHashes } from './pack-hashes.ts';
import type { PictureHashes } from './picture-hashes.ts';

/** PDQ of one picture, with what one should know beside it. */
export interface HashedPicture {
  readonly hashes: PictureHashes;
  /** Pixels of the picture as stored. */
  readonly width: number;
  readonly height: number;
  /** `fast` only where it was asked for and the file allows it. */
  readonly mode: 'exact' | 'fast';
  /** The file is cut short or damaged; the hashes are of what is left. */
  readonly damaged: boolean;
  /** More than 8 bits a channel: other programs may hash this file differently. */
  readonly lowTrust: boolean;
}

export interface HashPictureOptions {
  /** JPEG from its brightness plane at reduced size: about 2 bits off, for a fraction of the time. */
  readonly fast?: boolean;
  /** All eight ways in which the picture can lie. */
  readonly orientations?: boolean;
  readonly timeoutMs?: number;
}

/** CPU time: a 120-megapixel picture takes about 10 s on a slow core; what needs longer is no photograph. */
export const HASH_TIMEOUT_MS = 60_000;

/** What a decoder is given whole. */
export const MAX_PICTURE_FILE_BYTES = MAX_WHOLE_CONTENT_BYTES;

/** Sides beyond what any picture format states. */
const MAX_SIDE_PX = 2 ** 31;

/**
 * Hashes a picture in the sandbox and checks every field of the answer.
 *
 * @throws KerbsideError what the handler and the pool throw: `picture-undecodable`, `picture-pixels`, `jpeg-work`,
 *   `decoder-died`, `decoder-overran`, `decoder-lied`, `sandbox-unsound`
 */
export async function hashPicture(decoders: Pick<Decoders, 'run'>, bytes: Uint8Array, options: HashPictureOptions = {}): Promise<HashedPicture> {
  const orientations = options.orientations === true;
  const fast = options.fast === true;
  const { json, bytes: packed } = await decoders.run({
    kind: 'pdq',
    request: { fast, orientations },
    content: { bytes },
    timeoutMs: options.timeoutMs ?? HASH_TIMEOUT_MS,
  });
  const hashes = unpackHashes(packed);
  const { width, height, mode, damaged, lowTrust } = json;
  if (hashes === null || (hashes.orientations !== undefined) !== orientations) throw lie('hashes of another length');
  if (!isSide(width) || !isSide(height)) throw lie('sides that no picture has');
  if (mode !== 'exact' && (mode !== 'fast' || !fast)) throw lie('a mode that was not asked for');
  if (typeof damaged !== 'boolean' || typeof lowTrust !== 'boolean') throw lie('a mark that is neither true nor false');
  return { hashes, width, height, mode, damaged, lowTrust };
}

/**
 * Hashes a picture file that the user named.
 *
 * @throws as {@link hashPicture}; RefusedError `picture-unreadable` when there is no such file or it cannot be read;
 *   LimitError `picture-file-size`
 */
export async function hashPictureFile(decoders: Pick<Decoders, 'run'>, path: string, options: HashPictureOptions = {}): Promise<HashedPicture> {
  return hashPicture(decoders, await readPictureFile(path), options);
}

async function readPictureFile(path: string): Promise<Uint8Array> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw new RefusedError('picture-unreadable', 'It is not a file.');
    if (facts.size > MAX_PICTURE_FILE_BYTES) throw new LimitError('picture-file-size', `The file has ${facts.size} bytes, more than ${MAX_PICTURE_FILE_BYTES}.`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof RefusedError || cause instanceof LimitError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    throw new RefusedError('picture-unreadable', code === 'ENOENT' ? 'There is no such file.' : `It cannot be read (${code ?? 'unknown reason'}).`, {}, cause);
  }
}

function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SIDE_PX;
}
