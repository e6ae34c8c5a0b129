/** How an officer names an item: its display path and, where several have it, its id. */
export interface ReviewItemName {
  readonly path: string;
  readonly id: string | null;
}

/** An item's content, for one still. */
export interface ReviewItem {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** False where part of it could not be read: those bytes are zeros. */
  readonly isWhole: boolean;
}

/** Reads an item by its name. What reads members of containers takes the place of the plain one. */
export type ReadReviewItem = (sourcePath: string, name: ReviewItemName) => Promise<ReviewItem>;
