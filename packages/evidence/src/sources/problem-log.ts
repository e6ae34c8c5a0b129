import type { Problem } from '@kerbside/bytes';

/** Problems kept between two calls of `take`: a dying disk can make one for each sector. */
const MAX_KEPT_PROBLEMS = 1_000;

/** Collects problems met while reading; past the limit it keeps a count instead, so memory is bounded and nothing is silent. */
export class ProblemLog {
  #kept: Problem[] = [];
  #dropped = 0;

  add(problem: Problem): void {
    // That the source went away is kept whatever came before: it decides what becomes of the reads.
    if (this.#kept.length < MAX_KEPT_PROBLEMS || (problem.code === 'medium-gone' && this.#kept.at(-1)?.code !== 'medium-gone')) this.#kept.push(problem);
    else this.#dropped += 1;
  }

  /** Hands over what was collected and starts afresh. */
  take(): readonly Problem[] {
    const taken = this.#kept;
    if (this.#dropped > 0) {
      taken.push({
        kind: 'limit',
        code: 'read-problems-limit',
        message: `${this.#dropped} further read problems are not listed one by one (limit ${MAX_KEPT_PROBLEMS} at a time)`,
        where: {},
      });
    }
    this.#kept = [];
    this.#dropped = 0;
    return taken;
  }
}
