import { InternalError, MalformedError, problemFrom } from '@kerbside/bytes';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent, Member } from '../container.ts';
import { shortPath } from '../member-names.ts';
import { PIECE_BYTES } from '../compressed/piece-buffers.ts';
import { requireReadable, zeros } from './read-tar.ts';
import type { TarEntry } from './tar-entry.ts';
import { tarSteps } from './tar-steps.ts';

/**
 * Lists a TAR that comes as a stream of pieces: out of a packed member, or of another program. A member's content
 * must be read before the next member is asked for, or is passed over. Never throws on evidence; a fault of the
 * stream itself becomes a problem.
 */
export async function* readTarStream(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, budget: ContainerBudget): AsyncGenerator<ContainerEvent, void, undefined> {
  const stream = new PieceStream(pieces);
  const steps = tarSteps(budget, null);
  let answer: Buffer = Buffer.alloc(0);
  try {
    for (;;) {
      const { done, value: step } = steps.next(answer);
      if (done === true) break;
      if (step.type === 'read') answer = (await stream.moveTo(step.at)) ? await stream.take(step.length) : Buffer.alloc(0);
      else if (step.type === 'problem') yield step;
      else yield { type: 'member', member: toMember(stream, budget, step.entry) };
    }
  } catch (error) {
    yield { type: 'problem', problem: problemFrom(error) };
  } finally {
    await stream.close();
  }
}

function toMember(stream: PieceStream, budget: ContainerBudget, entry: TarEntry): Member {
  const { names, kind, sizeBytes, times, state } = entry;
  return { names, kind, sizeBytes, times, state, extents: null, content: () => readRuns(stream, budget, entry) };
}

async function* readRuns(stream: PieceStream, budget: ContainerBudget, entry: TarEntry): AsyncGenerator<Uint8Array, void, undefined> {
  requireReadable(entry);
  if (entry.kind !== 'file') return;
  let reach = 0;
  let stored = entry.contentAt;
  for (const { offset, length } of entry.runs) {
    yield* zeros(offset - reach, budget);
    if (stream.position > stored) throw new InternalError('member-passed', 'the content of a member was asked for after the next member');
    if (!(await stream.moveTo(stored))) throw cut(entry);
    for (let left = length; left > 0; ) {
      const piece = await stream.piece(Math.min(left, PIECE_BYTES));
      if (piece === null) throw cut(entry);
      left -= piece.length;
      yield piece;
    }
    stored += length;
    reach = offset + length;
  }
  yield* zeros(entry.sizeBytes - reach, budget);
}

function cut(entry: TarEntry): MalformedError {
  return new MalformedError('tar-truncated', `${shortPath(entry.names)} is cut short: the TAR ends inside it`);
}

/** Pieces of a stream by place, forward only. */
class PieceStream {
  position = 0;
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;
  #isOver = false;
  /** What `take` gave last, and where it ended. */
  #taken: Buffer = Buffer.alloc(0);
  #takenEnd = -1;

  constructor(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  /** Up to `most` bytes, valid until the next call; null at the end. */
  async piece(most: number): Promise<Uint8Array | null> {
    while (this.#at >= this.#piece.length) {
      if (this.#isOver) return null;
      const { done, value } = await this.#iterator.next();
      if (done === true) {
        this.#isOver = true;
        return null;
      }
      this.#piece = value;
      this.#at = 0;
    }
    const piece = this.#piece.subarray(this.#at, this.#at + most);
    this.#at += piece.length;
    this.position += piece.length;
    return piece;
  }

  /** Passes bytes over up to `place`; false when the stream ends before it. */
  async moveTo(place: number): Promise<boolean> {
    if (place < this.position) return this.#stepBack(this.position - place);
    while (this.position < place) {
      if ((await this.piece(place - this.position)) === null) return false;
    }
    return true;
  }

  /** A copy of the next `length` bytes; fewer at the end. */
  async take(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0; ) {
      const piece = await this.piece(left);
      if (piece === null) break;
      // A copy: the pieces of the source are used again.
      parts.push(Buffer.from(piece));
      left -= piece.length;
    }
    const taken = Buffer.concat(parts);
    this.#taken = taken;
    this.#takenEnd = this.position;
    return taken;
  }

  /** The reader of headers looks at most one read back: those bytes are put before what follows. */
  #stepBack(count: number): boolean {
    if (this.position !== this.#takenEnd || count > this.#taken.length) throw new InternalError('member-passed', 'a stream of a TAR cannot be read backwards');
    const rest = this.#piece.subarray(this.#at);
    this.#piece = Buffer.concat([this.#taken.subarray(this.#taken.length - count), rest]);
    this.#at = 0;
    this.position -= count;
    this.#taken = Buffer.alloc(0);
    return true;
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
