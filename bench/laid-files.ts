import { closeSync, openSync, readSync } from 'node:fs';
import { requireInside, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import type { MachineFile } from './machine-files.ts';

const CLUSTER_BYTES = 4096;

/** Files one behind the other, each from a multiple of 4 KiB on, as a volume without fragments holds them. Nothing is copied. */
export class LaidFiles implements RandomAccessSource {
  readonly originOffset = 0;
  readonly sizeBytes: number;
  readonly #files: readonly MachineFile[];
  readonly #starts: Float64Array;
  #open: { readonly file: number; readonly descriptor: number } | null = null;

  constructor(files: readonly MachineFile[]) {
    this.#files = files;
    this.#starts = new Float64Array(files.length + 1);
    for (const [index, { sizeBytes }] of files.entries()) this.#starts[index + 1] = this.#starts[index]! + Math.ceil(sizeBytes / CLUSTER_BYTES) * CLUSTER_BYTES;
    this.sizeBytes = this.#starts[files.length]!;
  }

  /** The file that holds a byte, and where it begins. */
  fileAt(offset: number): { readonly file: MachineFile; readonly start: number } {
    const index = this.#indexAt(offset);
    return { file: this.#files[index]!, start: this.#starts[index]! };
  }

  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength);
    target.fill(0);
    const unreadable: ByteRange[] = [];
    const end = offset + target.byteLength;
    for (let index = this.#indexAt(offset); index < this.#files.length && this.#starts[index]! < end; index++) {
      const start = this.#starts[index]!;
      const from = Math.max(offset, start);
      const until = Math.min(end, start + this.#files[index]!.sizeBytes);
      if (until > from && !this.#read(index, target.subarray(from - offset, until - offset), from - start)) unreadable.push({ offset: from, length: until - from });
    }
    return unreadable;
  }

  close(): void {
    if (this.#open !== null) closeSync(this.#open.descriptor);
    this.#open = null;
  }

  /** False for a file that cannot be read or is shorter by now. */
  #read(index: number, target: Uint8Array, position: number): boolean {
    try {
      if (this.#open?.file !== index) {
        this.close();
        this.#open = { file: index, descriptor: openSync(this.#files[index]!.path, 'r') };
      }
      for (let done = 0; done < target.byteLength; ) {
        const got = readSync(this.#open!.descriptor, target, done, target.byteLength - done, position + done);
        if (got === 0) return false;
        done += got;
      }
      return true;
    } catch {
      return false;
    }
  }

  #indexAt(offset: number): number {
    let low = 0;
    let high = this.#files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
