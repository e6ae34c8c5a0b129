import type { SetMeaning } from '../known-set.ts';
import type { PdqDialect } from './pdq-hash.ts';
import type { SharedWasmMemory } from './wasm-runtime.ts';

/** One hash of a set that lies within the radius asked for. */
export interface NearMatch {
  /** Place of the set in the list that was loaded. */
  readonly set: number;
  /** Row of the set's near-match part; `openNearRows` says what it is. */
  readonly row: number;
  /** Bits that differ. */
  readonly distance: number;
  /** Dialect of the set's hash. */
  readonly dialect: PdqDialect;
}

/** What a query found. */
export interface NearAnswer {
  /** Nearest first, then by set and row. At most `MAX_MATCHES_PER_QUERY` for each set and dialect. */
  readonly matches: readonly NearMatch[];
  /** Rows within the radius that are not among the matches, because there are too many of them. */
  readonly beyondLimit: number;
}

/** One hash of a picture, to be looked up. */
export interface PictureHash {
  readonly dialect: '512nn' | 'full';
  /** Number of the turn or mirror it was made of, as the caller counts them; 0 is the picture as it lies. */
  readonly orientation: number;
  readonly words: Uint32Array;
  /** 0 to 100. */
  readonly quality: number;
}

/** The match of a picture, with what of it matched. */
export interface PictureMatch extends NearMatch {
  readonly orientation: number;
  readonly queryDialect: '512nn' | 'full';
}

/** What the hashes of one picture found. */
export interface PictureAnswer {
  /** Each row once, with the hash that came nearest to it. */
  readonly matches: readonly PictureMatch[];
  readonly beyondLimit: number;
  /** Hashes of a quality below 50, which were not looked up. All of them: the picture cannot be compared, which is not "no match". */
  readonly notComparable: number;
}

/** A set as the near-match index knows it. */
export interface NearSetFacts {
  readonly path: string;
  readonly name: string;
  readonly meaning: SetMeaning;
  /** Digest of the set. */
  readonly digest: string;
  readonly rows: number;
  readonly dialects: readonly PdqDialect[];
  /** Bits by which frames may have been left out: those are found to 31 less this. */
  readonly prunedWithin: number;
}

/** Where one dialect's hashes lie in a set's memory, in bytes. */
export interface SharedNearPart {
  readonly dialect: PdqDialect;
  readonly hashes: number;
  readonly firstRow: number;
  readonly chunks: number;
  readonly hashesAt: number;
  /** First row of each hash; -1 when hash i has row i alone. */
  readonly firstAt: number;
  readonly tablesAt: readonly number[];
  readonly idsAt: readonly number[];
}

/** A set in shared memory. */
export interface SharedNearSet {
  readonly facts: NearSetFacts;
  readonly memory: SharedWasmMemory;
  readonly parts: readonly SharedNearPart[];
}

/** The near-match index of a run: posted to threads without a copy. */
export interface SharedNearIndex {
  readonly sets: readonly SharedNearSet[];
  readonly hashes: number;
  readonly sizeBytes: number;
}

/** The near-match index in one thread. */
export interface NearIndex {
  readonly sets: readonly NearSetFacts[];
  /** Whether any set wants hashes of this dialect: no picture need be hashed in one that none does. */
  readonly wants: (dialect: '512nn' | 'full') => boolean;
  /**
   * Everything within `radius` bits of a hash, in all sets; with a dialect, only in what may be compared with that.
   *
   * @param radius 0 to 31
   */
  query(hash: Uint32Array, radius: number, dialect?: '512nn' | 'full'): NearAnswer;
  /** Looks up all hashes of a picture by the dialect rule: a hash against sets of its own dialect and those that state none. */
  queryPicture(hashes: readonly PictureHash[], radius: number): PictureAnswer;
}
