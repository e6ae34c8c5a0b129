import { hash } from 'node:crypto';
import { MalformedError } from '@kerbside/bytes';

/*
 * Merkle trees as RFC 6962 section 2.1 defines them (RFC 9162 section 2.1 says the same):
 *
 *   leaf of data d           SHA-256(0x00 ‖ d)
 *   node of children l, r    SHA-256(0x01 ‖ l ‖ r)
 *   tree of n > 1 leaves     node(tree of the first k, tree of the rest), k the largest power of two below n
 *   tree of no leaf          SHA-256 of nothing
 *
 * Everything here takes leaf hashes, so that who has the data hashes it where it lies.
 */

/** Bytes of a hash of the tree. */
export const TREE_HASH_BYTES = 32;

/** Prefixes of RFC 6962: a leaf can never be taken for a node. */
export const LEAF_PREFIX = 0x00;
export const NODE_PREFIX = 0x01;

/** Layout of a written-down frontier: u64le number of leaves, then the hashes of its full subtrees, largest first. */
const FRONTIER_HEADER_BYTES = 8;

/** Hash of one leaf's data. */
export function hashLeaf(data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(1 + data.byteLength);
  bytes[0] = LEAF_PREFIX;
  bytes.set(data, 1);
  return hash('sha256', bytes, 'buffer');
}

/** Hash of a node over its two children. */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  NODE_SCRATCH.set(left, 1);
  NODE_SCRATCH.set(right, 1 + TREE_HASH_BYTES);
  return hash('sha256', NODE_SCRATCH, 'buffer');
}

/** Synchronous use only, so one piece of memory serves all nodes. */
const NODE_SCRATCH = Buffer.alloc(1 + 2 * TREE_HASH_BYTES, NODE_PREFIX);

/** Root of a tree without leaves. */
export function emptyTreeRoot(): Buffer {
  return hash('sha256', Buffer.alloc(0), 'buffer');
}

/**
 * A growing tree of which only the frontier is kept: one hash for each full subtree, at most 53. Leaves
 * go in one by one, and the root can be asked at any time.
 */
export class MerkleFrontier {
  #leaves = 0;
  /** Roots of full subtrees, the largest (leftmost) first: one for each 1-bit of the number of leaves. */
  #subtrees: Buffer[] = [];

  /** Leaves so far. */
  get leaves(): number {
    return this.#leaves;
  }

  /** @param leafHash 32 bytes; copied */
  append(leafHash: Uint8Array): void {
    requireHash(leafHash);
    let merged: Buffer = Buffer.from(leafHash);
    // Each trailing 1-bit of the old number is a full subtree of the same size as what is to be added.
    for (let rest = this.#leaves; rest % 2 === 1; rest = Math.floor(rest / 2)) merged = hashNode(this.#subtrees.pop()!, merged);
    this.#subtrees.push(merged);
    this.#leaves += 1;
  }

  /** Appends leaf hashes that stand side by side. */
  appendAll(leafHashes: Uint8Array): void {
    if (leafHashes.byteLength % TREE_HASH_BYTES !== 0) throw new RangeError('leaf hashes are 32 bytes each');
    for (let at = 0; at < leafHashes.byteLength; at += TREE_HASH_BYTES) this.append(leafHashes.subarray(at, at + TREE_HASH_BYTES));
  }

  root(): Buffer {
    const last = this.#subtrees.at(-1);
    if (last === undefined) return emptyTreeRoot();
    let root = last;
    for (let at = this.#subtrees.length - 2; at >= 0; at--) root = hashNode(this.#subtrees[at]!, root);
    return Buffer.from(root);
  }

  /** The frontier as bytes, to take the tree up again later. */
  serialise(): Buffer {
    const header = Buffer.alloc(FRONTIER_HEADER_BYTES);
    header.writeBigUInt64LE(BigInt(this.#leaves));
    return Buffer.concat([header, ...this.#subtrees]);
  }

  /** @throws MalformedError `frontier-damaged` when the bytes are no frontier */
  static restore(bytes: Uint8Array): MerkleFrontier {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const leaves = buffer.byteLength < FRONTIER_HEADER_BYTES ? -1 : Number(buffer.readBigUInt64LE());
    const subtrees = Number.isSafeInteger(leaves) && leaves >= 0 ? countOnes(leaves) : -1;
    if (subtrees < 0 || buffer.byteLength !== FRONTIER_HEADER_BYTES + subtrees * TREE_HASH_BYTES) {
      throw new MalformedError('frontier-damaged', `${buffer.byteLength} bytes are no frontier of a Merkle tree`);
    }
    const frontier = new MerkleFrontier();
    frontier.#leaves = leaves;
    frontier.#subtrees = Array.from({ length: subtrees }, (_, index) => {
      const at = FRONTIER_HEADER_BYTES + index * TREE_HASH_BYTES;
      return Buffer.from(buffer.subarray(at, at + TREE_HASH_BYTES));
    });
    return frontier;
  }
}

/** Root of a list of leaf hashes. */
export function merkleRoot(leafHashes: Iterable<Uint8Array>): Buffer {
  const frontier = new MerkleFrontier();
  for (const leafHash of leafHashes) frontier.append(leafHash);
  return frontier.root();
}

/** Largest power of two below `leaves` (2 or more): where RFC 6962 splits a tree. */
export function splitPoint(leaves: number): number {
  let split = 1;
  while (split * 2 < leaves) split *= 2;
  return split;
}

export function requireHash(bytes: Uint8Array): void {
  if (bytes.byteLength !== TREE_HASH_BYTES) throw new RangeError(`a hash of a Merkle tree has ${TREE_HASH_BYTES} bytes, not ${bytes.byteLength}`);
}

function countOnes(value: number): number {
  let ones = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
