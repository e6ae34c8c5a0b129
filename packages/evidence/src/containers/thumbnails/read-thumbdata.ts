/**
 * Android's `.thumbdata3` in DCIM/.thumbnails: slots of 10,000 bytes (thumbdata-slot.ts), most of them empty in a file of
 * hundreds of megabytes. Later and makers' own forms (`.thumbdata4`, `.thumbdata5`) are not described anywhere; they hold
 * JPEGs too, which are found by their beginning, each taken up to its last end marker before the next one.
 */
import { KerbsideError, LimitError, problemFrom, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerEvent } from '../container.ts';
import { MAX_STORE_MEMBERS, storedMember } from './stored-member.ts';
import { SLOT_BYTES, SLOT_HEAD_BYTES, thumbdataSlotLength } from './thumbdata-slot.ts';

const SLOTS_AT_ONCE = 100;
const BEGINNING = Buffer.from([0xff, 0xd8, 0xff]);
const END = Buffer.from([0xff, 0xd9]);

/** Stretch searched at once; a thumbnail of these files is far smaller. */
const SEARCH_BYTES = 4 * 1024 * 1024;

/** Names by which Android keeps such files; an empty beginning tells nothing, so the content alone cannot. */
export function isThumbdataName(name: string): boolean {
  return /^\.thumbdata\d/.test(name);
}

/** Members are the JPEGs as they lie, called by their slot (the picture's id in the media database) or their offset. */
export function* readThumbdata(source: RandomAccessSource): Generator<ContainerEvent> {
  try {
    let found = 0;
    for (const event of readSlots(source)) {
      found += 1;
      yield event;
    }
    if (found === 0) yield* searchJpegs(source);
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
}

function* readSlots(source: RandomAccessSource): Generator<ContainerEvent> {
  let members = 0;
  for (let start = 0; start < source.sizeBytes; start += SLOT_BYTES * SLOTS_AT_ONCE) {
    const bytes = Buffer.allocUnsafe(Math.min(SLOT_BYTES * SLOTS_AT_ONCE, source.sizeBytes - start));
    source.readInto(bytes, start);
    for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
      const length = thumbdataSlotLength(bytes, at);
      const from = start + at + SLOT_HEAD_BYTES;
      if (length === null || from + length > source.sizeBytes) continue;
      members += 1;
      checkLimit(members);
      yield member(source, String((start + at) / SLOT_BYTES), from, length);
    }
  }
}

function* searchJpegs(source: RandomAccessSource): Generator<ContainerEvent> {
  let members = 0;
  let start = 0;
  while (start < source.sizeBytes) {
    const bytes = Buffer.allocUnsafe(Math.min(SEARCH_BYTES, source.sizeBytes - start));
    source.readInto(bytes, start);
    const last = start + bytes.length >= source.sizeBytes;
    let at = bytes.indexOf(BEGINNING);
    if (at < 0) {
      start += Math.max(1, bytes.length - 2);
      if (last) return;
      continue;
    }
    let next = bytes.indexOf(BEGINNING, at + 3);
    while (at >= 0 && (next >= 0 || last || at === 0)) {
      const stop = next < 0 ? bytes.length : next;
      const end = bytes.subarray(at, stop).lastIndexOf(END);
      if (end > 0) {
        members += 1;
        checkLimit(members);
        yield member(source, String(start + at), start + at, end + 2);
      }
      at = next;
      next = at < 0 ? -1 : bytes.indexOf(BEGINNING, at + 3);
    }
    if (last) return;
    // The one whose end was not seen is looked at again, now at the beginning of the stretch.
    start += at < 0 ? bytes.length : at;
  }
}

function member(source: RandomAccessSource, name: string, sourceOffset: number, length: number): ContainerEvent {
  return { type: 'member', member: storedMember(source, [{ bytes: Buffer.from(name), encoding: 'given' }], [{ kind: 'data', sourceOffset, length }]) };
}

function checkLimit(members: number): void {
  if (members > MAX_STORE_MEMBERS) throw new LimitError('thumbnails-limit', `The store holds more than ${MAX_STORE_MEMBERS} thumbnails.`);
}
