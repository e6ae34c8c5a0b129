/** A list of whole numbers in one typed array that grows by halves as needed. */
export class GrowingList<Numbers extends Uint8Array | Uint32Array | Float64Array> {
  readonly #make: (length: number) => Numbers;
  #values: Numbers;
  #length = 0;

  constructor(make: (length: number) => Numbers) {
    this.#make = make;
    this.#values = make(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = this.#make(Math.ceil(this.#length * 1.5));
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  /** What the list holds; valid until the next `push`. */
  view(): Numbers {
    return this.#values.subarray(0, this.#length) as Numbers;
  }
}
