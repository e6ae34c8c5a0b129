import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';

/** Descriptors kept open at once; an E01 of 1 TB may have 700 segments and the usual limit of a process is 1,024. */
const MAX_OPEN_FILES = 32;

/**
 * Opens a file for reading only and, where the system lets us, without touching its access time.
 * @throws the system's error
 */
export function openReadOnly(path: string | Buffer, extraFlags = 0): number {
  const flags = constants.O_RDONLY | extraFlags;
  if (constants.O_NOATIME === undefined) return openSync(path, flags);
  try {
    return openSync(path, flags | constants.O_NOATIME);
  } catch (error) {
    // O_NOATIME is only for a file's owner.
    if (errnoOf(error) !== 'EPERM') throw error;
    return openSync(path, flags);
  }
}

/** The system's error name (`EIO`, `ENOENT`, …), or an empty string. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Positioned reads from a numbered set of files, with a bounded number of open descriptors. */
export class EvidenceFiles {
  readonly paths: readonly string[];
  /** Insertion order is order of last use. */
  readonly #open = new Map<number, number>();

  constructor(paths: readonly string[]) {
    this.paths = paths;
  }

  /**
   * Like pread(2): returns the number of bytes read, 0 at the end of the file, and throws the system's error. A device that
   * was pulled fails with EIO as a bad sector does, but its node is gone: that is told as ENODEV.
   */
  readAt(file: number, target: Uint8Array, targetOffset: number, length: number, position: number): number {
    try {
      return readSync(this.#descriptor(file), target, targetOffset, length, position);
    } catch (error) {
      if (errnoOf(error) !== 'EIO' || existsSync(this.paths[file]!)) throw error;
      throw Object.assign(new Error('the device was removed', { cause: error }), { code: 'ENODEV' });
    }
  }

  close(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  #descriptor(file: number): number {
    const known = this.#open.get(file);
    if (known !== undefined) {
      if (this.paths.length > MAX_OPEN_FILES) {
        this.#open.delete(file);
        this.#open.set(file, known);
      }
      return known;
    }
    if (this.#open.size >= MAX_OPEN_FILES) {
      const [oldest, descriptor] = this.#open.entries().next().value!;
      closeSync(descriptor);
      this.#open.delete(oldest);
    }
    const opened = openReadOnly(this.paths[file]!);
    this.#open.set(file, opened);
    return opened;
  }
}
