/** Files of a set as codes, many at a time, by column; valid until the next batch is asked for. */
export interface AskBatch {
  readonly count: number;
  /** Bits of the kinds (`CODE_KINDS`) that a row has; 0 for a row of another kind of digest alone. */
  readonly kinds: Uint8Array;
  /** Codes side by side by kind, in the order of `CODE_KINDS`; null where no row of the batch was asked for it. */
  readonly codes: readonly (Uint8Array | null)[];
  /** Category of each row, as a place in `categories` of the set. */
  readonly categories: Uint16Array;
  /** Lengths that the row states; null when it may have others. */
  readonly sizesOf: (row: number) => readonly number[] | null;
}

/** A set that past devices can be asked for, whatever file it came from. */
export interface AskableSet {
  readonly name: string;
  /** Names this exact set. */
  readonly digest: string;
  readonly kind: 'compiled' | 'block';
  /**
   * A set that holds codes and no digests can be asked only where the manifest has codes under the same key.
   * Null for a set of digests, of which codes are made under the manifest's own key.
   */
  readonly codeKeyId: string | null;
  readonly categories: readonly string[];
  /** Combinations of kinds that its rows have, as bits in the order of `CODE_KINDS`; 0 where a row has none of them. */
  readonly kindsOfRows: readonly number[];
  /** False when some row states no length. */
  readonly statesSizes: boolean;
  /** Whether some row has this length; true for any when `statesSizes` is false. */
  readonly hasSize: (sizeBytes: number) => boolean;
  /**
   * Every row once.
   * @param codeKey key to make codes under; null for a set that holds codes
   * @param kinds bits of the kinds that are wanted
   */
  files(codeKey: Uint8Array | null, kinds: number): Iterable<AskBatch>;
  /** How many of `count` block codes the set holds; null for a set without blocks. */
  readonly findBlocks: ((codes: Uint8Array, count: number) => number) | null;
  close(): void;
}
