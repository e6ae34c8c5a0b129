import type { KnownSet } from '../known-set.ts';

/** Blocks are looked up in pieces of this size, on the grid of the file they belong to. */
export const BLOCK_SET_BLOCK_BYTES = 4096;

/** Positions of blocks in their file are kept modulo this; every so often (an anchor) in full. */
export const POSITION_MODULUS = 128;

/** What of a key file opens block sets: the owner's public key proves who made one, the code key asks it. */
export interface SetKey {
  readonly owner: string;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly codeKey: Uint8Array;
}

/** Facts about a block set, from its signed header. */
export interface BlockSetFacts {
  readonly name: string;
  readonly path: string;
  readonly owner: string;
  /** Names this exact set: SHA-256 over the signed content, hex. */
  readonly digest: string;
  readonly formatVersion: number;
  /** The owner's number for this edition. */
  readonly edition: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Short names of the code key and of the owner's public key (key-ids.ts), as `kerbside keys` shows them. */
  readonly codeKeyId: string;
  readonly signerId: string;
  readonly signature: string;
  /** `A`, `B`, `C` … as the owner states it for the whole set, or `unstated`. */
  readonly category: string;
  /** Files with at least a whole-file code. */
  readonly files: number;
  /** Codes of blocks. */
  readonly blocks: number;
  /** Blocks of the files before anything was left out. */
  readonly blocksSeen: number;
  /** Blocks left out, by rule: `constant`, `ramp`, `histogram`, `whitespace`, `monotonic`, `entropy`, `common`, `related`, `allow-listed`, `sparse`, `repeated`. */
  readonly blocksLeftOut: Readonly<Record<string, number>>;
  /** Share of the blocks of files up to `sparseAboveBytes` that are indexed; 0 without such files. */
  readonly indexedShare: number;
  /** Longer files are indexed one block in `sparseStep`. */
  readonly sparseAboveBytes: number;
  readonly sparseStep: number;
  /** Share of the blocks of the longer files that are indexed; 0 without such files. */
  readonly sparseIndexedShare: number;
}

/** A block set's tables as threads share them (structured-cloneable, no copies). */
export interface SharedBlockSet {
  readonly facts: BlockSetFacts;
  readonly codeKey: Uint8Array;
  readonly sections: Readonly<Record<string, SharedArrayBuffer>>;
}

/** An open block set. Tables are loaded and checked against the signature once and shared by all threads. */
export interface BlockSet {
  readonly facts: BlockSetFacts;
  readonly shared: SharedBlockSet;
  /**
   * The whole-file codes as a set that the file lane asks like any other; its rows hold the digest asked
   * and the length. A match rests on a 64-bit code.
   */
  readonly wholeFiles: KnownSet;
  /** True where a file of this length may be in the set with no block of it: it can be known by its whole-file code alone. */
  readonly mayHoldWithoutBlocks: (sizeBytes: number) => boolean;
  close(): void;
}

/** What the set says of one file. */
export interface BlockSetFile {
  readonly sizeBytes: number;
  /** 4 KiB blocks of the file, a short last one not counted. */
  readonly blocks: number;
  /** How many of them are indexed. */
  readonly indexedBlocks: number;
}

/** Look-up of block codes, in any thread. */
export interface BlockLookup {
  readonly facts: BlockSetFacts;
  readonly codeKey: Uint8Array;
  /**
   * Looks up codes that stand side by side, 8 bytes each. For each that is there its number goes to
   * `numbers` and its entry to `entries`, in order.
   * @returns how many are there
   */
  find(codes: Uint8Array, count: number, numbers: Uint32Array, entries: Uint32Array): number;
  /** Position of the block in its file, modulo `POSITION_MODULUS`. */
  positionOf(entry: number): number;
  /** File and full position of an anchor entry, null for the others. */
  anchorOf(entry: number): { readonly file: number; readonly position: number } | null;
  file(file: number): BlockSetFile;
}
