import { MalformedError, RefusedError } from '@kerbside/bytes';
import type { Decoders } from '../pool/decoders.ts';
import { STILL_MODES, type StillMode } from './apply-mode.ts';
import { checkStill } from './check-still.ts';
import { DEFAULT_STILL_PX, MAX_STILL_PX, MIN_STILL_PX } from './still-limits.ts';

/** A small picture for review, checked. */
export interface Still {
  readonly mode: StillMode;
  readonly format: 'jpeg' | 'png';
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: Uint8Array;
}

export interface StillOptions {
  readonly mode: StillMode;
  /** {@link MIN_STILL_PX} to {@link MAX_STILL_PX}; {@link DEFAULT_STILL_PX} when absent. */
  readonly longerSidePx?: number;
}

/** Time for one still: 10 s and 2 s a megabyte (reliability-and-security.md section 7). */
const BASE_TIMEOUT_MS = 10_000;
const TIMEOUT_MS_PER_MB = 2_000;

/**
 * Makes a still of a picture in the sandbox and checks what comes back.
 *
 * @throws what the sandbox says of the picture; MalformedError `decoder-lied`; RefusedError `still-size-unusable`
 */
export async function makeStill(decoders: Pick<Decoders, 'run'>, bytes: Uint8Array, options: StillOptions): Promise<Still> {
  const longerSidePx = options.longerSidePx ?? DEFAULT_STILL_PX;
  if (!Number.isInteger(longerSidePx) || longerSidePx < MIN_STILL_PX || longerSidePx > MAX_STILL_PX) {
    throw new RefusedError('still-size-unusable', `A still has ${MIN_STILL_PX} to ${MAX_STILL_PX} pixels on its longer side, not ${longerSidePx}.`);
  }
  const timeoutMs = BASE_TIMEOUT_MS + Math.ceil(bytes.byteLength / 1e6) * TIMEOUT_MS_PER_MB;
  const reply = await decoders.run({ kind: 'still', request: { mode: options.mode, longerSidePx }, content: { bytes }, timeoutMs });
  const seen = checkStill(reply.bytes);
  const { json } = reply;
  const agrees = json['widthPx'] === seen.widthPx && json['heightPx'] === seen.heightPx && json['format'] === seen.format && STILL_MODES.some((mode) => mode === json['mode'] && mode === options.mode);
  if (!agrees || Math.max(seen.widthPx, seen.heightPx) > longerSidePx) throw new MalformedError('decoder-lied', 'the sandbox answered with a still that is not what it says');
  return { ...seen, mode: options.mode, bytes: reply.bytes };
}
