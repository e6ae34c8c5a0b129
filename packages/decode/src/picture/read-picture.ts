import type { Decoders } from '../pool/decoders.ts';
import { unpackPicture } from './pack-picture.ts';
import type { PictureMode, PictureResult } from './picture-result.ts';

export interface ReadPictureOptions {
  readonly mode: PictureMode;
  /** All eight ways in which a picture can lie, of every hash. */
  readonly orientations?: boolean;
  /** CPU milliseconds; the pool's own limit by length when absent. */
  readonly timeoutMs?: number;
}

/**
 * Facts and hashes of one picture file, made in the sandbox; every field of the answer is checked again here.
 *
 * @param bytes the whole file
 * @throws KerbsideError `picture-unknown`, `picture-no-preview` (unsupported); `picture-undecodable` (malformed);
 *   `picture-pixels`, `jpeg-work` (limit); what the pool throws
 */
export async function readPicture(decoders: Pick<Decoders, 'run'>, bytes: Uint8Array, options: ReadPictureOptions): Promise<PictureResult> {
  const orientations = options.orientations === true;
  const { json, bytes: packed } = await decoders.run({
    kind: 'picture',
    request: { mode: options.mode, orientations },
    content: { bytes },
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return unpackPicture(json, packed, orientations, options.mode);
}
