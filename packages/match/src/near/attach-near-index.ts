import type {
  NearAnswer, NearIndex, NearMatch, PictureAnswer, PictureHash, PictureMatch, SharedNearIndex, SharedNearPart, SharedNearSet,
} from './near-index.ts';
import { cutChunks, MAX_NEAR_RADIUS, type Chunk } from './near-plan.ts';
import { MIN_PDQ_QUALITY, type PdqDialect } from './pdq-hash.ts';
import { MAX_MATCHES_PER_QUERY } from './search-code.ts';
import { SearchKernel } from './search-kernel.ts';
import type { SharedWasmMemory } from './wasm-runtime.ts';

/** Look-up in a loaded near-match index, in any thread. Makes no copy of it. */
export function attachNearIndex(shared: SharedNearIndex): NearIndex {
  const sets = shared.sets.map((set, number) => attachSet(set, number));
  const all = sets.flat();

  const query = (hash: Uint32Array, radius: number, dialect?: '512nn' | 'full'): NearAnswer => {
    if (!(Number.isInteger(radius) && radius >= 0 && radius <= MAX_NEAR_RADIUS)) throw new RangeError(`a near-match is looked for within 0 to ${MAX_NEAR_RADIUS} bits`);
    const matches: NearMatch[] = [];
    let beyondLimit = 0;
    for (const part of all) {
      if (dialect !== undefined && !mayCompare(dialect, part.dialect)) continue;
      beyondLimit += part.search(hash, radius, matches);
    }
    return { matches: matches.sort(nearestFirst), beyondLimit };
  };

  return {
    sets: shared.sets.map(({ facts }) => facts),
    wants: (dialect) => all.some((part) => mayCompare(dialect, part.dialect)),
    query,
    queryPicture: (hashes, radius) => queryPicture(query, hashes, radius),
  };
}

/** A list that states no dialect may hold either, so it is asked with both. */
function mayCompare(query: '512nn' | 'full', set: PdqDialect): boolean {
  return set === query || set === 'unknown';
}

function nearestFirst(a: NearMatch, b: NearMatch): number {
  return a.distance - b.distance || a.set - b.set || a.row - b.row;
}

function queryPicture(query: NearIndex['query'], hashes: readonly PictureHash[], radius: number): PictureAnswer {
  const nearest = new Map<string, PictureMatch>();
  let beyondLimit = 0;
  let notComparable = 0;
  for (const { words, quality, dialect, orientation } of hashes) {
    if (quality < MIN_PDQ_QUALITY) {
      notComparable++;
      continue;
    }
    const answer = query(words, radius, dialect);
    beyondLimit = Math.max(beyondLimit, answer.beyondLimit);
    for (const match of answer.matches) {
      const key = `${match.set} ${match.row}`;
      const known = nearest.get(key);
      if (known === undefined || match.distance < known.distance) nearest.set(key, { ...match, orientation, queryDialect: dialect });
    }
  }
  return { matches: [...nearest.values()].sort(nearestFirst), beyondLimit, notComparable };
}

/** The hashes of one dialect of a set, ready to be searched. */
interface AttachedPart {
  readonly dialect: PdqDialect;
  /** Adds what lies within the radius. @returns rows beyond the limit, which were not added */
  search(hash: Uint32Array, radius: number, into: NearMatch[]): number;
}

function attachSet({ memory, parts }: SharedNearSet, set: number): AttachedPart[] {
  const kernel = new SearchKernel(memory);
  return parts.map((part) => attachPart(kernel, memory, part, cutChunks(part.chunks), set));
}

function attachPart(kernel: SearchKernel, memory: SharedWasmMemory, part: SharedNearPart, chunks: readonly Chunk[], set: number): AttachedPart {
  const { dialect, firstRow, firstAt, hashes } = part;
  const first = firstAt < 0 ? null : new Uint32Array(memory.buffer, firstAt, hashes + 1);
  return {
    dialect,
    search(hash, radius, into) {
      const { total, stored, pairs } = kernel.search(hash, radius, chunks, part);
      let beyond = total - stored;
      let added = 0;
      for (let i = 0; i < stored; i++) {
        const id = pairs[i * 2]!;
        const distance = pairs[i * 2 + 1]!;
        const from = first === null ? id : first[id]!;
        const to = first === null ? id + 1 : first[id + 1]!;
        const taken = Math.min(to - from, MAX_MATCHES_PER_QUERY - added);
        for (let row = from; row < from + taken; row++) into.push({ set, row: firstRow + row, distance, dialect });
        added += taken;
        beyond += to - from - taken;
      }
      return beyond;
    },
  };
}
