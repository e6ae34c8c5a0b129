/** Kinds of content that a read is classed as, by what its bytes look like. */
export const CONTENT_CLASSES = ['picture', 'video', 'document', 'compressed', 'high-entropy', 'empty', 'other'] as const;
export type ContentClass = (typeof CONTENT_CLASSES)[number];

/** Shares of the device by kind of content, from a random sample of reads. Shares from 0 to 1. */
export interface Thermometer {
  readonly reads: number;
  /** Reads whose bytes could not be read; not counted in the shares. */
  readonly unreadable: number;
  /** One row a class, in the order of `CONTENT_CLASSES`; `low` to `high` is the 95 % Wilson interval. */
  readonly shares: readonly { readonly class: ContentClass; readonly reads: number; readonly share: number; readonly low: number; readonly high: number }[];
  /** What the sample shows beyond what the file systems account for. */
  readonly unexplained: readonly LaneDisagreement[];
}

/** A kind of content of which the sample holds more than the file systems account for. */
export interface LaneDisagreement {
  readonly class: ContentClass;
  readonly sampledLow: number;
  readonly accountedShare: number;
}
