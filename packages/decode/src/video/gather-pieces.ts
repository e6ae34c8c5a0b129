import { lied } from './check-reply.ts';

/** Gathers the pieces of a long answer, up to the bytes that an honest one can have. */
export class PieceGatherer {
  readonly #pieces: Uint8Array[] = [];
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Pieces past the bound are dropped; {@link whole} then refuses all of them. */
  readonly add = (piece: Uint8Array): void => {
    this.#bytes += piece.byteLength;
    if (this.#bytes <= this.#mostBytes) this.#pieces.push(piece.slice());
  };

  /** @throws MalformedError `decoder-lied` when more came than there can be */
  whole(): Uint8Array {
    if (this.#bytes > this.#mostBytes) throw lied(`${this.#bytes} bytes where at most ${this.#mostBytes} are due`);
    return Buffer.concat(this.#pieces);
  }
}
