import { rawPublicKey, type UnitKeys } from '@kerbside/ledger';
import { readBlockSetKind } from '@kerbside/match';
import { askBlockSet } from './ask-block-set.ts';
import { askCompiledSet } from './ask-compiled-set.ts';
import type { AskableSet } from './askable-set.ts';

/**
 * Opens a set file for a rematch, whatever its form.
 *
 * @param keys whose block sets are accepted; those without a code key open none
 * @throws RefusedError as `openSet` and `openBlockSet`
 */
export function openAskableSet(path: string, keys: readonly UnitKeys[], now: Date): AskableSet {
  if (readBlockSetKind(path) !== 'block-set') return askCompiledSet(path);
  const setKeys = keys.flatMap(({ owner, publicKey, codeKey }) => (codeKey === null ? [] : [{ owner, publicKey: rawPublicKey(publicKey), codeKey }]));
  return askBlockSet(path, setKeys, now);
}
