import type { Member } from '@kerbside/evidence';
import { HEAD_BYTES } from './examination.ts';

/** What is told of the pieces as they come. */
export interface FlowWatch {
  /** Called before each piece; what it throws ends the flow. */
  beforePiece(): void;
  /** Called with each piece, which is valid during the call only. */
  onPiece(piece: Uint8Array): void;
}

/** The pieces of a packed member, taken one after another by whoever wants them, and watched as they come. */
export class MemberFlow {
  doneBytes = 0;
  readonly #watch: FlowWatch;
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #waiting: Buffer[] = [];
  #isAtEnd = false;

  constructor(member: Pick<Member, 'content'>, watch: FlowWatch) {
    this.#watch = watch;
    const content = member.content();
    this.#iterator = Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : content[Symbol.iterator]();
  }

  /** The first bytes; they stay to be taken. */
  async head(): Promise<Uint8Array> {
    let length = 0;
    while (length < HEAD_BYTES) {
      const piece = await this.#next();
      if (piece === null) break;
      this.#waiting.push(Buffer.from(piece));
      length += piece.byteLength;
    }
    return Buffer.concat(this.#waiting);
  }

  /** All that is left to take, piece by piece. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) yield waiting;
    for (let piece = await this.#next(); piece !== null; piece = await this.#next()) yield piece;
  }

  /** Everything at once; null when it is longer than `maxBytes`. */
  async keep(maxBytes: number): Promise<Uint8Array | null> {
    const kept: Buffer[] = [];
    let length = 0;
    for await (const piece of this.pieces()) {
      length += piece.byteLength;
      if (length > maxBytes) return null;
      kept.push(Buffer.from(piece));
    }
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  }

  async drain(): Promise<void> {
    this.#waiting = [];
    while ((await this.#next()) !== null);
  }

  /** Whatever is left is not wanted any more. */
  async end(): Promise<void> {
    if (!this.#isAtEnd) await this.#iterator.return?.(undefined);
    this.#isAtEnd = true;
  }

  async #next(): Promise<Uint8Array | null> {
    if (this.#isAtEnd) return null;
    this.#watch.beforePiece();
    const { done, value } = await this.#iterator.next();
    if (done === true) {
      this.#isAtEnd = true;
      return null;
    }
    this.doneBytes += value.byteLength;
    this.#watch.onPiece(value);
    return value;
  }
}
