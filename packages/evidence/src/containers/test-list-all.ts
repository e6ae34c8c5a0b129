/** Shared by the tests of containers: all that a reader lists, each member read before the next is asked for. */
import { KerbsideError, type Problem } from '@kerbside/bytes';
import { displayName } from '../display-name.ts';
import type { ContainerEvent, Member } from './container.ts';

export interface Listed {
  /** Display path → what was read of the member: its bytes, or the code of what went wrong. */
  readonly contents: Map<string, Buffer | string>;
  readonly members: Map<string, Member>;
  readonly problems: Problem[];
  readonly codes: string[];
}

/** Reads everything a container yields, each member before the next is asked for. */
export async function listAll(events: Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>): Promise<Listed> {
  const listed: Listed = { contents: new Map(), members: new Map(), problems: [], codes: [] };
  for await (const event of events) {
    if (event.type === 'problem') {
      listed.problems.push(event.problem);
      listed.codes.push(event.problem.code);
      continue;
    }
    const { member } = event;
    const path = member.names.map(displayName).join('/');
    listed.members.set(path, member);
    if (member.kind !== 'file') continue;
    const pieces: Buffer[] = [];
    try {
      for await (const piece of member.content()) pieces.push(Buffer.from(piece));
      listed.contents.set(path, Buffer.concat(pieces));
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      listed.contents.set(path, error.code);
    }
  }
  return listed;
}
