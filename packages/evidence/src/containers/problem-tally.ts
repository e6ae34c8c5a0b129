import type { Problem } from '@kerbside/bytes';

/** Problems of one code told one by one for each container; a damaged backup of 500,000 files would otherwise be a report of its own. */
export const MAX_PROBLEMS_PER_CODE = 50;

/**
 * Keeps the problems of one container readable: the first of each code are told one by one, the rest
 * as one sentence with their number. Nothing is dropped: `rest` must be told at the end.
 */
export class ProblemTally {
  readonly #counts = new Map<string, { count: number; last: Problem }>();

  /** The problem itself while it is to be told, null once it is only counted. */
  admit(problem: Problem): Problem | null {
    const seen = this.#counts.get(problem.code);
    if (seen === undefined) {
      this.#counts.set(problem.code, { count: 1, last: problem });
      return problem;
    }
    seen.count += 1;
    seen.last = problem;
    return seen.count <= MAX_PROBLEMS_PER_CODE ? problem : null;
  }

  /** One problem for each code of which more were met than told. */
  *rest(): Iterable<Problem> {
    for (const { count, last } of this.#counts.values()) {
      if (count > MAX_PROBLEMS_PER_CODE) {
        yield { ...last, message: `${count - MAX_PROBLEMS_PER_CODE} more of the same kind; the last: ${last.message}` };
      }
    }
  }
}
