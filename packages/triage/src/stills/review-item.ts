import type { RandomAccessSource } from '@kerbside/bytes';
import type { PackedDigest } from '../digests.ts';

/** How an officer names an item: its display path and, where several have it, its id. */
export interface ReviewItemName {
  readonly path: string;
  readonly id: string | null;
}

/** An item, or a member of one, open for one still. */
export interface ReviewItem extends AsyncDisposable {
  readonly path: string;
  /** Told by its first bytes: a video goes to its decoder in ranges; all else is taken for a picture, and its decoder says what it is. */
  readonly kind: 'picture' | 'video';
  /** Bytes that could not be read are zeros. */
  readonly source: RandomAccessSource;
  /** Of the whole content, in every algorithm that a set of the run asks for; SHA-256 is always among them. */
  readonly digests: readonly PackedDigest[];
  /** False where part of it could not be read. */
  readonly isWhole: boolean;
}

/** Opens an item by its name. @param mask digests wanted, as bits of digests.ts */
export type OpenReviewItem = (sourcePath: string, name: ReviewItemName, mask: number) => Promise<ReviewItem>;
