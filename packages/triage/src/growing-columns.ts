/**
 * Growable typed arrays: a catalogue of a million items lives in a few of these instead of in
 * millions of objects, which keeps the whole process under its memory limit.
 */

type ColumnArray = Uint8Array | Uint32Array | Float32Array | Float64Array;

/** An append-only column of numbers over one typed array. */
export class GrowingColumn<A extends ColumnArray> {
  length = 0;
  #values: A;
  readonly #grow: (old: A, capacity: number) => A;

  /** @param make makes an array of the given capacity, holding the old one's values at its start */
  constructor(make: (old: A | null, capacity: number) => A, capacity = 1024) {
    this.#grow = make;
    this.#values = make(null, capacity);
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#values = this.#grow(this.#values, this.length + (this.length >> 1));
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** The value at `index`; the caller stays below `length`. */
  at(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** The backing array, longer than `length`; valid until the next `push`. */
  get values(): A {
    return this.#values;
  }
}

export const bytesColumn = (): GrowingColumn<Uint8Array> =>
  new GrowingColumn((old, capacity) => {
    const grown = new Uint8Array(capacity);
    if (old !== null) grown.set(old);
    return grown;
  });

export const wordsColumn = (): GrowingColumn<Uint32Array> =>
  new GrowingColumn((old, capacity) => {
    const grown = new Uint32Array(capacity);
    if (old !== null) grown.set(old);
    return grown;
  });

export const doublesColumn = (): GrowingColumn<Float64Array> =>
  new GrowingColumn((old, capacity) => {
    const grown = new Float64Array(capacity);
    if (old !== null) grown.set(old);
    return grown;
  });

export const floatsColumn = (): GrowingColumn<Float32Array> =>
  new GrowingColumn((old, capacity) => {
    const grown = new Float32Array(capacity);
    if (old !== null) grown.set(old);
    return grown;
  });

/** Bytes of many short texts, one after another. */
export class TextArena {
  length = 0;
  #bytes = Buffer.allocUnsafe(64 * 1024);

  /** Appends a text as UTF-8 and returns where it starts; it ends at the arena's new `length`. */
  append(text: string): number {
    this.#reserve(text.length * 3);
    const start = this.length;
    this.length += this.#bytes.write(text, start, 'utf8');
    return start;
  }

  /** Appends bytes as they are and returns where they start. */
  appendBytes(bytes: Uint8Array): number {
    this.#reserve(bytes.byteLength);
    const start = this.length;
    this.#bytes.set(bytes, start);
    this.length += bytes.byteLength;
    return start;
  }

  text(start: number, end: number): string {
    return this.#bytes.toString('utf8', start, end);
  }

  /** A copy of the bytes from `start` to `end`. */
  bytes(start: number, end: number): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(start, end));
  }

  /** All bytes so far; valid until the next append. */
  get filled(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length + (this.#bytes.length >> 1), this.length + more));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }
}
