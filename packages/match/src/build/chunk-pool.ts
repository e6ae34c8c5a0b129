/** Bytes of a chunk of spilled records: 256 buckets then hold 8 MiB. */
export const CHUNK_BYTES = 32 * 1024;

/**
 * Bytes of full chunks kept in memory before the rest goes to disk. With the program itself, its
 * buffers and one bucket loaded, a build then stays well below 400 MB whatever the lists' size.
 */
const POOL_BYTES = 160 * 1024 * 1024;

/** Memory shared by all spills of one build: chunks go round, and their number is bounded. */
export class ChunkPool {
  readonly #free: Buffer[] = [];
  #kept = 0;
  readonly #limit: number;

  constructor(limitBytes = POOL_BYTES) {
    this.#limit = Math.floor(limitBytes / CHUNK_BYTES);
  }

  /** A chunk to fill. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  /** True when a full chunk may stay in memory; it is then counted until given back with `wasKept`. */
  mayKeep(): boolean {
    if (this.#kept >= this.#limit) return false;
    this.#kept++;
    return true;
  }

  /** Gives a chunk back for others to fill. */
  give(chunk: Buffer, wasKept: boolean): void {
    if (wasKept) this.#kept--;
    this.#free.push(chunk);
  }
}
