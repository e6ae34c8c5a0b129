/**
 * The two ways in which PDQ circulates. `512nn`: pictures with a side over 512 are first reduced to
 * 512 × 512 by nearest neighbour (the C++ tool). `full`: they are not (Python and Java libraries, vPDQ).
 * The same picture lies up to 18 bits apart in the two.
 */
export type Dialect = '512nn' | 'full';

export const DIALECTS: readonly Dialect[] = ['512nn', 'full'];

/**
 * The eight ways in which a picture can lie, by the name of what was done to it: turned counter-clockwise,
 * mirrored top to bottom (`flipX`), left to right (`flipY`), along the main (`flipPlus1`) or the other diagonal.
 */
export type Orientation = 'original' | 'rotate90' | 'rotate180' | 'rotate270' | 'flipX' | 'flipY' | 'flipPlus1' | 'flipMinus1';

export const ORIENTATIONS: readonly Orientation[] = ['original', 'rotate90', 'rotate180', 'rotate270', 'flipX', 'flipY', 'flipPlus1', 'flipMinus1'];

/** One PDQ hash. */
export interface PdqHash {
  /** 32 bytes; the first is the first two digits of the text form. */
  readonly hash: Uint8Array;
  /** 0 to 100. Below {@link MIN_QUALITY} noise decides the bits: neither indexed nor looked up. */
  readonly quality: number;
}

export type DialectHashes = Readonly<Record<Dialect, PdqHash>>;

/** What one picture gives. */
export interface PictureHashes {
  /** Of the picture as its pixels are stored. */
  readonly dialects: DialectHashes;
  /** All eight, when they were asked for; `original` is the same as `dialects`. */
  readonly orientations?: Readonly<Record<Orientation, DialectHashes>>;
}

/** Hashes of lower quality are not comparable (advice of the algorithm's authors: discard 49 and less). */
export const MIN_QUALITY = 50;

/** Two pictures this near or nearer are a near-match (advice of the algorithm's authors). */
export const MATCH_DISTANCE_BITS = 31;

export const HASH_BYTES = 32;
export const HASH_BITS = 256;
