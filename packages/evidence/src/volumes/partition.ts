import type { ByteRange, Problem } from '@kerbside/bytes';

/** What a partition table says of one partition; the place is checked against the source later. */
export interface Partition {
  /** `p1`…, numbered as Linux does. */
  readonly id: string;
  readonly startOffset: number;
  readonly sizeBytes: number;
  readonly scheme: 'mbr' | 'gpt';
  readonly declaredType: string;
}

/** A partition table as read. */
export interface PartitionTable {
  readonly scheme: 'mbr' | 'gpt';
  readonly partitions: readonly Partition[];
  /** Where the table itself stands: part of gaps, but known and not content. */
  readonly tableRanges: readonly ByteRange[];
  readonly problems: readonly Problem[];
}
