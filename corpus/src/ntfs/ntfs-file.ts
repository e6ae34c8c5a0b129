import type { CorpusFile } from '../corpus-file.ts';

/** A named data stream of a file ("alternate data stream"). */
export interface NtfsStream {
  readonly name: string;
  readonly content: CorpusFile['content'];
}

/** A part of a sparse file that gets no clusters. Both values are multiples of the cluster size. */
export interface NtfsHole {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** One file of a generated NTFS volume, with what only NTFS can do. All extras are off when absent. */
export interface NtfsFile extends CorpusFile {
  /** Named streams beside the unnamed one. */
  readonly streams?: readonly NtfsStream[];
  /** Store the unnamed stream in LZNT1 units of 16 clusters. Needs clusters of 4,096 bytes or less. */
  readonly compressed?: boolean;
  /** Holes of a sparse file. The content's bytes there are not written and read back as zeros. */
  readonly holes?: readonly NtfsHole[];
  /** Valid data length. The content past it is on the clusters, but the owner's system shows zeros. */
  readonly initialisedBytes?: number;
  /** Spread the attributes over extension records even where one record would do. */
  readonly attributeList?: boolean;
  /** Keep the attribute list itself outside the base record. Only with `attributeList`. */
  readonly nonResidentAttributeList?: boolean;
  /** Further full paths of the same file. */
  readonly hardLinks?: readonly string[];
  /** Mark the content as EFS-encrypted; the bytes given stand for the cipher text. */
  readonly efs?: boolean;
  /**
   * Compressed by Windows itself (WOF): the content given is what lies packed in the stream
   * `WofCompressedData`; the unnamed stream is one hole of twice that length. Excludes `holes` and `compressed`.
   */
  readonly wof?: boolean;
  /** False: never keep the content inside the record. Absent: inside when it fits and is at most 700 bytes. */
  readonly resident?: false;
  /** An 8.3 name kept as a second name, as Windows does for long names. */
  readonly shortName?: string;
  /** Only with `deleted`: the parent's record has since been reused, so the path is lost. */
  readonly orphan?: boolean;
  /** Only with `deleted`: later small files may be written over its first clusters. */
  readonly clustersReused?: boolean;
}
