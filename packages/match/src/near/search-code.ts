/**
 * The search of one chunk as WebAssembly, in three passes so that the waits for far memory overlap: visit the table
 * under every value near the query's, gather the numbers of the hashes that stand there, compare those. A counter of bits is
 * one instruction there and a dozen in JavaScript.
 *
 * Scratch memory, of one thread:
 *
 * | at | what |
 * | --- | --- |
 * | 0 | the query, 32 bytes |
 * | 32 | count of hits, those beyond the room included |
 * | 64 | for each chunk 40 bytes: its bits as a mask of 32 bytes, its radius, 4 unused |
 * | 1,024 | found places of a table, 16 bytes each: the table's entry, and the buckets wanted of those it has |
 * | 66,560 | numbers of hashes to be compared, 4 bytes each |
 * | 99,328 | hits: number of the hash, distance, 4 bytes each |
 * | behind | masks: values to be put on the query's, 4 bytes each |
 */
import {
  add, addLong, and, andLong, atLeast, atLeastSigned, atMost, atMostSigned, block, buildSearchModule, call, countBits, countBitsLong, equal, get,
  greater, i32, leave, leaveIf, less, load, loadLong, loop, lowHalf, notEqual, set, shiftLeft, shiftRight, store, storeLong, subtract, when, xor,
  xorLong, type SearchFunction,
} from './wasm-module.ts';
import type { Code } from '@kerbside/bytes';

/** Most matches that one query gives; a query within reach of more has met a degenerate set, and says how many. */
export const MAX_MATCHES_PER_QUERY = 4096;

const FOUND_ROOM = 4096;
const CANDIDATE_ROOM = 8192;

export const QUERY_AT = 0;
export const HIT_COUNT_AT = 32;
export const CHUNKS_AT = 64;
export const CHUNK_RECORD_BYTES = 40;
export const FOUND_AT = 1024;
export const CANDIDATES_AT = FOUND_AT + FOUND_ROOM * 16;
export const HITS_AT = CANDIDATES_AT + CANDIDATE_ROOM * 4;
export const MASKS_AT = HITS_AT + MAX_MATCHES_PER_QUERY * 8;

/** Most masks of one chunk: each may leave one found place. */
export const MAX_MASKS_PER_CHUNK = FOUND_ROOM - 1;

/** Bit 31 of a number in a table: it is the last of its bucket. */
export const LAST_OF_BUCKET = 0x8000_0000;

const COMPARE = 0;

/** The program; see `search-kernel.ts` for what its functions are given. */
export function makeSearchModule(): Uint8Array<ArrayBuffer> {
  return buildSearchModule([compareFunction(), gatherFunction(), visitFunction()]);
}

/** compare(candidatesEnd, hashesAt, radius, chunk): hits among the candidates that no earlier chunk has found. */
function compareFunction(): SearchFunction {
  const [end, hashesAt, radius, chunk, at, kept, id, address, distance, earlier, record, hits] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;
  const query = [12, 13, 14, 15] as const;
  const differing = [16, 17, 18, 19] as const;
  const difference = (word: 0 | 1 | 2 | 3): Code => xorLong(get(query[word]), loadLong('index', get(address), word * 8));
  const hashAddress = set(address, add(get(hashesAt), shiftLeft(get(id), 5)));
  const sum = (counts: readonly Code[]): Code => counts.map(countBitsLong).reduce(addLong);
  return {
    name: 'compare', parameters: 4, hasResult: false, i32Locals: 8, i64Locals: 8,
    body: [
      query.map((local, word) => set(local, loadLong('scratch', i32(QUERY_AT), word * 8))),
      set(at, i32(CANDIDATES_AT)),
      set(kept, i32(CANDIDATES_AT)),
      block(
        leaveIf(0, atLeast(get(at), get(end))),
        // Half of the bits first, without a branch to guess wrong: hardly a chance candidate is left after them.
        loop(
          set(id, load('scratch', get(at))),
          hashAddress,
          store('scratch', get(kept), get(id)),
          set(kept, add(get(kept), shiftLeft(atMost(lowHalf(sum([difference(0), difference(1)])), get(radius)), 2))),
          set(at, add(get(at), i32(4))),
          leaveIf(0, less(get(at), get(end))),
        ),
      ),
      set(at, i32(CANDIDATES_AT)),
      block(
        loop(
          leaveIf(1, atLeast(get(at), get(kept))),
          set(id, load('scratch', get(at))),
          set(at, add(get(at), i32(4))),
          hashAddress,
          differing.map((local, word) => set(local, difference(word as 0 | 1 | 2 | 3))),
          set(distance, lowHalf(sum(differing.map(get)))),
          leaveIf(0, greater(get(distance), get(radius))),
          set(earlier, i32(0)),
          set(record, i32(CHUNKS_AT)),
          block(
            loop(
              leaveIf(1, atLeast(get(earlier), get(chunk))),
              // Within an earlier chunk's radius: that chunk has found this hash already.
              leaveIf(2, atMostSigned(
                lowHalf(sum(differing.map((local, word) => andLong(get(local), loadLong('scratch', get(record), word * 8))))),
                load('scratch', get(record), 32),
              )),
              set(earlier, add(get(earlier), i32(1))),
              set(record, add(get(record), i32(CHUNK_RECORD_BYTES))),
              leave(0),
            ),
          ),
          set(hits, load('scratch', i32(HIT_COUNT_AT))),
          when(less(get(hits), i32(MAX_MATCHES_PER_QUERY)),
            store('scratch', shiftLeft(get(hits), 3), get(id), HITS_AT),
            store('scratch', shiftLeft(get(hits), 3), get(distance), HITS_AT + 4),
          ),
          store('scratch', i32(HIT_COUNT_AT), add(get(hits), i32(1))),
          leave(0),
        ),
      ),
    ],
  };
}

/** gather(foundEnd, idsAt, hashesAt, radius, chunk): compares every hash in the wanted buckets of the places found. */
function gatherFunction(): SearchFunction {
  const [end, idsAt, hashesAt, radius, chunk, found, wanted, at, seen, rank, id, candidate, present, lowest] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] as const;
  const compare: Code = call(COMPARE, get(candidate), get(hashesAt), get(radius), get(chunk));
  return {
    name: 'gather', parameters: 5, hasResult: false, i32Locals: 9, i64Locals: 0,
    body: [
      set(found, i32(FOUND_AT)),
      set(candidate, i32(CANDIDATES_AT)),
      block(
        loop(
          leaveIf(1, atLeast(get(found), get(end))),
          set(present, load('scratch', get(found))),
          set(at, add(get(idsAt), shiftLeft(load('scratch', get(found), 4), 2))),
          set(wanted, load('scratch', get(found), 8)),
          set(found, add(get(found), i32(16))),
          set(seen, i32(0)),
          loop(
            set(lowest, and(get(wanted), subtract(i32(0), get(wanted)))),
            set(rank, countBits(and(get(present), subtract(get(lowest), i32(1))))),
            // Past the buckets before the wanted one: each ends with a marked number.
            block(
              loop(
                leaveIf(1, atLeast(get(seen), get(rank))),
                set(seen, add(get(seen), shiftRight(load('index', get(at)), 31))),
                set(at, add(get(at), i32(4))),
                leave(0),
              ),
            ),
            loop(
              set(id, load('index', get(at))),
              set(at, add(get(at), i32(4))),
              store('scratch', get(candidate), and(get(id), i32(0x7fff_ffff))),
              set(candidate, add(get(candidate), i32(4))),
              when(equal(get(candidate), i32(HITS_AT)), compare, set(candidate, i32(CANDIDATES_AT))),
              leaveIf(0, atLeastSigned(get(id), i32(0))),
            ),
            set(seen, add(get(seen), i32(1))),
            set(wanted, and(get(wanted), subtract(get(wanted), i32(1)))),
            leaveIf(0, get(wanted)),
          ),
          leave(0),
        ),
      ),
      compare,
    ],
  };
}

/** visit(place, masks, masksEnd, tableAt, wanted, foundEnd) → foundEnd: table entries under the masks that have a wanted bucket. */
function visitFunction(): SearchFunction {
  const [value, masks, masksEnd, tableAt, wanted, end, hit, entry] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
  return {
    name: 'visit', parameters: 6, hasResult: true, i32Locals: 1, i64Locals: 1,
    body: [
      loop(
        set(entry, loadLong('index', add(get(tableAt), shiftLeft(xor(get(value), load('scratch', get(masks))), 3)))),
        set(hit, and(lowHalf(get(entry)), get(wanted))),
        storeLong('scratch', get(end), get(entry)),
        store('scratch', get(end), get(hit), 8),
        // Written always and kept only with a wanted bucket: no branch to guess wrong.
        set(end, add(get(end), shiftLeft(notEqual(get(hit), i32(0)), 4))),
        set(masks, add(get(masks), i32(4))),
        leaveIf(0, less(get(masks), get(masksEnd))),
      ),
      get(end),
    ],
  };
}
