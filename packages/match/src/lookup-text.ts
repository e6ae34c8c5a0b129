import { RefusedError } from '@kerbside/bytes';
import type { DigestAlgorithm, KnownSet, SetRow } from './known-set.ts';

/** The rows of a set under one digest kind. */
export interface TextLookup {
  readonly algorithm: DigestAlgorithm;
  readonly rows: readonly SetRow[];
}

const KINDS_BY_DIGITS: Readonly<Record<number, readonly DigestAlgorithm[]>> = {
  32: ['md5', 'ed2k'],
  40: ['sha1'],
  64: ['sha256'],
};

/**
 * Looks up a digest given as hex text (32, 40 or 64 digits, any case). 32 digits are looked up as
 * MD5 and as ED2K, as they look alike.
 *
 * @throws RefusedError `digest-not-recognised`
 */
export function lookupDigestText(set: KnownSet, text: string): readonly TextLookup[] {
  const hex = text.trim();
  const kinds = KINDS_BY_DIGITS[hex.length];
  if (kinds === undefined || !/^[0-9a-f]+$/i.test(hex)) {
    throw new RefusedError(
      'digest-not-recognised',
      `"${hex.slice(0, 80)}" is no MD5 or ED2K (32), SHA-1 (40) or SHA-256 (64 hex digits)`,
    );
  }
  const digest = Buffer.from(hex, 'hex');
  return kinds
    .filter((algorithm) => set.facts.rowsWith[algorithm] > 0 || algorithm !== 'ed2k')
    .map((algorithm) => ({ algorithm, rows: set.lookup(algorithm, digest) }));
}
