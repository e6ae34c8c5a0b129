/** Lines are passed on when about this much is gathered: one system call for hundreds of them. */
const BLOCK_BYTES = 128 * 1024;

/** UTF-8 takes at most three bytes for one UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;

/** Pieces from this length on are copied with a call of `set`; for shorter ones a loop is quicker. */
const LONG_BYTES = 48;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const ZERO = 0x30;

/** Largest number whose digits are made with whole-number arithmetic. */
const MOST_SMALL = 0x7fff_ffff;

/**
 * Lines of text, gathered as UTF-8 in one block of memory that is used again. A line is written
 * piece by piece, straight into the block: building a string of each line and encoding it afterwards
 * was half the cost of a listing.
 */
export class LineBuffer {
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #length = 0;
  /** Where the line being written begins; everything before is whole lines. */
  #lineStart = 0;
  readonly #onLines: (lines: Uint8Array) => void;

  /** @param onLines receives whole lines, each with its line feed; the bytes are valid only during the call */
  constructor(onLines: (lines: Uint8Array) => void) {
    this.#onLines = onLines;
  }

  /** Bytes that need no escaping. */
  bytes(piece: Uint8Array): void {
    if (piece.length < LONG_BYTES) {
      this.part(piece, 0, piece.length);
      return;
    }
    this.#makeRoom(piece.length);
    this.#block.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** Part of some bytes that need no escaping. */
  part(piece: Uint8Array, start: number, end: number): void {
    this.#makeRoom(end - start);
    const block = this.#block;
    let to = this.#length;
    for (let at = start; at < end; at++) block[to++] = piece[at]!;
    this.#length = to;
  }

  /** Text that needs no escaping. */
  text(piece: string): void {
    this.#makeRoom(piece.length * MOST_BYTES_PER_UNIT);
    this.#length += this.#block.write(piece, this.#length, 'utf8');
  }

  /** The inside of a JSON string: what must be escaped is. */
  jsonText(piece: string): void {
    const { length } = piece;
    this.#makeRoom(length);
    const block = this.#block;
    let to = this.#length;
    for (let at = 0; at < length; at++) {
      const unit = piece.charCodeAt(at);
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) {
        this.text(JSON.stringify(piece).slice(1, -1));
        return;
      }
      block[to++] = unit;
    }
    this.#length = to;
  }

  /** A number as JSON has it. */
  number(value: number): void {
    if (!(value >= 0 && value <= MOST_SMALL) || !Number.isInteger(value)) {
      this.text(String(value));
      return;
    }
    let digits = 1;
    for (let limit = 10; limit <= value; limit *= 10) digits += 1;
    this.#makeRoom(digits);
    let rest = value | 0;
    for (let to = this.#length + digits - 1; to >= this.#length; to--) {
      const above = (rest / 10) | 0;
      this.#block[to] = ZERO + rest - above * 10;
      rest = above;
    }
    this.#length += digits;
  }

  /** Ends the line; what is gathered is passed on when it is enough. */
  endLine(): void {
    this.#makeRoom(1);
    this.#block[this.#length++] = LINE_FEED;
    this.#lineStart = this.#length;
    if (this.#length >= BLOCK_BYTES) this.flush();
  }

  /** A whole line. */
  line(text: string): void {
    this.text(text);
    this.endLine();
  }

  /** Takes the line being written out again, as text. */
  takeLine(): string {
    const line = this.#block.toString('utf8', this.#lineStart, this.#length);
    this.#length = this.#lineStart;
    return line;
  }

  /** Passes on all whole lines. */
  flush(): void {
    if (this.#lineStart === 0) return;
    this.#onLines(this.#block.subarray(0, this.#lineStart));
    this.#block.copyWithin(0, this.#lineStart, this.#length);
    this.#length -= this.#lineStart;
    this.#lineStart = 0;
  }

  #makeRoom(count: number): void {
    if (this.#length + count <= this.#block.length) return;
    this.flush();
    if (this.#length + count <= this.#block.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#block.length * 2, this.#length + count));
    this.#block.copy(larger, 0, 0, this.#length);
    this.#block = larger;
  }
}
