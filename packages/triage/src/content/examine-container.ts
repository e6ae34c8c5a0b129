import { LimitError, problemFrom } from '@kerbside/bytes';
import { ContainerBudget, type ContainerEvent, type Member } from '@kerbside/evidence';
import { containerStep } from './content-kinds.ts';
import { memberNamer } from './name-members.ts';
import type { Content } from './content-tools.ts';
import { Stopped, type Examination } from './examination.ts';
import { examinePlacedMember, isPlaceable } from './examine-placed-member.ts';
import { examineStreamedMember } from './examine-streamed-member.ts';

/**
 * Goes through what a container holds; each member is hashed where a set may hold it, and looked at as an item is.
 * @param open gives its members
 * @param content of the container, where it has a place; null for one that comes in pieces
 * @param path display path of the container inside the item; empty for the item itself
 * @param around budget of the container that holds this one
 */
export async function examineContainer(
  examination: Examination,
  kind: string,
  open: (budget: ContainerBudget) => Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>,
  content: Content | null,
  path: string,
  around: ContainerBudget | null,
): Promise<void> {
  const { containers } = examination.counts;
  containers.seen += 1;
  const prefix = path === '' ? containerStep(kind) : `${path}/${containerStep(kind)}`;
  const nameOf = memberNamer(prefix);
  try {
    const budget = around === null ? ContainerBudget.forContainer(content?.source.sizeBytes ?? 0) : around.nested();
    for await (const event of open(budget)) {
      examination.checkStop();
      if (event.type === 'problem') examination.addProblem(event.problem, path);
      else await examineMember(examination, event.member, nameOf(event.member), content, budget);
    }
    containers.opened += 1;
  } catch (error) {
    if (error instanceof Stopped) throw error;
    containers.problems += 1;
    examination.addProblem(problemFrom(error), path);
  }
}

/** Members of one item that are looked up: their digests wait in memory until the item is done. */
const MAX_LOOKED_UP = 300_000;

async function examineMember(examination: Examination, member: Member, path: string, content: Content | null, budget: ContainerBudget): Promise<void> {
  const { members } = examination.counts;
  if (member.kind === 'directory') {
    members.directories += 1;
    return;
  }
  members.seen += 1;
  if (member.kind !== 'file' || member.sizeBytes === 0) {
    members.skipped += 1;
    return;
  }
  if (member.state !== 'readable') {
    // The reader has said why.
    members.problems += 1;
    return;
  }
  if (examination.members.length >= MAX_LOOKED_UP) {
    members.problems += 1;
    examination.addProblem(problemFrom(new LimitError('content-members-limit', `more than ${MAX_LOOKED_UP} files inside one item are to be looked up; this one was not`)), path);
    return;
  }
  try {
    const wasHashed = isPlaceable(member, content) ? await examinePlacedMember(examination, member, path, content, budget) : await examineStreamedMember(examination, member, path, budget);
    if (wasHashed) members.read += 1;
    else members.gated += 1;
  } catch (error) {
    if (error instanceof Stopped) throw error;
    members.problems += 1;
    examination.addProblem(problemFrom(error), path);
  }
}
