export { canonicalJson, type JsonObject, type JsonValue } from '@kerbside/bytes';
export { ensureUnitKeys, readUnitKeys, UNIT_KEY_NAME, UNNAMED_OWNER } from './ensure-unit-keys.ts';
export { proveInclusion, verifyInclusion } from './inclusion-proof.ts';
export { readKeyFile, writeKeyFile } from './key-file.ts';
export { emptyTreeRoot, hashLeaf, hashNode, merkleRoot, MerkleFrontier, TREE_HASH_BYTES } from './merkle-tree.ts';
export { SIGNATURE_BYTES, signBytes, signCanonical, verifyBytes, verifyCanonical } from './sign-canonical.ts';
export {
  codeKeyId,
  exportPublicPart,
  exportSetKey,
  makeUnitKeys,
  PUBLIC_KEY_BYTES,
  publicKeyFromRaw,
  rawPublicKey,
  signerId,
  type DatedUnitKeys,
  type UnitKeys,
} from './unit-keys.ts';
