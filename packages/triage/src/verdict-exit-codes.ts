import type { Verdict } from './verdict.ts';

/** Exit codes of `kerbside triage` for its four verdicts. */
export const VERDICT_EXIT_CODES: Readonly<Record<Verdict, 0 | 10 | 20 | 30>> = {
  'nothing-known-found': 0,
  'known-material-found': 10,
  'needs-examination': 20,
  'not-finished': 30,
};
