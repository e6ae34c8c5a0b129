import type { ByteRange, Problem } from '@kerbside/bytes';

/** Reasons remembered by one reader; past this a failing item still has its own problem, without the reason below it. */
const MAX_REMEMBERED = 10_000;

/**
 * Why bytes could not be read, for every item that has them. A source tells each fault once, to
 * whoever meets it first; which reader that is depends on chance, and the report must not.
 */
export interface FailureReasons {
  /**
   * @param fresh what the source has told since the last call
   * @param unreadable ranges of one item
   * @returns what was ever told of these ranges, in the order of the source
   */
  of(fresh: readonly Problem[], unreadable: readonly ByteRange[]): readonly Problem[];
}

export function createFailureReasons(): FailureReasons {
  const remembered = new Map<string, Problem>();
  return {
    of(fresh, unreadable) {
      for (const problem of fresh) {
        const { offset, length } = problem.where;
        if (offset !== undefined && remembered.size < MAX_REMEMBERED) remembered.set(`${offset} ${length ?? 0} ${problem.code}`, problem);
      }
      if (remembered.size === 0) return [];
      return [...remembered.values()]
        .filter((problem) => unreadable.some((range) => touches(problem, range)))
        .sort((a, b) => (a.where.offset ?? 0) - (b.where.offset ?? 0) || (a.where.length ?? 0) - (b.where.length ?? 0) || (a.code < b.code ? -1 : 1));
    },
  };
}

function touches({ where }: Problem, { offset, length }: ByteRange): boolean {
  const start = where.offset ?? 0;
  return start < offset + length && start + Math.max(1, where.length ?? 1) > offset;
}
