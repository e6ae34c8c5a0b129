import type { ByteRange, Problem, RandomAccessSource } from '@kerbside/bytes';
import type { Volume } from './volume.ts';
import type { FileSystem } from './file-system.ts';
import type { WalkEvent } from './item.ts';

/** `not-opened`: a report was made and nothing was read (failed controls). */
export type SourceKind = 'raw' | 'split-raw' | 'e01' | 'block-device' | 'folder' | 'virtual-disk' | 'not-opened';

/**
 * What another thread needs to open the same bytes again (structured-cloneable). Made by
 * `openSource`, used by `openLocator`. Never holds file descriptors.
 */
export type SourceLocator =
  /** Raw files in order; `sizesBytes` may be less than a file holds (a footer that is not content). */
  | { readonly kind: 'files'; readonly paths: readonly string[]; readonly sizesBytes: readonly number[] }
  | { readonly kind: 'e01'; readonly paths: readonly string[] }
  | { readonly kind: 'block-device'; readonly path: string; readonly sizeBytes: number; readonly sectorSizeBytes: number }
  | { readonly kind: 'nbd'; readonly socketPath: string; readonly sizeBytes: number };

/** Facts about a source for the report; all strings are display-safe. */
export interface SourceFacts {
  readonly kind: SourceKind;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  /** Name and value pairs in a fixed order: segments, model, serial, EWF header texts ("as stated by the image"), … */
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

/** A source open for reading: bytes with random access. */
export interface OpenImage {
  readonly form: 'image';
  readonly facts: SourceFacts;
  readonly source: RandomAccessSource;
  readonly locator: SourceLocator;
  /** Problems known on opening (e.g. error2 sectors of an E01, a truncated last segment). */
  readonly problems: readonly Problem[];
  /**
   * Ranges that could not be read, as far as this process knows: those unread when an E01 was made,
   * and those asked for here in vain. Merged, ascending, offsets on the source. Readers in other
   * threads (`openLocator`) return their own from each read.
   */
  unreadableRanges(): readonly ByteRange[];
  /** Problems that reads through `source` have met since the last call, with their reasons (`medium-read-failed`, `ewf-chunk-damaged`, …). */
  takeReadProblems(): readonly Problem[];
  close(): Promise<void>;
}

/** A folder given instead of an image: walked directly. */
export interface OpenFolder {
  readonly form: 'folder';
  readonly facts: SourceFacts;
  readonly problems: readonly Problem[];
  /** `facts.sizeBytes` is 0: a folder's size is known only when it has been walked. Items with `host-file` content, in a fixed order (names by bytes); links are items of kind `other`, never followed. */
  walk(): Generator<WalkEvent, void, undefined>;
  close(): Promise<void>;
}

export type OpenedSource = OpenImage | OpenFolder;

/** Encryption recognised on a volume, by signature or only by entropy. */
export interface EncryptionFinding {
  /** `BitLocker`, `BitLocker To Go`, `LUKS1`, `LUKS2`, `FileVault 2 (CoreStorage)`, `APFS (encrypted)`, or `unexplained, possibly encrypted`. */
  readonly name: string;
  readonly basis: 'signature' | 'entropy';
}

/** A part of the source that no volume covers. */
export interface Gap {
  readonly id: string;
  readonly range: ByteRange;
  readonly appears: Appearance;
}

/**
 * How a part of the source looks. `empty`: every byte of it was read and is zero. `sampled-empty`: too
 * large to be read whole for this; a sample held only zeros, which proves nothing of the rest. The
 * others are from a sample: `data` of low entropy, `high-entropy`, or `unreadable`.
 */
export type Appearance = 'empty' | 'sampled-empty' | 'data' | 'high-entropy' | 'unreadable';

/** What stands on a volume. */
export type VolumeContent =
  | { readonly state: 'file-system'; readonly fileSystem: FileSystem; readonly basis: 'primary' | 'backup' }
  | { readonly state: 'encrypted'; readonly finding: EncryptionFinding }
  /** Known and not read by us here: HFS+, APFS, btrfs, XFS, LVM, RAID…; `name` says which. */
  | { readonly state: 'unsupported'; readonly name: string }
  | { readonly state: 'unrecognised'; readonly appears: Appearance };

export interface SurveyedVolume {
  readonly volume: Volume;
  readonly content: VolumeContent;
}

/** The layout of an image: every byte of it is in exactly one volume or gap. */
export interface Layout {
  readonly scheme: 'mbr' | 'gpt' | 'none';
  readonly volumes: readonly SurveyedVolume[];
  readonly gaps: readonly Gap[];
  readonly problems: readonly Problem[];
}
