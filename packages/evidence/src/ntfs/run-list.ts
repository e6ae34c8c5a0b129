/*
 * Run list ("mapping pairs") of a non-resident attribute.
 *
 *   u8   low 4 bits: bytes of the length; high 4 bits: bytes of the offset; 0 ends the list
 *   …    length in clusters, unsigned little-endian
 *   …    first cluster relative to the run before, signed little-endian; absent: sparse
 */

/** Value of {@link RunTable.clusterAt} for a run that reads as zero. */
export const SPARSE = -1;
/** Value of {@link RunTable.clusterAt} for a run that lies before the start of the volume or that nothing describes. */
export const NOWHERE = -2;

/** Runs of one stream in file order. Reused from stream to stream, so that the common case makes no garbage. */
export class RunTable {
  count = 0;
  /** Sum of the lengths. */
  clusters = 0;
  readonly clusterAt: number[] = [];
  readonly length: number[] = [];

  clear(): void {
    this.count = 0;
    this.clusters = 0;
  }

  push(cluster: number, length: number): void {
    this.clusterAt[this.count] = cluster;
    this.length[this.count] = length;
    this.count++;
    this.clusters += length;
  }
}

/**
 * Decodes one run list and appends its runs to `table`.
 *
 * @param bytes holds the list from `from` up to, at most, `end`
 * @returns false when it makes no sense; runs before that point are kept
 */
export function appendRuns(table: RunTable, bytes: Uint8Array, from: number, end: number): boolean {
  let cluster = 0;
  let at = from;
  while (at < end) {
    const head = bytes[at]!;
    if (head === 0) return true;
    const lengthBytes = head & 0x0f;
    const offsetBytes = head >> 4;
    const next = at + 1 + lengthBytes + offsetBytes;
    if (lengthBytes === 0 || lengthBytes > 8 || offsetBytes > 8 || next > end) return false;
    let length = 0;
    for (let i = at + lengthBytes; i > at; i--) length = length * 256 + bytes[i]!;
    if (length === 0 || table.clusters + length > Number.MAX_SAFE_INTEGER) return false;
    if (offsetBytes === 0) {
      table.push(SPARSE, length);
    } else {
      const top = next - 1;
      // From the signed top byte down, so that small negative steps stay exact.
      let step = (bytes[top]! << 24) >> 24;
      for (let i = top - 1; i >= next - offsetBytes; i--) step = step * 256 + bytes[i]!;
      cluster += step;
      if (!Number.isSafeInteger(cluster)) return false;
      table.push(cluster < 0 ? NOWHERE : cluster, length);
    }
    at = next;
  }
  return true;
}
