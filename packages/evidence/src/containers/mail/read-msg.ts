/**
 * One message as Outlook saves it (`.msg`, [MS-OXMSG]): a compound file in which each property is a stream named
 * `__substg1.0_` and its id and type in hexadecimal. The content of an attachment is property 3701 as binary
 * (type 0102), in whatever storage it stands, so that attachments of attached messages are found too.
 */
import { KerbsideError, problemFrom, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent } from '../container.ts';
import { givenName, NO_TIMES } from '../member-names.ts';
import { ProblemTally } from '../problem-tally.ts';
import { sourcePieces } from '../source-pieces.ts';
import { readCompoundStreams } from '../thumbnails/compound-file.ts';

const PROPERTY_MARK = Buffer.from('__substg1.0_', 'utf16le');
const CONTENT_NAME = Buffer.from('__substg1.0_37010102', 'utf16le');

/** True for a compound file whose beginning names properties of a message. */
export function isOutlookMessage(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, head.byteLength).includes(PROPERTY_MARK);
}

/** The attachments of a `.msg`, as byte runs of it; numbered, since their names stand in streams that are not tied to them here. */
export function* readMsg(source: RandomAccessSource, budget: ContainerBudget): Iterable<ContainerEvent> {
  const tally = new ProblemTally();
  let count = 0;
  try {
    for (const entry of readCompoundStreams(source)) {
      if ('fault' in entry) {
        const problem = tally.admit(problemFrom(entry.fault));
        if (problem !== null) yield { type: 'problem', problem };
        continue;
      }
      const { name, sizeBytes, extents } = entry.stream;
      if (!name.equals(CONTENT_NAME)) continue;
      budget.countEntry();
      yield {
        type: 'member',
        member: {
          names: [givenName(`part${(count += 1)}`)],
          kind: 'file',
          sizeBytes,
          times: NO_TIMES,
          state: 'readable',
          extents,
          *content() {
            for (const { sourceOffset, length } of extents) yield* sourcePieces(source, sourceOffset, length);
          },
        },
      };
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
  for (const problem of tally.rest()) yield { type: 'problem', problem };
}
