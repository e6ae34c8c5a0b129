import type { Problem, RandomAccessSource } from '@kerbside/bytes';
import type { ContainerBudget, ContainerEvent } from '@kerbside/evidence';
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
export interface ContentTools {
  /** What the bytes are by their content, `picture/jpeg` say; null for anything that cannot be looked into. */
  sniff(head: Uint8Array): string | null;
  /** @param bytes the whole file */
  decodePicture(bytes: Uint8Array): Promise<Decoded>;
  decodeVideo(content: Content): Promise<Decoded>;
  /**
   * What a container holds.
   * @param kind what `sniff` said of it
   * @param budget of this container
   */
  openContainer(kind: string, content: Content, budget: ContainerBudget): Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>;
  /**
   * What several files side by side hold together: a phone backup, under the names its files had on the phone, or a store of thumbnails.
   * @param kind `backup/ios`, `thumbnails/quicklook`
   * @param folder gives a file of their folder by its path
   */
  openFolder(kind: string, folder: (names: readonly string[]) => RandomAccessSource | null): Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>;
  /** Members of a TAR that comes in pieces and cannot be kept whole. */
  openTarStream(pieces: AsyncIterable<Uint8Array>, budget: ContainerBudget): AsyncIterable<ContainerEvent>;
  close(): Promise<void>;
}
