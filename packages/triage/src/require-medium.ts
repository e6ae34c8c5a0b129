import { existsSync } from 'node:fs';
import { MediumError, type Problem } from '@kerbside/bytes';

/** What a source says when it went away, as against a place on it that cannot be read. */
const GONE = 'medium-gone';

/** The problem that says so, among those of a read; null when the source is still there. */
export function findGone(problems: readonly Problem[]): Problem | null {
  return problems.find(({ code }) => code === GONE) ?? null;
}

/**
 * Ends what is being done when the source went away (a plug pulled): its items are not damaged, they are unread, and
 * must not be recorded as problems that nobody tries again. Looks at the path itself only where something failed.
 *
 * @param problems of reads just made
 * @param sourcePath device, image or folder
 * @throws MediumError `medium-gone`
 */
export function requireMedium(problems: readonly Problem[], sourcePath: string): void {
  const gone = findGone(problems);
  if (gone !== null) throw new MediumError(gone.code, gone.message, gone.where);
  if (problems.length > 0 && !existsSync(sourcePath)) {
    const { code, message } = goneProblem(sourcePath);
    throw new MediumError(code, message);
  }
}

/** Says that nothing stands at the path of the source any more. */
export function goneProblem(sourcePath: string): Problem {
  return { kind: 'medium', code: GONE, message: `${sourcePath} is not there any more; what was not read by then is unread`, where: {} };
}
