import { createHash } from 'node:crypto';
import { KerbsideError } from '@kerbside/bytes';
import type { ContainerEvent } from './container.ts';
import { memberPath } from './member-names.ts';

/** What tests look at: every member read to its end, every problem by its code. */
export interface ContainerListing {
  /** Path, kind, state, and the SHA-1 of the content or the code of what was thrown. */
  readonly members: readonly string[];
  readonly problems: readonly string[];
  readonly readBytes: number;
}

export function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** Reads all of a container. An error that is not ours is not caught: it fails the test. */
export async function listContainer(events: Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>): Promise<ContainerListing> {
  const members: string[] = [];
  const problems: string[] = [];
  let readBytes = 0;
  for await (const event of events) {
    if (event.type === 'problem') {
      problems.push(event.problem.code);
      continue;
    }
    const { member } = event;
    let told: string;
    try {
      const hash = createHash('sha1');
      for await (const piece of member.content()) {
        hash.update(piece);
        readBytes += piece.length;
      }
      told = hash.digest('hex');
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      told = error.code;
    }
    members.push(`${memberPath(member.names)} ${member.kind} ${member.state} ${told}`);
  }
  return { members, problems, readBytes };
}
