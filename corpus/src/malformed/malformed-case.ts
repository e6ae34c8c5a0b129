/** `whole`: read as if nothing were wrong. `damaged`: read in part, and told. Otherwise the code of the error. */
export type MalformedOutcome = 'whole' | 'damaged' | 'picture-unknown' | 'picture-undecodable' | 'picture-pixels' | 'picture-no-preview' | 'jpeg-work';

/** One named malformed file and what must come of it. */
export interface MalformedCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: MalformedOutcome;
  /** Frames that must be told, where the case is about them. */
  readonly frames?: number;
}

export type SeedName = 'jpeg' | 'png' | 'gif' | 'webp' | 'webp-lossless' | 'tiff' | 'tiff-lzw' | 'avif' | 'bmp';

/** Sound files of one small picture; all of the same width and height. */
export type MalformedSeeds = Readonly<Record<SeedName, Buffer>>;
