/**
 * Android's `.thumbdata3` in DCIM/.thumbnails: slots of 10,000 bytes (thumbdata-slot.ts), most of them empty in a file of
 * hundreds of megabytes. Later and makers' own forms (`.thumbdata4`, `.thumbdata5`) are not described anywhere; they hold
 * JPEGs too. So what stands in no filled slot and is not all zeros is searched for JPEGs that are whole by their own
 * structure, and what is left then is told.
 */
import { KerbsideError, LimitError, MediumError, problemFrom, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerEvent } from '../container.ts';
import { carveJpegs } from './carve-jpegs.ts';
import { tellLeftOver, unclaimedOfAll, type Stretch } from './left-over.ts';
import { MAX_STORE_MEMBERS, storedMember } from './stored-member.ts';
import { SLOT_BYTES, SLOT_HEAD_BYTES, thumbdataSlotLength } from './thumbdata-slot.ts';

const SLOTS_AT_ONCE = 100;
const EMPTY_SLOT = Buffer.alloc(SLOT_BYTES);

/** Members are the JPEGs as they lie, called by their slot (the picture's id in the media database) or by `at` and their offset. */
export function* readThumbdata(source: RandomAccessSource): Generator<ContainerEvent> {
  const unread: Stretch[] = [];
  const holes: ByteRange[] = [];
  const found: Stretch[] = [];
  try {
    let members = 0;
    for (const { slot, start, end } of readSlots(source, unread, holes)) {
      checkLimit(++members);
      yield member(source, String(slot), { start, end });
    }
    for (const stretch of carveJpegs(fromZero(source), unread)) {
      found.push(stretch);
      checkLimit(++members);
      yield member(source, `at ${stretch.start}`, stretch);
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
  if (holes.length > 0) yield { type: 'problem', problem: problemFrom(unreadBytes(source, holes)) };
  yield* tellLeftOver(source, unclaimedOfAll(unread, found), 'a thumbnail store of Android');
}

interface FilledSlot extends Stretch {
  readonly slot: number;
}

/** Filled slots; into `unread` goes whatever else is not zeros, slot by slot, joined where one follows another, and into `holes` what the medium did not give. */
function* readSlots(source: RandomAccessSource, unread: Stretch[], holes: ByteRange[]): Generator<FilledSlot> {
  for (let start = 0; start < source.sizeBytes; start += SLOT_BYTES * SLOTS_AT_ONCE) {
    const bytes = Buffer.allocUnsafe(Math.min(SLOT_BYTES * SLOTS_AT_ONCE, source.sizeBytes - start));
    const missing = source.readInto(bytes, start);
    holes.push(...missing);
    for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
      const slotEnd = Math.min(at + SLOT_BYTES, bytes.length);
      const length = thumbdataSlotLength(bytes, at);
      // A slot with a hole is searched like any bytes that are no slot, as far as it can be read.
      const hasHole = missing.some(({ offset, length: bytesMissing }) => offset < start + slotEnd && offset + bytesMissing > start + at);
      const isFilled = !hasHole && length !== null && at + SLOT_HEAD_BYTES + length <= slotEnd;
      const rest = isFilled ? at + SLOT_HEAD_BYTES + length : at;
      if (isFilled) yield { slot: (start + at) / SLOT_BYTES, start: start + at + SLOT_HEAD_BYTES, end: start + rest };
      if (hasHole || !bytes.subarray(rest, slotEnd).equals(EMPTY_SLOT.subarray(0, slotEnd - rest))) addStretch(unread, { start: start + rest, end: start + slotEnd });
    }
  }
}

function unreadBytes(source: RandomAccessSource, holes: readonly ByteRange[]): MediumError {
  const bytes = holes.reduce((sum, { length }) => sum + length, 0);
  const [first] = holes;
  return new MediumError('unreadable-bytes', `${bytes} bytes of a thumbnail store could not be read; the rest of it was looked at`, { offset: source.originOffset + first!.offset, length: first!.length });
}

function addStretch(stretches: Stretch[], { start, end }: Stretch): void {
  const last = stretches.at(-1);
  if (last?.end === start) stretches[stretches.length - 1] = { start: last.start, end };
  else stretches.push({ start, end });
}

function member(source: RandomAccessSource, name: string, { start, end }: Stretch): ContainerEvent {
  return { type: 'member', member: storedMember(source, [{ bytes: Buffer.from(name), encoding: 'given' }], [{ kind: 'data', sourceOffset: start, length: end - start }]) };
}

function checkLimit(members: number): void {
  if (members > MAX_STORE_MEMBERS) throw new LimitError('thumbnails-limit', `The store holds more than ${MAX_STORE_MEMBERS} thumbnails.`);
}

/** Carving counts from the outermost source's first byte; members are counted from the store's. */
function fromZero(source: RandomAccessSource): RandomAccessSource {
  return { sizeBytes: source.sizeBytes, originOffset: 0, readInto: (target, offset) => source.readInto(target, offset), close: () => undefined };
}
