import { MAX_PATH_DEPTH, type Problem } from '@kerbside/bytes';
import type { DirectoryNode } from '../item.ts';
import { RECORD_IN_USE } from './fix-ups.ts';
import { ROOT_ENTRY, type RecordIndex } from './record-index.ts';

/**
 * How a directory stands: reached from the root through directories in use; reached, but through a
 * deleted one; or not reached at all.
 */
export type Standing = 'live' | 'deleted' | 'lost';

const STANDINGS: readonly Standing[] = ['live', 'deleted', 'lost'];
const LIVE = 0;
const DELETED = 1;
const LOST = 2;

/** Directory nodes kept; beyond it they are made anew, so that a million directories need no more memory. */
const MAX_NODES = 16_384;

/** Parent of all that no directory leads to, named as The Sleuth Kit names it. */
export const ORPHANS: DirectoryNode = {
  parent: null,
  name: { bytes: Buffer.from('$OrphanFiles', 'utf16le'), encoding: 'utf-16le' },
  depth: 0,
};

/** Builds directory paths from parent references alone, so damaged directory indexes lose nothing. */
export class DirectoryTree {
  readonly #index: RecordIndex;
  readonly #problems: Problem[];
  readonly #nodes = new Map<number, DirectoryNode>();
  readonly #standing: Uint8Array;
  readonly #reported = new Set<number>();

  /** @param problems receives what is wrong with directories, as it is found */
  constructor(index: RecordIndex, problems: Problem[]) {
    this.#index = index;
    this.#problems = problems;
    this.#standing = new Uint8Array(index.recordCount);
  }

  /** How the directory with this entry number stands; only right after {@link node} was asked for it. */
  standing(entry: number): Standing {
    return entry === ROOT_ENTRY ? 'live' : STANDINGS[this.#standing[entry]!]!;
  }

  /** The node of a directory that {@link RecordIndex.directoryAt} gave; null for the root. */
  node(entry: number): DirectoryNode | null {
    if (entry === ROOT_ENTRY) return null;
    return this.#nodes.get(entry) ?? this.#climb(entry);
  }

  /** Climbs to the root, to a directory known already, or to where the path breaks; then names all on the way. */
  #climb(entry: number): DirectoryNode {
    if (this.#nodes.size >= MAX_NODES) this.#nodes.clear();
    const chain: number[] = [];
    let above: DirectoryNode | null = ORPHANS;
    let standing = LOST;
    for (let at = entry; ; ) {
      chain.push(at);
      const parent = this.#parentOf(at);
      if (parent === ROOT_ENTRY) {
        above = null;
        standing = LIVE;
        break;
      }
      const known = parent < 0 ? undefined : this.#nodes.get(parent);
      if (known !== undefined) {
        above = known;
        standing = this.#standing[parent]!;
        break;
      }
      if (parent < 0) break;
      const turn = chain.indexOf(parent);
      if (turn >= 0) {
        this.#breakCycle(chain, turn);
        if (turn === 0) return this.#nodes.get(entry)!;
        above = this.#nodes.get(parent)!;
        chain.length = turn;
        break;
      }
      if (chain.length >= MAX_PATH_DEPTH - 1) {
        this.#tooDeep(at);
        break;
      }
      at = parent;
    }
    for (let i = chain.length - 1; i >= 0; i--) {
      const at = chain[i]!;
      if (above !== null && above.depth + 1 >= MAX_PATH_DEPTH) {
        this.#tooDeep(at);
        above = ORPHANS;
        standing = LOST;
      }
      if (standing === LIVE && (this.#index.flags[at]! & RECORD_IN_USE) === 0) standing = DELETED;
      above = this.#add(at, above, standing);
    }
    return above!;
  }

  /** Each directory of a cycle becomes an orphan of its own: none of them is above the others. */
  #breakCycle(chain: readonly number[], turn: number): void {
    const members = chain.slice(turn);
    const lowest = Math.min(...members);
    if (!this.#reported.has(lowest)) {
      this.#reported.add(lowest);
      this.#problems.push({
        kind: 'malformed',
        code: 'ntfs-directory-cycle',
        message: `${members.length === 1 ? 'a directory names itself' : `${members.length} directories name each other`} as parent (record ${lowest}): shown under $OrphanFiles`,
        where: {},
      });
    }
    for (const member of members) this.#add(member, ORPHANS, LOST);
  }

  #add(entry: number, parent: DirectoryNode | null, standing: number): DirectoryNode {
    const node: DirectoryNode = {
      parent,
      name: { bytes: this.#nameOf(entry), encoding: 'utf-16le' },
      depth: parent === null ? 0 : parent.depth + 1,
    };
    this.#nodes.set(entry, node);
    this.#standing[entry] = standing;
    return node;
  }

  #nameOf(entry: number): Buffer {
    return this.#index.nameLength[entry]! > 0 ? this.#index.nameOf(entry) : nameForNameless(entry);
  }

  #parentOf(entry: number): number {
    if (this.#index.nameLength[entry]! === 0) return -1;
    return this.#index.directoryAt(this.#index.parentEntry[entry]!, this.#index.parentSequence[entry]!);
  }

  #tooDeep(entry: number): void {
    if (this.#reported.has(entry)) return;
    this.#reported.add(entry);
    this.#problems.push({
      kind: 'limit',
      code: 'ntfs-path-too-deep',
      message: `a path of more than ${MAX_PATH_DEPTH} directories (record ${entry}): what is below is shown under $OrphanFiles`,
      where: {},
    });
  }
}

/** A name for a record that has none, as The Sleuth Kit gives it. */
export function nameForNameless(entry: number): Buffer {
  return Buffer.from(`OrphanFile-${entry}`, 'utf16le');
}
