import { KerbsideError, LimitError } from '@kerbside/bytes';
import type { HandlerInput } from '../worker/handler.ts';
import { MAX_UNREADABLE_BYTES } from './limits.ts';

/** Blocks in which content is asked of the parent and kept. */
const BLOCK_BYTES = 128 * 1024;

/** Blocks kept: 8 MiB. Enough for interleaved audio and video and for going back to a table of samples in pieces. */
const KEPT_BLOCKS = 64;

/** An unreadable block is asked for again in pieces of this size, so that one bad sector costs no more than it holds. */
const PIECE_BYTES = 4096;

/**
 * The content of one clip as blocks asked of the parent when they are needed, the newest of them kept.
 * Bytes that the medium cannot give are zeros here and counted: the decoder goes on, and the damage is told.
 */
export class RangedContent {
  readonly sizeBytes: number;
  readonly #input: HandlerInput;
  readonly #blocks = new Map<number, Promise<Uint8Array>>();
  #unreadableBytes = 0;
  #readBytes = 0;
  #failure: KerbsideError | null = null;

  constructor(input: HandlerInput) {
    this.#input = input;
    this.sizeBytes = input.sizeBytes;
  }

  /** Bytes that the medium could not give, of those asked for. */
  get unreadableBytes(): number {
    return this.#unreadableBytes;
  }

  /** Bytes asked of the parent. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Why reading was given up, if it was. */
  get failure(): KerbsideError | null {
    return this.#failure;
  }

  /** The bytes from `offset` to the end of its block. */
  async readFrom(offset: number): Promise<Uint8Array> {
    const index = Math.floor(offset / BLOCK_BYTES);
    return (await this.#block(index)).subarray(offset - index * BLOCK_BYTES);
  }

  /** Exactly these bytes, past the blocks kept; both bounds inside the content. */
  readExactly(offset: number, length: number): Promise<Uint8Array> {
    return this.#read(offset, length);
  }

  #block(index: number): Promise<Uint8Array> {
    const kept = this.#blocks.get(index);
    if (kept !== undefined) {
      this.#blocks.delete(index);
      this.#blocks.set(index, kept);
      return kept;
    }
    const asked = this.#read(index * BLOCK_BYTES, Math.min(BLOCK_BYTES, this.sizeBytes - index * BLOCK_BYTES));
    this.#blocks.set(index, asked);
    const oldest = this.#blocks.keys().next().value;
    if (this.#blocks.size > KEPT_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
    return asked;
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    this.#readBytes += length;
    try {
      return whole(await this.#input.readAt(offset, length), length);
    } catch (error) {
      if (!isUnreadable(error)) throw this.#giveUp(error);
    }
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const size = Math.min(PIECE_BYTES, length - at);
      try {
        bytes.set(whole(await this.#input.readAt(offset + at, size), size), at);
      } catch (error) {
        if (!isUnreadable(error)) throw this.#giveUp(error);
        this.#unreadableBytes += size;
        if (this.#unreadableBytes > MAX_UNREADABLE_BYTES) {
          throw this.#giveUp(
            new LimitError('video-limit-unreadable', `more than ${MAX_UNREADABLE_BYTES} bytes of the video could not be read from the medium`, {
              offset: offset + at,
              length: size,
            }),
          );
        }
      }
    }
    return bytes;
  }

  #giveUp(error: unknown): unknown {
    if (error instanceof KerbsideError) this.#failure ??= error;
    return error;
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof KerbsideError && error.kind === 'medium';
}

/** A short answer inside the stated size is filled with zeros: the decoder must not be told another size than at first. */
function whole(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.byteLength === length) return bytes;
  const filled = new Uint8Array(length);
  filled.set(bytes.subarray(0, length));
  return filled;
}
