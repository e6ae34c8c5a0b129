import type { RandomAccessSource } from '@kerbside/bytes';

/** A partition, a gap that holds a file system, or the whole source. */
export interface Volume {
  /**
   * Short id used as the first path component: `p1`… numbered as Linux numbers partitions (primary
   * slots 1–4, logical from 5; GPT slot number), `p1` for a source without a partition table,
   * `g1`… for a file system found in a gap between partitions.
   */
  readonly id: string;
  /** First byte on the source. */
  readonly startOffset: number;
  readonly sizeBytes: number;
  readonly scheme: 'mbr' | 'gpt' | 'none' | 'gap';
  /** What the table says it is, for display only, e.g. `0x07` or a GPT type GUID with its usual name; empty when nothing. */
  readonly declaredType: string;
  /** The bytes of the volume; its `originOffset` is `startOffset`. */
  readonly source: RandomAccessSource;
}
