import type { Problem } from '@kerbside/bytes';
import type { SourceLocator } from '@kerbside/evidence';
import type { SharedNearIndex } from '@kerbside/match';
import type { HashJob } from '../hash-job.ts';
import type { NamedKind } from './content-by-name.ts';
import type { MediaFacts } from './media-facts.ts';

/** What a content thread is told at its start; structured-cloneable. */
export interface ContentStart {
  /** Null for a folder source. */
  readonly locator: SourceLocator | null;
  /** One 32-bit word: not zero asks for a stop. */
  readonly stop: SharedArrayBuffer;
  readonly setup: ContentSetup;
}

/** What every job of the lane needs. */
export interface ContentSetup {
  /** Digests wanted of a member, by its length in bytes, one byte each; longer ones get `largeMask`. */
  readonly sizeMasks: SharedArrayBuffer;
  readonly largeMask: number;
  /** Whether pictures are decoded, and video; archives are opened either way. */
  readonly decodesMedia: boolean;
  readonly decodesVideo: boolean;
  /** The near-match index of the sets; null where none has one. */
  readonly nearIndex: SharedNearIndex | null;
  /** Greatest distance of a near-match, bits. */
  readonly radius: number;
  /** Passwords of backups that the officer was given. */
  readonly passwords: readonly string[];
  /** Folder of a model that scores pictures; null where none was given. */
  readonly modelFolder: string | null;
  readonly countsFaces: boolean;
}

/** Items whose content is looked at. */
export interface ContentJob {
  readonly id: number;
  /** Where the items are; its masks and views are not used. */
  readonly items: HashJob;
  /** What entries are by their names, where that says more than their first bytes. */
  readonly named: ReadonlyMap<number, NamedEntry>;
}

/** What an entry is by its name. */
export interface NamedEntry {
  readonly kind: NamedKind;
  /** The files that it is read with, and their names in its folder; null for one that is read alone. */
  readonly beside: { readonly items: HashJob; readonly names: readonly string[] } | null;
}

/** Files inside containers: seen = read + gated + skipped + problems, always. */
export interface MemberCounts {
  readonly seen: number;
  /** Read to the end, hashed and looked up. */
  readonly read: number;
  /** Of a length that no set holds. */
  readonly gated: number;
  /** Empty, or a link. */
  readonly skipped: number;
  readonly problems: number;
  /** Told apart: they hold no content. */
  readonly directories: number;
}

/** Pictures or videos: seen = compared + notComparable + notAsked + problems, always. */
export interface MediaCounts {
  readonly seen: number;
  /** Decoded and, where a set has near-match hashes, compared with all of them. */
  readonly compared: number;
  /** Decoded, of too little detail to compare. */
  readonly notComparable: number;
  /** Not decoded, because the profile and the sets did not ask for it. */
  readonly notAsked: number;
  readonly problems: number;
}

export interface ContentCounts {
  readonly members: MemberCounts;
  readonly pictures: MediaCounts;
  readonly videos: MediaCounts;
  /** Archives, mail, backups, thumbnail stores; those inside others too. */
  readonly containers: { readonly seen: number; readonly opened: number; readonly problems: number };
}

/** Digests of a member that a set may hold. */
export interface MemberDigests {
  /** Display path inside the item, container kinds included: `\[zip]/holiday/a.jpg`. */
  readonly member: string;
  readonly sizeBytes: number;
  readonly mask: number;
  readonly digests: Uint8Array;
  /** Offset on the source of its first byte where it is stored as it is; -1 otherwise. */
  readonly offset: number;
}

/** A known hash near that of a picture or of a frame. */
export interface NearFound {
  /** Display path inside the item; empty for the item itself. */
  readonly member: string;
  /** Number of the set in the near-match index, and the row in it. */
  readonly set: number;
  readonly row: number;
  readonly distance: number;
  readonly dialect: '512nn' | 'full';
  /** Turn or mirror under which it was found; `original` as it lies. */
  readonly orientation: string;
  readonly of: 'picture' | 'thumbnail' | 'preview' | 'video-frame';
  /** Of a frame: its time in the video, seconds. */
  readonly seconds: number | null;
  readonly quality: number;
  /** Hash of the picture, hex. */
  readonly hash: string;
  /** Of a video: the frames that matched, of those compared, and what the rule says of them. */
  readonly video: { readonly framesMatched: number; readonly framesCompared: number; readonly isLead: boolean } | null;
  /** Rows as near or nearly so that are not listed. */
  readonly others: number;
}

/** What came of one item. */
export interface UnitResult {
  readonly entry: number;
  /** What it is by its content, `picture/jpeg` say; null where it is nothing that can be looked into. */
  readonly kind: string | null;
  readonly counts: ContentCounts;
  readonly members: readonly MemberDigests[];
  readonly media: readonly MediaFacts[];
  readonly near: readonly NearFound[];
  /** `where.path` holds the display path inside the item, where it is not the item itself. */
  readonly problems: readonly Problem[];
}

export interface ContentResult {
  readonly id: number;
  /** Null when the job was stopped, or the source went away, and it has to be done again. */
  readonly units: readonly UnitResult[] | null;
  /** Says that the source went away; null while it is there. */
  readonly gone: Problem | null;
}

/** Pictures of which only the embedded thumbnails are looked up, to say which batches come first. Nothing is kept of it. */
export interface GlanceJob {
  readonly id: number;
  readonly glance: HashJob;
  /** Time of day, milliseconds since 1970, after which the rest is left. */
  readonly untilMs: number;
}

export interface GlanceResult {
  readonly id: number;
  /** Bits from the nearest known hash, one byte a picture; `NOTHING_NEAR` where there is no thumbnail or none is near. */
  readonly nearest: Uint8Array;
}

export const NOTHING_NEAR = 255;

/** Members longer than this are hashed without asking the size gate: the table has one byte a length. */
export const SIZE_TABLE_BYTES = 1024 * 1024;
