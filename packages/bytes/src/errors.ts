/**
 * The six kinds of error that Kerbside knows (docs/reference/errors.md lists every code).
 *
 * Parsers raise these inside one item or record; the walk above them turns each into a
 * {@link Problem} and goes on. Only `RefusedError` and `InternalError` may end a run.
 */

export type ErrorKind = 'malformed' | 'limit' | 'unsupported' | 'medium' | 'refused' | 'internal';

/** Where on the evidence something went wrong. All fields optional; offsets are in bytes of the source. */
export interface Place {
  /** Display path of the item, e.g. `p1/DCIM/a.jpg`. */
  readonly path?: string;
  /** Volume id, e.g. `p1`. */
  readonly volume?: string;
  /** Byte offset on the source. */
  readonly offset?: number;
  /** Number of bytes concerned. */
  readonly length?: number;
}

/** Base of all Kerbside errors: a stable `code`, a sentence for a person, and the place. */
export abstract class KerbsideError extends Error {
  abstract readonly kind: ErrorKind;
  readonly code: string;
  readonly place: Place;

  /**
   * @param code stable kebab-case code, listed in docs/reference/errors.md
   * @param message what is wrong, where, and (where a person can act) what to do
   * @param place where on the evidence
   */
  constructor(code: string, message: string, place: Place = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.place = place;
  }
}

/** The evidence's bytes are wrong. */
export class MalformedError extends KerbsideError {
  override readonly name = 'MalformedError';
  readonly kind = 'malformed';
}

/** A named limit was reached. */
export class LimitError extends KerbsideError {
  override readonly name = 'LimitError';
  readonly kind = 'limit';
}

/** A known format or feature that is not handled here (a locked volume, a missing program). */
export class UnsupportedError extends KerbsideError {
  override readonly name = 'UnsupportedError';
  readonly kind = 'unsupported';
}

/** The device failed to read. */
export class MediumError extends KerbsideError {
  override readonly name = 'MediumError';
  readonly kind = 'medium';
}

/** Our own rule said no, or the command was used wrongly: what to do is in the message. */
export class RefusedError extends KerbsideError {
  override readonly name = 'RefusedError';
  readonly kind = 'refused';
}

/** A fault of ours. */
export class InternalError extends KerbsideError {
  override readonly name = 'InternalError';
  readonly kind = 'internal';
}
