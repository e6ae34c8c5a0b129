import type { ByteRange } from '@kerbside/bytes';
import type { WalkEvent } from './item.ts';
import type { Volume } from './volume.ts';

/**
 * How a file system was recognised. `primary`: its own boot record or superblock checks out.
 * `backup`: only a copy of it does, so the volume is damaged and the walk will say so.
 */
export type DetectionBasis = 'primary' | 'backup';

/** A file system format: the contract that each folder beside this file fulfils. See docs/reference/adding-a-file-system.md. */
export interface FileSystemFormat {
  /** `FAT`, `exFAT`, `NTFS`, `ext`. */
  readonly name: string;
  /**
   * Looks for this format on a volume, reading only boot regions and their backups.
   * Never throws on evidence; null when it is not this format.
   */
  detect(volume: Volume): DetectionBasis | null;
  /**
   * Opens a volume for which `detect` said yes. Reads only what the walk needs to start.
   * @throws MalformedError, UnsupportedError or MediumError when the file system as a whole cannot be read
   */
  open(volume: Volume): FileSystem;
}

/** An opened file system. Everything is lazy; nothing is kept that grows with the volume except compact maps. */
export interface FileSystem {
  /** Exact kind as shown to people and in `list`: `FAT12`, `FAT16`, `FAT32`, `exFAT`, `NTFS`, `ext2`, `ext3`, `ext4`. */
  readonly kind: string;
  /** Volume label for display, already made safe; empty when none. */
  readonly label: string;
  /** Allocation unit in bytes. */
  readonly clusterSizeBytes: number;
  /**
   * Offset on the source of the first byte of one cluster: clusters stand at
   * `clusterGridOffset + k × clusterSizeBytes`. FAT and exFAT count them from their data area, which
   * need not be a whole number of clusters from the volume's start; the others from that start.
   */
  readonly clusterGridOffset: number;
  /**
   * The tree pass: every item reachable from the root, deleted entries seen on the way, and
   * metadata-only deleted items (MFT records, inodes). In a fixed order for the same bytes.
   * Faults come out as problems; it ends, within its budget, on any input.
   */
  walk(): Generator<WalkEvent, void, undefined>;
  /**
   * The late, bounded orphan stage: directories found by structure in free clusters. Yields nothing
   * where the format has no such thing beyond what `walk` already yields.
   */
  walkOrphans(): Generator<WalkEvent, void, undefined>;
  /** Free (unallocated) runs as the file system's own bitmap or table says, ascending, offsets on the source. */
  freeRanges(): Generator<ByteRange, void, undefined>;
}
