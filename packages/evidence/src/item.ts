import type { Problem } from '@kerbside/bytes';
import type { EvidenceName } from './evidence-name.ts';

export type ItemKind = 'file' | 'directory' | 'stream' | 'other';

/**
 * - `data`: stored bytes at `sourceOffset`
 * - `hole`: reads as zero, nothing stored; `sourceOffset` is -1
 * - `uninitialised`: allocated at `sourceOffset` beyond the valid length; the owner's system shows
 *   zeros, the raw view shows the stored bytes (the "both hashes" rule)
 */
export type PlainExtentKind = 'data' | 'hole' | 'uninitialised';

/** A run of an item's content in file order. `length` is in bytes of content. */
export interface PlainExtent {
  readonly kind: PlainExtentKind;
  readonly sourceOffset: number;
  readonly length: number;
}

/** One NTFS compression unit: `stored` runs hold LZNT1 chunks that unpack to `length` bytes. */
export interface CompressedUnit {
  readonly kind: 'compressed-unit';
  /** Offset of the first stored run. */
  readonly sourceOffset: number;
  /** Unpacked length that belongs to the item. */
  readonly length: number;
  readonly stored: readonly { readonly sourceOffset: number; readonly length: number }[];
}

export type Extent = PlainExtent | CompressedUnit;

/** Where an item's bytes are. */
export type ItemContent =
  /** On the source, in file order; lengths sum to the item's size. */
  | { readonly form: 'extents'; readonly extents: readonly Extent[] }
  /** Held in metadata (resident, inline): the bytes with fix-ups already applied; `sourceOffset` is where they stand. */
  | { readonly form: 'inline'; readonly bytes: Uint8Array; readonly sourceOffset: number }
  /** A file of the folder being read; the host path is bytes and is only ever opened, never joined with evidence names. */
  | { readonly form: 'host-file'; readonly hostPath: Uint8Array }
  /** Nothing to read, and why: a deleted item without runs, a directory, an encrypted or unsupported stream. */
  | { readonly form: 'none'; readonly reason: NoContentReason };

/**
 * `not-content`: directories, devices, links. `no-runs`: deleted, nothing left to say where it was.
 * `encrypted`, `unsupported`, `damaged`: there is content and it cannot be read; the reader also yields a problem for the item.
 */
export type NoContentReason = 'not-content' | 'no-runs' | 'encrypted' | 'unsupported' | 'damaged';

/** A point in time as the file system recorded it. FAT and exFAT may know no zone: then `zone` is `local`. */
export interface Timestamp {
  /** Whole seconds since 1970-01-01, in UTC or in the device's own unknown local time. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly zone: 'utc' | 'local';
}

export interface ItemTimes {
  readonly created: Timestamp | null;
  readonly modified: Timestamp | null;
  readonly accessed: Timestamp | null;
  /** Metadata change (ext ctime, NTFS MFT change). */
  readonly changed: Timestamp | null;
}

/**
 * What is known of a deleted item's content.
 * `clusters-reused`: some or all of its clusters now belong to others, `reusedShare` of them.
 * `carved`: nothing names it; found in free space by its own structure, which was walked to the end.
 */
export type Recovery =
  | { readonly basis: 'runs-survive' | 'contiguous-guess' | 'no-runs' | 'carved' }
  | { readonly basis: 'clusters-reused'; readonly reusedShare: number };

/** A directory on the way to an item; `parent` null means the root of its volume. */
export interface DirectoryNode {
  readonly parent: DirectoryNode | null;
  readonly name: EvidenceName;
  /** Number of directories above, the root's children having 0. */
  readonly depth: number;
}

/**
 * `allocated`, `deleted` (its entry is marked deleted but its directory is known), `orphan` (found
 * without a directory that leads to it), `carved` (found in free space by its structure, without any entry).
 */
export type ItemState = 'allocated' | 'deleted' | 'orphan' | 'carved';

/** One file, directory or alternate stream of a file system. */
export interface Item {
  readonly kind: ItemKind;
  /** The directory that holds it; null means the root of the volume. */
  readonly parent: DirectoryNode | null;
  readonly name: EvidenceName;
  /** Alternate data stream name (NTFS), shown as `file:stream`; null for the unnamed stream. */
  readonly streamName: EvidenceName | null;
  readonly sizeBytes: number;
  readonly state: ItemState;
  /** Inode, MFT record `entry-sequence`, or directory-entry offset, as text; of a carved item its offset on the source. */
  readonly id: string;
  readonly times: ItemTimes;
  readonly content: ItemContent;
  /** Null for allocated items. */
  readonly recovery: Recovery | null;
  /** True when part of the content lies outside the volume or could not be mapped; a problem says what. */
  readonly partial: boolean;
}

/**
 * What a walk yields: nothing is dropped, and a fault never ends it. `pause` says nothing of the
 * evidence: a search that finds nothing for a while yields one every few MiB, so that the caller can
 * show progress, look for Ctrl-C and give others their turn.
 */
export type WalkEvent =
  | { readonly type: 'item'; readonly item: Item }
  | { readonly type: 'problem'; readonly problem: Problem }
  | WalkPause;

/** How far a silent search has come, in bytes of what it looks through. */
export interface WalkPause {
  readonly type: 'pause';
  readonly doneBytes: number;
  readonly totalBytes: number;
}
