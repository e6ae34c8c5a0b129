import type { Problem } from '@kerbside/bytes';
import type { EntryFailure } from './hash-job.ts';

/** Problems kept of one item; a damaged file can have one in every block. */
const PROBLEMS_PER_ITEM = 8;

/** Why an item was not read whole, as problems that name it. */
export function failureProblems(path: string, failure: EntryFailure): Problem[] {
  const listed: Problem[] = failure.problems.slice(0, PROBLEMS_PER_ITEM).map((problem) => ({ ...problem, where: { ...problem.where, path } }));
  const [range] = failure.unreadable;
  if (range !== undefined) {
    const bytes = failure.unreadable.reduce((sum, one) => sum + one.length, 0);
    listed.push({ kind: 'medium', code: 'unreadable-bytes', message: `${bytes} bytes of the item could not be read`, where: { path, offset: range.offset, length: range.length } });
  }
  return listed;
}
