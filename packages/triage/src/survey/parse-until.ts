import { RefusedError } from '@kerbside/bytes';
import { SURVEY_BLOCK_BYTES } from './chunk-grid.ts';

/** What a survey is to reach before it may stop. */
export interface SurveyTarget {
  /** Any unbroken run of at least this many bytes of known material is met with certainty. */
  readonly unbrokenBytes: number;
  /** At least this many bytes of known material, however strewn, are met with `probability`. */
  readonly scatteredBytes: number;
  /** Above 0, below 1. */
  readonly probability: number;
}

/** The anchor of the trade: 20 MiB at 99 % (shared reference on triage method, section 1). */
export const DEFAULT_TARGET: SurveyTarget = { unbrokenBytes: 20 * 1024 ** 2, scatteredBytes: 20 * 1024 ** 2, probability: 0.99 };

/** Above this, reading everything is the honest way; it also keeps clear of the seventh place, to which probabilities are stated. */
const MAX_PERCENT = 99.9999;

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([['KiB', 1024], ['MiB', 1024 ** 2], ['GiB', 1024 ** 3], ['kB', 1e3], ['KB', 1e3], ['MB', 1e6], ['GB', 1e9]]);

/**
 * Reads a target such as `20MiB@99%` or `1.5 GB @ 99.9 %`.
 *
 * @throws RefusedError `until-not-understood`
 */
export function parseUntil(text: string): SurveyTarget {
  const refuse = (why: string): RefusedError =>
    new RefusedError('until-not-understood', `"${text.slice(0, 60)}" is not a target: ${why}. Write it like 20MiB@99%: bytes (KiB, MiB, GiB, kB, MB, GB), @, percent.`);
  const match = /^\s*(\d{1,15}(?:\.\d{1,15})?)\s*([A-Za-z]+)\s*@\s*(\d{1,3}(?:\.\d{1,15})?)\s*%\s*$/.exec(text);
  if (match === null) throw refuse(text.includes('@') ? 'it is not a number with a unit, then @, then a percentage' : 'the @ between bytes and percent is missing');
  const unitBytes = UNIT_BYTES.get(match[2]!);
  if (unitBytes === undefined) throw refuse(`"${match[2]!.slice(0, 20)}" is no unit here`);
  const bytes = Math.floor(Number(match[1]) * unitBytes);
  if (bytes < SURVEY_BLOCK_BYTES) throw refuse('less than one block of 4 KiB cannot be looked for');
  if (!Number.isSafeInteger(bytes)) throw refuse('there is no device of that size');
  const percent = Number(match[3]);
  if (percent <= 0 || percent > MAX_PERCENT) throw refuse(`the percentage must be above 0 and at most ${MAX_PERCENT}; for certainty run to the end`);
  return { unbrokenBytes: bytes, scatteredBytes: bytes, probability: Number(`${match[3]!}e-2`) };
}
