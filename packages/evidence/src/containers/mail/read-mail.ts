import { KerbsideError, MalformedError, problemFrom, readView, SourceWindow, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent, Member } from '../container.ts';
import { shortPath } from '../member-names.ts';
import { ProblemTally } from '../problem-tally.ts';
import { sourcePieces } from '../source-pieces.ts';
import type { MailPart } from './mail-part.ts';
import { decodeTransfer } from './transfer-decoding.ts';
import { unescapeFrom } from './unescape-from.ts';
import { MailWalk, type MailForm } from './walk-mail.ts';

/**
 * The files in a mail file: attachments and inline parts, also of messages attached to messages, and
 * files uuencoded in text. A part is named by its place, `message7/part2`, and then by its own file name.
 * Its time `created` is the date of its message unless the sender's program stated the file's own.
 * Texts of messages are no members.
 *
 * @param form `mbox` for many messages, `message` for one (EML, Maildir)
 */
export function* readMail(source: RandomAccessSource, form: MailForm, budget: ContainerBudget): Iterable<ContainerEvent> {
  const tally = new ProblemTally();
  try {
    for (const event of new MailWalk(source, form).events()) {
      if (event.type === 'problem') {
        const problem = tally.admit(event.problem);
        if (problem !== null) yield { type: 'problem', problem };
        continue;
      }
      budget.countEntry();
      yield { type: 'member', member: event.type === 'part' ? memberOf(source, event.part, form) : { names: event.names, kind: 'directory', sizeBytes: null, times: event.times, state: 'readable', extents: null, content: () => [] } };
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
  for (const problem of tally.rest()) yield { type: 'problem', problem };
}

/** Longest first line of an .emlx file: the length of the message as a number. */
const EMLX_COUNT_BYTES = 32;

/**
 * A message as Apple Mail keeps it: a line with the length of the message, the message, a property list.
 * What a `.partial.emlx` leaves out lies in files of its own beside it.
 */
export function* readEmlx(source: RandomAccessSource, budget: ContainerBudget): Iterable<ContainerEvent> {
  let message: RandomAccessSource;
  let isCut: boolean;
  try {
    const head = readView(source, 0, Math.min(source.sizeBytes, EMLX_COUNT_BYTES)).bytes;
    const match = /^(\d{1,10})[ \t]*\r?\n/.exec(head.toString('latin1'));
    if (match === null) throw new MalformedError('mail-emlx-damaged', 'the file does not begin with the length of its message');
    const start = match[0].length;
    isCut = Number(match[1]) > source.sizeBytes - start;
    message = new SourceWindow(source, start, Math.min(Number(match[1]), source.sizeBytes - start));
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
    return;
  }
  if (isCut) yield { type: 'problem', problem: problemFrom(new MalformedError('mail-emlx-damaged', 'the file is shorter than its message states')) };
  const shift = message.originOffset - source.originOffset;
  for (const event of readMail(message, 'message', budget)) {
    const extents = event.type === 'member' ? event.member.extents : null;
    if (event.type === 'problem' || extents === null) yield event;
    else yield { type: 'member', member: { ...event.member, extents: extents.map((extent) => ({ ...extent, sourceOffset: extent.sourceOffset + shift })) } };
  }
}

function memberOf(source: RandomAccessSource, part: MailPart, form: MailForm): Member {
  const length = part.end - part.start;
  // In an mbox a line may be quoted, so that even an unencoded part is not what stands there.
  const isStored = part.encoding === 'none' && form === 'message';
  return {
    names: part.names,
    kind: 'file',
    sizeBytes: isStored ? length : null,
    times: part.times,
    state: part.state,
    extents: isStored ? [{ kind: 'data', sourceOffset: part.start, length }] : null,
    content() {
      if (part.state === 'encrypted') throw new UnsupportedError('mail-encrypted', `${shortPath(part.names)} is encrypted for its receiver`);
      const pieces = sourcePieces(source, part.start, length);
      return decodeTransfer(part.encoding, form === 'mbox' && part.encoding !== 'base64' ? unescapeFrom(pieces) : pieces);
    },
  };
}
