import { LimitError, MemorySource } from '@kerbside/bytes';
import type { ContainerBudget, Member } from '@kerbside/evidence';
import { packedLength, startDigests } from '../digests.ts';
import type { Examination } from './examination.ts';
import { MemberFlow } from './member-flow.ts';

/**
 * A packed member that must be looked into is kept in memory: a reader of archives jumps, and a decoder takes a file
 * whole. Two threads of this stay inside the 512 MB of the process. What is longer is hashed, and told as not looked into.
 */
export const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/**
 * A packed member: unpacked once, hashed on the way where a set may hold it, and kept only where it must be looked into.
 * @returns true when it was hashed, false when no set holds its length
 * @throws KerbsideError where it cannot be unpacked whole
 */
export async function examineStreamedMember(examination: Examination, member: Member, path: string, budget: ContainerBudget): Promise<boolean> {
  // Where the length is stated by nobody, any set may hold it.
  const mask = examination.maskOf(member.sizeBytes ?? Infinity);
  const running = mask === 0 ? null : startDigests(mask);
  const flow = new MemberFlow(member, { beforePiece: () => examination.checkStop(), onPiece: (piece) => running?.update(piece) });
  try {
    const head = await flow.head();
    const kind = examination.tools.sniff(head);
    if (kind === 'archive/tar') {
      // Goes through as it comes, so that a long one is no trouble.
      await examination.examineMembers(kind, (inner) => examination.tools.openTarStream(flow.pieces(), inner), null, path, budget);
    }
    const isKept = kind !== null && kind !== 'archive/tar' && isWanted(examination, kind);
    const kept = isKept ? await flow.keep(MAX_KEPT_BYTES) : null;
    if (running !== null) {
      await flow.drain();
      const digests = new Uint8Array(packedLength(mask));
      running.finish(digests, 0);
      examination.members.push({ member: path, sizeBytes: flow.doneBytes, mask, digests, offset: -1 });
    }
    if (isKept) {
      if (kept === null) throw new LimitError('member-too-large', `a packed ${kind} of more than ${MAX_KEPT_BYTES} bytes was not looked into`);
      await examination.examine(kind, { source: new MemorySource(kept), bytes: kept }, path, budget);
    } else if (kind !== null && kind !== 'archive/tar') await examination.examine(kind, { source: NO_CONTENT, bytes: NO_BYTES }, path, budget);
    return mask !== 0;
  } finally {
    await flow.end();
  }
}

/** A picture that nobody asked to decode is only counted. */
function isWanted({ decodesMedia, decodesVideo }: Examination, kind: string): boolean {
  return kind.startsWith('picture/') ? decodesMedia : kind.startsWith('video/') ? decodesVideo : true;
}

const NO_BYTES = new Uint8Array(0);
const NO_CONTENT = new MemorySource(NO_BYTES);
