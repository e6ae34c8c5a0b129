import type { Problem, RandomAccessSource } from '@kerbside/bytes';
import type { ContainerDoors } from './container-doors.ts';
import type { MediaFacts } from './media-facts.ts';
import type { NearFound } from './content-job.ts';

/** What the lane knows of one decoded picture or video. */
export interface Decoded {
  readonly facts: Omit<MediaFacts, 'member' | 'sizeBytes'>;
  readonly near: readonly Omit<NearFound, 'member'>[];
  /** What of it was not seen, and why: limits reached, damage, a cut-off end. */
  readonly problems: readonly Problem[];
  /** False where it has too little detail to be compared. */
  readonly isComparable: boolean;
}

/** Bytes that live in memory or on the source, of a known length. */
export interface Content {
  readonly source: RandomAccessSource;
  /** All of them at once where they are in memory already. */
  readonly bytes: Uint8Array | null;
}

/** Hands to the lane: sandboxed decoders and readers of containers. Every failure is a KerbsideError of the content. */
export interface ContentTools extends ContainerDoors {
  /** What the bytes are by their content, `picture/jpeg` say; null for anything that cannot be looked into. */
  sniff(head: Uint8Array): string | null;
  /** @param bytes the whole file */
  decodePicture(bytes: Uint8Array): Promise<Decoded>;
  /**
   * How near the thumbnails embedded in a picture are to known hashes; costs a hundredth of `decodePicture`.
   * @param head the file, or so much of it as holds its thumbnails
   * @returns bits, null where there is no thumbnail or none is near
   */
  glanceAtPicture(head: Uint8Array): Promise<number | null>;
  decodeVideo(content: Content): Promise<Decoded>;
  close(): Promise<void>;
}
