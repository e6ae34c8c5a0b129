import type { Verdict } from '@kerbside/triage';

/** Exit codes of every command; scripts rely on them. */
export const EXIT = { done: 0, fault: 1, refused: 2, knownMaterial: 10, needsExamination: 20, notFinished: 30 } as const;

/** The exit code of `triage` for a verdict. */
export function exitCodeOf(verdict: Verdict): number {
  switch (verdict) {
    case 'known-material-found':
      return EXIT.knownMaterial;
    case 'needs-examination':
      return EXIT.needsExamination;
    case 'not-finished':
      return EXIT.notFinished;
    case 'nothing-known-found':
      return EXIT.done;
  }
}
