import { MalformedError, problemFrom, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { PlainExtent } from '../../item.ts';
import { borrowPiece, returnPiece } from '../compressed/piece-buffers.ts';
import { feedFromSource } from '../compressed/packed-feed.ts';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent, Member } from '../container.ts';
import { shortPath } from '../member-names.ts';
import { ReadAhead } from '../read-ahead.ts';
import type { TarEntry } from './tar-entry.ts';
import { tarSteps } from './tar-steps.ts';

/** Lists a TAR that lies on a source: every member is byte runs of it. Never throws on evidence. */
export function* readTar(source: RandomAccessSource, budget: ContainerBudget): Generator<ContainerEvent, void, undefined> {
  const ahead = new ReadAhead(source);
  const steps = tarSteps(budget, source.sizeBytes);
  let answer: Buffer = Buffer.alloc(0);
  try {
    for (;;) {
      const { done, value: step } = steps.next(answer);
      if (done === true) return;
      if (step.type === 'read') {
        answer = step.at >= source.sizeBytes ? Buffer.alloc(0) : ahead.view(step.at, Math.min(step.length, source.sizeBytes - step.at));
      } else if (step.type === 'problem') {
        const { problem } = step;
        yield { type: 'problem', problem: problem.where.offset === undefined ? problem : { ...problem, where: { ...problem.where, offset: problem.where.offset + source.originOffset } } };
      } else {
        yield { type: 'member', member: toMember(source, budget, step.entry) };
      }
    }
  } catch (error) {
    yield { type: 'problem', problem: problemFrom(error, { offset: source.originOffset }) };
  }
}

function toMember(source: RandomAccessSource, budget: ContainerBudget, entry: TarEntry): Member {
  const { names, kind, sizeBytes, times, state } = entry;
  const extents = kind === 'file' && state === 'readable' ? extentsOf(entry) : null;
  return { names, kind, sizeBytes, times, state, extents, content: () => readRuns(source, budget, entry, extents) };
}

/** Runs and the holes between them, in file order. */
export function extentsOf({ runs, contentAt, sizeBytes }: TarEntry): PlainExtent[] {
  const extents: PlainExtent[] = [];
  let reach = 0;
  let stored = contentAt;
  for (const { offset, length } of runs) {
    if (offset > reach) extents.push({ kind: 'hole', sourceOffset: -1, length: offset - reach });
    extents.push({ kind: 'data', sourceOffset: stored, length });
    stored += length;
    reach = offset + length;
  }
  if (sizeBytes > reach) extents.push({ kind: 'hole', sourceOffset: -1, length: sizeBytes - reach });
  return extents;
}

/** @throws UnsupportedError, MalformedError for a member that is not readable */
export function requireReadable(entry: TarEntry): void {
  if (entry.state === 'unsupported') throw new UnsupportedError('tar-part-missing', `${shortPath(entry.names)} began in another part of a TAR`);
  if (entry.state === 'damaged') throw new MalformedError('tar-truncated', `${shortPath(entry.names)} is cut short or its sparse map is damaged`);
}

function* readRuns(source: RandomAccessSource, budget: ContainerBudget, entry: TarEntry, extents: readonly PlainExtent[] | null): Generator<Uint8Array, void, undefined> {
  requireReadable(entry);
  for (const extent of extents ?? []) {
    if (extent.kind === 'hole') {
      yield* zeros(extent.length, budget);
      continue;
    }
    const feed = feedFromSource(source, extent.sourceOffset, extent.length);
    while (feed.fill()) {
      const piece = feed.bytes.subarray(feed.at, feed.end);
      feed.at = feed.end;
      yield piece;
    }
  }
}

/** Zeros of a hole. They cost nothing to state, so they count as unpacked. */
export function* zeros(length: number, budget: ContainerBudget): Generator<Uint8Array, void, undefined> {
  const piece = borrowPiece();
  try {
    piece.fill(0);
    for (let left = length; left > 0; left -= piece.length) {
      const part = piece.subarray(0, Math.min(piece.length, left));
      budget.countExpanded(part.length);
      yield part;
    }
  } finally {
    returnPiece(piece);
  }
}
