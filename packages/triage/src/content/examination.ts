import type { Problem, RandomAccessSource } from '@kerbside/bytes';
import { SNIFF_BYTES, type ContainerBudget, type ContainerEvent } from '@kerbside/evidence';
import type { CountsInHand } from './content-counts.ts';
import type { MemberDigests, NearFound } from './content-job.ts';
import type { Content, ContentTools } from './content-tools.ts';
import type { MediaFacts } from './media-facts.ts';

/** What the lane does with one item; asked again and again while it looks, for what is inside too. */
export interface Examination {
  readonly tools: ContentTools;
  /** Pictures; and video. */
  readonly decodesMedia: boolean;
  readonly decodesVideo: boolean;
  readonly counts: CountsInHand;
  readonly members: MemberDigests[];
  readonly media: MediaFacts[];
  readonly near: NearFound[];
  /** Digests wanted of a member of a length. */
  maskOf(sizeBytes: number): number;
  /** @throws Stopped */
  checkStop(): void;
  /** @param member display path inside the item; empty for the item itself */
  addProblem(problem: Problem, member: string): void;
  /**
   * Looks at a content of a known kind.
   * @param around budget of the container that holds it; null for the item itself
   */
  examine(kind: string, content: Content, member: string, around: ContainerBudget | null): Promise<void>;
  /** Goes through members, whatever they come from. */
  examineMembers(kind: string, open: (budget: ContainerBudget) => Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>, content: Content | null, member: string, around: ContainerBudget | null): Promise<void>;
}

/** Thrown through everything when the run is told to stop: the item is looked at again when it goes on. */
export class Stopped extends Error {}

/** Bytes that tell most kinds, and mail. */
export const HEAD_BYTES = 8192;

/** Compound files (OLE 2) are told apart by their directory, which may stand further in. */
const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/** The first bytes; where the medium cannot give them all, those of the first sector still tell most kinds. */
export function headOf(source: RandomAccessSource): Uint8Array {
  const head = read(source, HEAD_BYTES);
  return head.subarray(0, COMPOUND.length).equals(COMPOUND) ? read(source, SNIFF_BYTES) : head;
}

function read(source: RandomAccessSource, length: number): Buffer {
  const bytes = Buffer.alloc(Math.min(length, source.sizeBytes));
  source.readInto(bytes, 0);
  return bytes;
}
