import { hashNode, merkleRoot, requireHash, splitPoint } from './merkle-tree.ts';

/**
 * Proof that a leaf stands in a tree: the hashes beside its way to the root, from the leaf upwards
 * (RFC 6962 section 2.1.1, PATH).
 *
 * @param leafHashes all leaves of the tree
 * @param index the leaf, from 0
 */
export function proveInclusion(leafHashes: readonly Uint8Array[], index: number): Buffer[] {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < leafHashes.length)) throw new RangeError(`a tree of ${leafHashes.length} leaves has no leaf ${index}`);
  const path: Buffer[] = [];
  let start = 0;
  let end = leafHashes.length;
  while (end - start > 1) {
    const split = start + splitPoint(end - start);
    if (index < split) {
      path.push(merkleRoot(leafHashes.slice(split, end)));
      end = split;
    } else {
      path.push(merkleRoot(leafHashes.slice(start, split)));
      start = split;
    }
  }
  return path.reverse();
}

/**
 * Checks such a proof by RFC 9162 section 2.1.3.2.
 * @param leaves number of leaves of the tree that has the root
 */
export function verifyInclusion(leafHash: Uint8Array, index: number, leaves: number, proof: readonly Uint8Array[], root: Uint8Array): boolean {
  requireHash(leafHash);
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(leaves) && index >= 0 && index < leaves)) return false;
  let place = index;
  let last = leaves - 1;
  let computed: Buffer = Buffer.from(leafHash);
  for (const beside of proof) {
    if (last === 0 || beside.byteLength !== leafHash.byteLength) return false;
    if (place % 2 === 1 || place === last) {
      computed = hashNode(beside, computed);
      // The rightmost node of a level rises until it has something on its left.
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      computed = hashNode(computed, beside);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && computed.equals(root);
}
