import { RefusedError } from '@kerbside/bytes';
import { ensureUnitKeys, rawPublicKey, readKeyFile, readUnitKeys, type UnitKeys } from '@kerbside/ledger';
import type { BlockSetSigner, SetKey } from '@kerbside/match';
import { kerbsideHome } from './kerbside-home.ts';

/** What of a key file opens block sets; null where it holds no code key. */
export function setKeyOf({ owner, publicKey, codeKey }: UnitKeys): SetKey | null {
  return codeKey === null ? null : { owner, publicKey: rawPublicKey(publicKey), codeKey };
}

/**
 * The keys that open block sets: those of the key files given, and this machine's own where it has some.
 * @throws RefusedError `key-opens-no-set` for a file that holds the public part alone, and what `readKeyFile` refuses
 */
export function gatherSetKeys(keyFiles: readonly string[]): SetKey[] {
  const given = keyFiles.map((path) => {
    const key = setKeyOf(readKeyFile(path));
    if (key === null) throw new RefusedError('key-opens-no-set', `${path} holds a public key alone, which checks signatures and opens no block set. Ask its owner for the set key ("kerbside keys export --set-key").`);
    return key;
  });
  const own = readUnitKeys(kerbsideHome());
  const ownKey = own === null ? null : setKeyOf(own);
  return ownKey === null ? given : [...given, ownKey];
}

/**
 * Keys to make a block set with: those of a key file, or this unit's own, made on first need.
 * @throws RefusedError `keys-cannot-sign` for a file that holds no private part or no code key
 */
export function signerFrom(keyFile: string | undefined): BlockSetSigner {
  const keys = keyFile === undefined ? ensureUnitKeys(kerbsideHome()) : readKeyFile(keyFile);
  const { privateKey, codeKey } = keys;
  if (privateKey === null || codeKey === null) {
    throw new RefusedError(
      'keys-cannot-sign',
      `${keyFile ?? 'This key file'} holds only what its owner hands on: a set is made with the owner's whole key file. Leave --key out to use this unit's own keys.`,
    );
  }
  return { owner: keys.owner, codeKey, privateKey, publicKey: rawPublicKey(keys.publicKey) };
}
