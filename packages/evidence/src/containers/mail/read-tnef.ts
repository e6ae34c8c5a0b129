/**
 * `winmail.dat`: what Outlook makes of attachments when it believes that the receiver uses Outlook too
 * (TNEF, [MS-OXTNEF]). Little-endian: 0x223e9f78, key u16, then attributes one after another:
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | level: 1 message, 2 attachment |
 * | 4 | id of the attribute |
 * | 4 | length |
 * | … | value |
 * | 2 | sum of its bytes |
 *
 * An attachment begins with `attAttachRenddata`; `attAttachTitle` is its short name, `attAttachData` its content,
 * `attAttachment` its properties, of which the long name is taken.
 */
import { KerbsideError, MalformedError, problemFrom, readView, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent } from '../container.ts';
import { givenName, NO_TIMES } from '../member-names.ts';
import { ProblemTally } from '../problem-tally.ts';
import { sourcePieces } from '../source-pieces.ts';
import { MAX_MAIL_NAME_BYTES } from './mail-limits.ts';

const SIGNATURE = 0x223e9f78;
const HEAD_BYTES = 9;
const SUM_BYTES = 2;

const ATTACHMENT_BEGINS = 0x00069002;
const TITLE = 0x00018010;
const DATA = 0x0006800f;
const PROPERTIES = 0x00069005;

/** PR_ATTACH_LONG_FILENAME as Unicode and as 8-bit text. */
const LONG_NAME = [0x3707001f, 0x3707001e];

/** How much of an attachment's properties is looked at for the long name. */
const MAX_PROPERTY_BYTES = 256 * 1024;

interface Attachment {
  number: number;
  title: EvidenceName | null;
  longName: EvidenceName | null;
  data: { readonly start: number; readonly length: number } | null;
}

/** True for a TNEF file by its first bytes. */
export function isTnef(head: Uint8Array): boolean {
  return head.length >= 6 && Buffer.from(head.buffer, head.byteOffset, head.byteLength).readUInt32LE(0) === SIGNATURE;
}

/** The attachments in a `winmail.dat`, as byte runs of it. */
export function* readTnef(source: RandomAccessSource, budget: ContainerBudget): Iterable<ContainerEvent> {
  const tally = new ProblemTally();
  let open: Attachment | null = null;
  let count = 0;
  try {
    for (const attribute of attributes(source)) {
      if (attribute.id === ATTACHMENT_BEGINS) {
        if (open !== null) yield* give(source, open, budget);
        open = { number: (count += 1), title: null, longName: null, data: null };
      } else if (open === null) continue;
      else if (attribute.id === DATA) open.data = attribute;
      else if (attribute.id === TITLE) open.title = asName(readView(source, attribute.start, Math.min(attribute.length, MAX_MAIL_NAME_BYTES)).bytes, 1);
      else if (attribute.id === PROPERTIES) open.longName = findLongName(readView(source, attribute.start, Math.min(attribute.length, MAX_PROPERTY_BYTES)).bytes);
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    const problem = tally.admit(problemFrom(error));
    if (problem !== null) yield { type: 'problem', problem };
  }
  try {
    if (open !== null) yield* give(source, open, budget);
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
}

function* attributes(source: RandomAccessSource): Iterable<{ readonly id: number; readonly start: number; readonly length: number }> {
  if (source.sizeBytes < 6 || readView(source, 0, 4).u32(0) !== SIGNATURE) throw damaged('it does not begin as one');
  for (let at = 6; at < source.sizeBytes; ) {
    if (at + HEAD_BYTES > source.sizeBytes) throw damaged('it ends inside an attribute');
    const head = readView(source, at, HEAD_BYTES);
    const length = head.u32(5);
    const start = at + HEAD_BYTES;
    if (start + length > source.sizeBytes) throw damaged('an attribute runs past its end');
    yield { id: head.u32(1), start, length };
    at = start + length + SUM_BYTES;
  }
}

function* give(source: RandomAccessSource, { number, title, longName, data }: Attachment, budget: ContainerBudget): Iterable<ContainerEvent> {
  if (data === null) return;
  budget.countEntry();
  const name = longName ?? title;
  const part = givenName(`part${number}`);
  yield {
    type: 'member',
    member: {
      names: name === null ? [part] : [part, name],
      kind: 'file',
      sizeBytes: data.length,
      times: NO_TIMES,
      state: 'readable',
      extents: [{ kind: 'data', sourceOffset: data.start, length: data.length }],
      content: () => sourcePieces(source, data.start, data.length),
    },
  };
}

/**
 * Finds the long name without walking all kinds of values: its tag, the number of values (1), its length, its text.
 * A name that is only planted in another value would be wrong; it names a file and decides nothing.
 */
function findLongName(bytes: Buffer): EvidenceName | null {
  for (const [i, tag] of LONG_NAME.entries()) {
    const pattern = Buffer.alloc(8);
    pattern.writeUInt32LE(tag, 0);
    pattern.writeUInt32LE(1, 4);
    const at = bytes.indexOf(pattern);
    if (at < 0 || at + 12 > bytes.length) continue;
    const length = bytes.readUInt32LE(at + 8);
    if (length > 0 && length <= MAX_MAIL_NAME_BYTES * 2 && at + 12 + length <= bytes.length) return asName(bytes.subarray(at + 12, at + 12 + length), i === 0 ? 2 : 1);
  }
  return null;
}

function asName(bytes: Buffer, width: 1 | 2): EvidenceName | null {
  let end = bytes.length - (bytes.length % width);
  while (end >= width && bytes.subarray(end - width, end).every((byte) => byte === 0)) end -= width;
  return end === 0 ? null : { bytes: bytes.subarray(0, end), encoding: width === 2 ? 'utf-16le' : 'latin1' };
}

function damaged(what: string): MalformedError {
  return new MalformedError('tnef-damaged', `a winmail.dat cannot be read to its end: ${what}`);
}
