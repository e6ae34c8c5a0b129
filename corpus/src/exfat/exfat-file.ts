import type { CorpusFile } from '../corpus-file.ts';

/** A file of a generated exFAT volume. Path components may be any UTF-16 text without a slash, 1 to 255 units. */
export interface ExfatFile extends CorpusFile {
  /** Valid data length; less than the size leaves stale bytes behind it on the volume. The size when absent. */
  readonly validBytes?: number;
  /** True: a FAT chain even though the content lies in one piece. A file in several pieces always has one. */
  readonly chained?: boolean;
}

/** Where a volume's bytes go. What is not written must read as zero. */
export interface VolumeSink {
  write(bytes: Uint8Array, offset: number): void;
}
