import type { Place, Problem } from '@kerbside/bytes';

/** Code of the problem below, by which the verdict knows it. */
export const READS_DIFFER = 'source-reads-differ';

/** A source that answers a second read otherwise than the first: neither answer is taken for the other. */
export function readsDiffer(message: string, where: Place): Problem {
  return { kind: 'medium', code: READS_DIFFER, message, where };
}
