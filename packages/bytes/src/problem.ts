import { InternalError, KerbsideError, type ErrorKind, type Place } from './errors.ts';

/** Something that could not be read or understood, as data: it is journalled, counted and reported. */
export interface Problem {
  readonly kind: ErrorKind;
  /** Stable code, listed in docs/reference/errors.md. */
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly where: Place;
}

/**
 * Turns anything thrown while reading evidence into a problem.
 *
 * @param error what was thrown; an error that is not ours becomes `internal-fault`
 * @param place filled in where the error itself does not say
 */
export function problemFrom(error: unknown, place: Place = {}): Problem {
  const known =
    error instanceof KerbsideError
      ? error
      : new InternalError('internal-fault', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  return { kind: known.kind, code: known.code, message: known.message, where: { ...place, ...known.place } };
}
