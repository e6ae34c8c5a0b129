import { KerbsideError } from '@kerbside/bytes';
import type { BlockSetFacts, SetKey } from './block-set.ts';
import { checkSectionPlaces, openBlockSetFile } from './block-set-file.ts';
import { checkDates, checkSigner } from './header.ts';

/** What a block set says of itself, and whether it may be believed and used. */
export interface BlockSetDescription {
  readonly facts: BlockSetFacts;
  readonly fileBytes: number;
  /** Whole-file codes by what they are made of. */
  readonly filesWith: { readonly md5: number; readonly sha1: number; readonly sha256: number };
  /** Why a run would refuse the set with these keys at this time; null when it would take it. */
  readonly refusal: { readonly code: string; readonly reason: string } | null;
}

/**
 * Reads every byte of a block set, checks it against its header, and describes it. Without the owner's
 * key the header is believed by nobody, which `refusal` says.
 *
 * @throws RefusedError as `openBlockSet` for a file that is no block set, cut off or altered
 */
export function describeBlockSet(path: string, keys: readonly SetKey[], now: Date): BlockSetDescription {
  const file = openBlockSetFile(path);
  try {
    const { unchecked } = file;
    checkSectionPlaces(unchecked.header, unchecked.headerOffset, path);
    for (const section of unchecked.header.sections) file.readSection(section);
    return { facts: unchecked.facts, fileBytes: unchecked.headerOffset + unchecked.headerBytes, filesWith: unchecked.header.filesWith, refusal: findRefusal() };
  } finally {
    file.close();
  }

  function findRefusal(): BlockSetDescription['refusal'] {
    try {
      checkSigner(file.unchecked, keys);
      checkDates(file.unchecked.facts, now);
      return null;
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      return { code: error.code, reason: error.message };
    }
  }
}
