import { BODY_LIMITS, FRAME_HEAD_BYTES } from './frames.ts';

export interface Frame {
  readonly type: number;
  /** Memory of its own: never a view of another frame. */
  readonly body: Uint8Array;
}

/**
 * Puts frames together from bytes as they arrive. A type that does not exist or a body over its limit
 * throws before any memory is taken for it.
 */
export class FrameReader {
  readonly #head = new Uint8Array(FRAME_HEAD_BYTES);
  #headBytes = 0;
  #body: Uint8Array | null = null;
  #bodyBytes = 0;

  /**
   * Takes the next bytes and yields each frame that they complete.
   * @throws Error with the reason; the stream is then beyond use
   */
  *take(chunk: Uint8Array): Generator<Frame, void, undefined> {
    for (let position = 0; position < chunk.length || this.#isComplete(); ) {
      if (this.#body === null) {
        const count = Math.min(FRAME_HEAD_BYTES - this.#headBytes, chunk.length - position);
        this.#head.set(chunk.subarray(position, position + count), this.#headBytes);
        this.#headBytes += count;
        position += count;
        if (this.#headBytes < FRAME_HEAD_BYTES) return;
        this.#body = new Uint8Array(this.#checkedLength());
        this.#bodyBytes = 0;
      }
      const count = Math.min(this.#body.length - this.#bodyBytes, chunk.length - position);
      this.#body.set(chunk.subarray(position, position + count), this.#bodyBytes);
      this.#bodyBytes += count;
      position += count;
      if (!this.#isComplete()) return;
      const frame = { type: this.#type(), body: this.#body };
      this.#body = null;
      this.#headBytes = 0;
      yield frame;
    }
  }

  /** True in the middle of a frame. */
  get isBroken(): boolean {
    return this.#headBytes > 0;
  }

  #isComplete(): boolean {
    return this.#body !== null && this.#bodyBytes === this.#body.length;
  }

  #type(): number {
    return this.#head[4] ?? 0;
  }

  #checkedLength(): number {
    const length = new DataView(this.#head.buffer).getUint32(0, true);
    const limit = BODY_LIMITS.get(this.#type());
    if (limit === undefined) throw new Error(`a frame of the unknown type ${this.#type()}`);
    if (length > limit) throw new Error(`a frame of type ${this.#type()} with ${length} bytes where ${limit} are allowed`);
    return length;
  }
}
