/** Digest kinds a set can hold. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256' | 'ed2k';

/** What a hit in a set means; answered by a person when the set is built, never guessed. */
export type SetMeaning = 'alert' | 'ignorable' | 'reference';

/** One row of a set: one content. Digests are lower-case hex; absent ones null. */
export interface SetRow {
  readonly md5: string | null;
  readonly sha1: string | null;
  readonly sha256: string | null;
  readonly ed2k: string | null;
  /** Sizes the set states for this content: empty when none, more than one where its rows disagree. */
  readonly sizesBytes: readonly number[];
  /** Mapped category (`A`, `B`, `C`, `prohibited`, `extreme`, `ignorable`) or `unmapped`. */
  readonly category: string;
  /** `trusted`, `indicative`, `local` as the map states it, or `unstated`. */
  readonly categoryBasis: string;
  /** The code as the source wrote it, or null. */
  readonly rawCategory: string | null;
}

/** Facts about a compiled set. */
export interface SetFacts {
  readonly name: string;
  readonly meaning: SetMeaning;
  readonly path: string;
  /** SHA-256 of the compiled content, hex: names this exact set in reports. */
  readonly digest: string;
  readonly formatVersion: number;
  readonly createdAt: string;
  readonly sources: readonly { readonly file: string; readonly format: string; readonly sha256: string; readonly rows: number }[];
  readonly rows: number;
  readonly rowsWith: Readonly<Record<DigestAlgorithm, number>>;
  readonly rowsWithoutSize: number;
}

/**
 * A compiled set open for look-up. Memory while open is at most 12 bytes a digest; every answer of
 * `lookup` is confirmed against the full digest on disk, so there are no false hits.
 */
export interface KnownSet {
  readonly facts: SetFacts;
  /** Rows holding this digest; usually none or one. `digest` is raw bytes (16, 20 or 32). Synchronous. */
  lookup(algorithm: DigestAlgorithm, digest: Uint8Array): readonly SetRow[];
  /**
   * The size gate: false when no row has this exact length, so a file of it cannot match. Null when
   * some row states no size, so nothing may be gated for this set.
   */
  readonly mayHaveSize: ((sizeBytes: number) => boolean) | null;
  /** True when every row carries this digest, so looking up this one alone misses nothing. */
  coversAllRows(algorithm: DigestAlgorithm): boolean;
  /** The smallest list of cheap digests such that every row carries at least one of them (sha1 preferred, then sha256, md5, ed2k). */
  readonly sufficientDigests: readonly DigestAlgorithm[];
  close(): void;
}

/** A set that also looks up many digests at once. */
export interface BulkKnownSet extends KnownSet {
  /**
   * Looks up many digests of one kind that stand side by side in `digests`; calls `onHit` with the
   * number (from 0) and rows of each that is known. Several times as fast as one by one.
   */
  lookupMany(algorithm: DigestAlgorithm, digests: Uint8Array, onHit: (number: number, rows: readonly SetRow[]) => void): void;
}
