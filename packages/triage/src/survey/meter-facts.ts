/**
 * Long files are indexed in part (block sets, `sparseAboveBytes`): what `scattered` says of an amount holds of such files for
 * `timesAsMuch` of it.
 */
export interface LongFiles {
  readonly aboveBytes: number;
  readonly timesAsMuch: number;
}

/**
 * What a survey can promise at any second (docs/decisions, the live meter). Null figures promise nothing.
 */
export interface Meter {
  /** Any unbroken, readable run of indexed known material of at least this many bytes was met. From systematic reads alone. */
  readonly unbrokenBytes: number | null;
  /** This many readable bytes of known material, however they are strewn, were met with at least this probability. From jittered reads alone. */
  readonly scattered: readonly { readonly bytes: number; readonly probability: number }[];
  /** Absent where long files are indexed as well as others. */
  readonly longFiles?: LongFiles;
  /** Live files that were checked against every set that can hold them (read, or of a length no set holds), and how many there are. */
  readonly filesChecked: number;
  readonly filesTotal: number;
  /** Reads behind the first two figures, and the bytes they could not read. */
  readonly systematicReads: number;
  readonly jitteredReads: number;
  readonly unreadableBytes: number;
  /** Share of known blocks that the sets index, which the probabilities allow for. */
  readonly indexedShare: number;
}
