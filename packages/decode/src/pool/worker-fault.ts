import { LimitError, MalformedError, UnsupportedError, type KerbsideError } from '@kerbside/bytes';

/** Ways in which a worker ended. All but `not-started` are the content's doing, or must be taken as such. */
export type WorkerFault =
  | { readonly what: 'died'; readonly known: string }
  | { readonly what: 'not-started'; readonly known: string }
  | { readonly what: 'overran'; readonly known: string }
  | { readonly what: 'memory'; readonly residentBytes: number; readonly limitBytes: number }
  | { readonly what: 'lied'; readonly known: string };

/** The error that the caller sees; its place on the evidence is added by who knows it. */
export function faultError(fault: WorkerFault): KerbsideError {
  switch (fault.what) {
    case 'died':
      return new MalformedError('decoder-died', `the decoder broke down on this content twice: ${fault.known}`);
    case 'not-started':
      return new UnsupportedError('sandbox-unsound', `a decoder does not start in its sandbox, so this was not decoded: ${fault.known}`);
    case 'overran':
      return new MalformedError('decoder-overran', `the decoder took too long and was ended: ${fault.known}`);
    case 'memory':
      return new LimitError('decoder-memory', `the decoder used ${megabytes(fault.residentBytes)} MB where ${megabytes(fault.limitBytes)} MB are allowed, and was ended`);
    case 'lied':
      return lie(fault.known);
  }
}

/**
 * For the typed functions over `Decoders.run`: an answer that is out of shape or range.
 * @param known what was wrong with it, without the answer's own words
 */
export function lie(known: string): MalformedError {
  return new MalformedError('decoder-lied', `the decoder's answer was not one it can give, and nothing of it was used: ${known}`);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
