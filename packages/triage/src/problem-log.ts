import type { Problem } from '@kerbside/bytes';
import type { ReportProblem } from './report-types.ts';

/** Problems of one code that are listed one by one; the rest are told as a number, never dropped. */
export const LISTED_PROBLEMS_PER_CODE = 1000;

/** Collects problems in a fixed order, in bounded memory. */
export interface ProblemLog {
  add(problem: Problem): void;
  /** Adds all that another log holds, listed or only counted. */
  addAll(other: ProblemLog): void;
  /** The groups as they are, for `addAll`. */
  readonly groups: ReadonlyMap<string, ProblemGroup>;
  readonly total: number;
  /** Counts by code, for the verdict; sorted by code. */
  counts(): { readonly code: string; readonly kind: Problem['kind']; readonly count: number }[];
  /** Listed problems in the order they came, grouped by code, each group closed by the count of what is not listed. */
  list(): ReportProblem[];
}

/** Problems of one code. */
export interface ProblemGroup {
  readonly kind: Problem['kind'];
  readonly listed: readonly Problem[];
  readonly count: number;
}

interface Group {
  readonly kind: Problem['kind'];
  readonly listed: Problem[];
  count: number;
}

export function createProblemLog(): ProblemLog {
  const groups = new Map<string, Group>();
  let total = 0;
  const sorted = (): [string, Group][] => [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  const groupOf = (code: string, kind: Problem['kind']): Group => {
    let group = groups.get(code);
    if (group === undefined) {
      group = { kind, listed: [], count: 0 };
      groups.set(code, group);
    }
    return group;
  };
  const add = (problem: Problem): void => {
    total += 1;
    const group = groupOf(problem.code, problem.kind);
    group.count += 1;
    if (group.listed.length < LISTED_PROBLEMS_PER_CODE) group.listed.push(problem);
  };
  return {
    add,
    groups,
    addAll(other) {
      for (const [code, { kind, listed, count }] of other.groups) {
        for (const problem of listed) add(problem);
        groupOf(code, kind).count += count - listed.length;
        total += count - listed.length;
      }
    },
    get total() {
      return total;
    },
    counts: () => sorted().map(([code, group]) => ({ code, kind: group.kind, count: group.count })),
    list: () => sorted().flatMap(([code, group]) => listGroup(code, group)),
  };
}

function listGroup(code: string, group: Group): ReportProblem[] {
  const listed = group.listed.map(({ kind, message, where }) => ({ kind, code, message, where, count: 1 }));
  const rest = group.count - group.listed.length;
  if (rest === 0) return listed;
  return [...listed, { kind: group.kind, code, message: `${rest} more problems of this code are counted and not listed one by one.`, where: {}, count: rest }];
}
