import { readSync, writeSync } from 'node:fs';
import { BODY_LIMITS, FRAME_HEAD_BYTES, frameHead } from '../protocol/frames.ts';
import type { Frame } from '../protocol/frame-reader.ts';

/**
 * The worker's end of the talk with its parent, on one descriptor, read and written without turns of
 * the event loop: the worker has nothing to do until the answer is there.
 */
export class ParentChannel {
  readonly #descriptor: number;
  /** Kept for the next content, so that a large buffer is not made and cleared for each. */
  #kept = new Uint8Array(0);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  send(type: number, ...parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    this.#write(frameHead(type, length));
    for (const part of parts) this.#write(part);
  }

  /** Waits for the next frame; null when the parent is gone. `keep` gives a body that is valid until the next such call. */
  receive(keep = false): Frame | null {
    const head = new Uint8Array(FRAME_HEAD_BYTES);
    if (!this.#read(head)) return null;
    const length = new DataView(head.buffer).getUint32(0, true);
    const type = head[4] ?? 0;
    if (length > (BODY_LIMITS.get(type) ?? -1)) throw new Error('the parent sent a frame out of bounds');
    const body = keep ? this.#keptBody(length) : new Uint8Array(length);
    return this.#read(body) ? { type, body } : null;
  }

  #keptBody(length: number): Uint8Array {
    const needed = Math.max(64 * 1024, length);
    // Not far larger than needed, or one large picture would weigh on the memory limit of all that follow.
    if (this.#kept.length < needed || this.#kept.length > needed * 16) this.#kept = new Uint8Array(needed);
    return this.#kept.subarray(0, length);
  }

  #read(into: Uint8Array): boolean {
    for (let done = 0; done < into.length; ) {
      const count = readSync(this.#descriptor, into, done, into.length - done, null);
      if (count === 0) return false;
      done += count;
    }
    return true;
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done, bytes.length - done);
  }
}
