import type { Problem, RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../evidence-name.ts';
import type { ItemTimes, PlainExtent } from '../item.ts';

/**
 * `encrypted`: needs a password we do not have. `unsupported`, `damaged`: there is content and it cannot be read.
 * Each of these comes with a problem that says so.
 */
export type MemberState = 'readable' | 'encrypted' | 'unsupported' | 'damaged';

/** One thing that a container (archive, mail, backup, thumbnail cache) holds. */
export interface Member {
  /** Its path inside the container: components as stored. Never a host path: `..`, absolute and device names are just names here. */
  readonly names: readonly EvidenceName[];
  /** A link is told, never followed. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Length that the container states; null where it states none (gzip, mail). */
  readonly sizeBytes: number | null;
  readonly times: ItemTimes;
  readonly state: MemberState;
  /** Where a member stored as it is lies, in offsets of the container's own content; null for a packed one. */
  readonly extents: readonly PlainExtent[] | null;
  /**
   * The content in pieces of at most 1 MiB, each valid until the next is asked for. A member of a stream
   * must be read before the next member is asked for; skipping it is allowed.
   * @throws KerbsideError where it cannot be read, is not what it says (checksum, length) or passes a limit;
   *   what came before then does not count as its content
   */
  content(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /**
   * The content with random access, for members that can give it without unpacking; the caller closes it.
   * @throws KerbsideError as `content` does
   */
  open?(): RandomAccessSource;
}

/** What a container yields: nothing is dropped, and a fault never ends the run. */
export type ContainerEvent = { readonly type: 'member'; readonly member: Member } | { readonly type: 'problem'; readonly problem: Problem };
