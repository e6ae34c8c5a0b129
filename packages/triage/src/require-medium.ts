import { MediumError, type Problem } from '@kerbside/bytes';

/** What a source says when it went away, as against a place on it that cannot be read. */
const GONE = 'medium-gone';

/** The problem that says so, among those of a read; null when the source is still there. */
export function findGone(problems: readonly Problem[]): Problem | null {
  return problems.find(({ code }) => code === GONE) ?? null;
}

/**
 * Ends what is being done when the source went away (a plug pulled): its items are not damaged, they are unread, and
 * must not be recorded as problems that nobody tries again.
 * @throws MediumError `medium-gone`
 */
export function requireMedium(problems: readonly Problem[]): void {
  const gone = findGone(problems);
  if (gone !== null) throw new MediumError(gone.code, gone.message, gone.where);
}
