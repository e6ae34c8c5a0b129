import { LimitError, MemorySource } from '@kerbside/bytes';
import type { ContainerBudget, Member } from '@kerbside/evidence';
import { packedLength, startDigests, type RunningDigests } from '../digests.ts';
import { HEAD_BYTES, type Examination } from './examination.ts';

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
  const flow = new Flow(examination, member, mask === 0 ? null : startDigests(mask));
  try {
    const head = await flow.head();
    const kind = examination.tools.sniff(head);
    if (kind === 'archive/tar') {
      // Goes through as it comes, so that a long one is no trouble.
      await examination.examineMembers(kind, (inner) => examination.tools.openTarStream(flow.pieces(), inner), null, path, budget);
    }
    const isKept = kind !== null && kind !== 'archive/tar' && isWanted(examination, kind);
    const kept = isKept ? await flow.keep() : null;
    if (mask !== 0) {
      await flow.drain();
      const digests = new Uint8Array(packedLength(mask));
      flow.digests!.finish(digests, 0);
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

/** The pieces of a member, taken one after another by whoever wants them, and hashed as they come. */
class Flow {
  readonly digests: RunningDigests | null;
  doneBytes = 0;
  readonly #examination: Examination;
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #waiting: Buffer[] = [];
  #isAtEnd = false;

  constructor(examination: Examination, member: Member, digests: RunningDigests | null) {
    this.#examination = examination;
    this.digests = digests;
    const content = member.content();
    this.#iterator = Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : content[Symbol.iterator]();
  }

  /** The first bytes; they stay to be taken. */
  async head(): Promise<Uint8Array> {
    let length = 0;
    while (length < HEAD_BYTES) {
      const piece = await this.#next();
      if (piece === null) break;
      this.#waiting.push(Buffer.from(piece));
      length += piece.byteLength;
    }
    return Buffer.concat(this.#waiting);
  }

  /** All that is left to take, piece by piece. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) yield waiting;
    for (let piece = await this.#next(); piece !== null; piece = await this.#next()) yield piece;
  }

  /** Everything at once; null when it is too long to keep. */
  async keep(): Promise<Uint8Array | null> {
    const kept: Buffer[] = [];
    let length = 0;
    for await (const piece of this.pieces()) {
      length += piece.byteLength;
      if (length > MAX_KEPT_BYTES) return null;
      kept.push(Buffer.from(piece));
    }
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  }

  async drain(): Promise<void> {
    this.#waiting = [];
    while ((await this.#next()) !== null);
  }

  /** Whatever is left is not wanted any more. */
  async end(): Promise<void> {
    if (!this.#isAtEnd) await this.#iterator.return?.(undefined);
    this.#isAtEnd = true;
  }

  async #next(): Promise<Uint8Array | null> {
    if (this.#isAtEnd) return null;
    this.#examination.checkStop();
    const { done, value } = await this.#iterator.next();
    if (done === true) {
      this.#isAtEnd = true;
      return null;
    }
    this.doneBytes += value.byteLength;
    this.digests?.update(value);
    return value;
  }
}
