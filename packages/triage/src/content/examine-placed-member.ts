import { MediumError, type RandomAccessSource } from '@kerbside/bytes';
import { openItemSource, type ContainerBudget, type Member } from '@kerbside/evidence';
import { packedLength, startDigests } from '../digests.ts';
import type { Content } from './content-tools.ts';
import { headOf, type Examination } from './examination.ts';

const READ_BYTES = 1024 * 1024;

/** Whether a member can be read at any place without being unpacked first. */
export function isPlaceable(member: Member, container: Content | null): boolean {
  return member.open !== undefined || (member.extents !== null && container !== null);
}

/**
 * A member that is stored as it is, or that opens at any place: read where it lies, however long it is, and never copied.
 * @returns true when it was hashed, false when no set holds its length
 * @throws KerbsideError where it cannot be read whole
 */
export async function examinePlacedMember(examination: Examination, member: Member, path: string, container: Content | null, budget: ContainerBudget): Promise<boolean> {
  const source = openPlaced(member, container);
  try {
    return await examineSource(examination, source, path, container === null || member.extents === null ? -1 : placeOnSource(container.source, member.extents), budget);
  } finally {
    source.close();
  }
}

/** Opens a member that is placeable; the caller closes it. */
export function openPlaced(member: Member, container: Content | null): RandomAccessSource {
  return member.open?.() ?? openInside(container!.source, member.extents ?? []);
}

function openInside(container: RandomAccessSource, extents: NonNullable<Member['extents']>): RandomAccessSource {
  return openItemSource(fromZero(container), { content: { form: 'extents', extents }, sizeBytes: extents.reduce((sum, { length }) => sum + length, 0) });
}

async function examineSource(examination: Examination, source: RandomAccessSource, path: string, offset: number, budget: ContainerBudget): Promise<boolean> {
  const { sizeBytes } = source;
  const mask = examination.maskOf(sizeBytes);
  if (mask !== 0) examination.members.push({ member: path, sizeBytes, mask, digests: hashAll(examination, source, mask), offset });
  const kind = examination.tools.sniff(headOf(source));
  if (kind !== null) await examination.examine(kind, { source, bytes: null }, path, budget);
  return mask !== 0;
}

function hashAll(examination: Examination, source: RandomAccessSource, mask: number): Uint8Array {
  const running = startDigests(mask);
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, source.sizeBytes));
  for (let at = 0; at < source.sizeBytes; at += buffer.byteLength) {
    examination.checkStop();
    const piece = buffer.subarray(0, Math.min(buffer.byteLength, source.sizeBytes - at));
    const [unread] = source.readInto(piece, at);
    if (unread !== undefined) throw new MediumError('unreadable-bytes', `${unread.length} bytes of the member could not be read`);
    running.update(piece);
  }
  const digests = new Uint8Array(packedLength(mask));
  running.finish(digests, 0);
  return digests;
}

/** Extents of a member are counted from the container's first byte, wherever that lies. */
function fromZero(source: RandomAccessSource): RandomAccessSource {
  return { sizeBytes: source.sizeBytes, originOffset: 0, readInto: (target, offset) => source.readInto(target, offset), close: () => undefined };
}

/** Offset on the source of the member's first byte; -1 where it has none that is known. */
function placeOnSource(container: RandomAccessSource, [first]: NonNullable<Member['extents']>): number {
  if (first === undefined || first.kind !== 'data' || !isPlaced(container)) return -1;
  return container.placeOf(first.sourceOffset);
}

/** A source that knows where on the outermost source each of its bytes lies. */
interface PlacedSource extends RandomAccessSource {
  placeOf(offset: number): number;
}

function isPlaced(source: RandomAccessSource): source is PlacedSource {
  return 'placeOf' in source && typeof source.placeOf === 'function';
}
