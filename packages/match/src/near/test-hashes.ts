import type { SharedNearIndex, SharedNearPart } from './near-index.ts';
import { buildTable } from './build-table.ts';
import { chunkValue, cutChunks } from './near-plan.ts';
import { pdqDistance, PDQ_WORDS, type PdqDialect } from './pdq-hash.ts';
import { PAGE_BYTES } from './wasm-module.ts';
import { makeSharedMemory } from './wasm-runtime.ts';

/** A source of 32-bit numbers that is the same for the same seed (xorshift, Marsaglia 2003). */
export function makeRandom(seed: number): () => number {
  let state = (seed | 0) === 0 ? 0x9e37_79b9 : seed | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Random hashes; with `clusterSize` above 1 each base is followed by near-duplicates of it, up to `spread` bits away. */
export function makeHashes(count: number, random: () => number, clusterSize = 1, spread = 12): Uint32Array {
  const words = new Uint32Array(count * PDQ_WORDS);
  for (let i = 0; i < count; i++) {
    const at = i * PDQ_WORDS;
    if (i % clusterSize === 0) for (let word = 0; word < PDQ_WORDS; word++) words[at + word] = random();
    else {
      const base = (i - (i % clusterSize)) * PDQ_WORDS;
      words.copyWithin(at, base, base + PDQ_WORDS);
      flipBits(words, at, random() % (spread + 1), random);
    }
  }
  return words;
}

/** Flips `count` bits, some perhaps twice. */
export function flipBits(words: Uint32Array, at: number, count: number, random: () => number): void {
  for (let i = 0; i < count; i++) {
    const bit = random() % 256;
    words[at + (bit >>> 5)]! ^= 1 << (bit & 31);
  }
}

/** A query near one of the hashes, or anywhere. */
export function makeQuery(hashes: Uint32Array, random: () => number, flips: number): Uint32Array {
  const row = random() % (hashes.length / PDQ_WORDS);
  const query = hashes.slice(row * PDQ_WORDS, (row + 1) * PDQ_WORDS);
  flipBits(query, 0, flips, random);
  return query;
}

/** Row and distance of everything within the radius, by looking at all. */
export function bruteForce(hashes: Uint32Array, query: Uint32Array, radius: number): { row: number; distance: number }[] {
  const found: { row: number; distance: number }[] = [];
  for (let row = 0; row < hashes.length / PDQ_WORDS; row++) {
    const distance = pdqDistance(query, hashes, row * PDQ_WORDS);
    if (distance <= radius) found.push({ row, distance });
  }
  return found.sort((a, b) => a.distance - b.distance || a.row - b.row);
}

/** An index of these hashes in memory, with any number of chunks, without a file. */
export function indexOf(hashes: Uint32Array, chunkCount: number, dialect: PdqDialect = 'unknown'): SharedNearIndex {
  const count = hashes.length / PDQ_WORDS;
  const chunks = cutChunks(chunkCount);
  const pieces: Uint32Array[] = [hashes];
  for (const chunk of chunks) {
    const values = Uint32Array.from({ length: count }, (_, i) => chunkValue(hashes, i * PDQ_WORDS, chunk));
    const { table, ids } = buildTable(chunk, values);
    pieces.push(table, ids);
  }
  let end = 0;
  const places = pieces.map(({ byteLength }) => {
    const at = end;
    end = Math.ceil((end + byteLength) / 64) * 64;
    return at;
  });
  const memory = makeSharedMemory(Math.ceil(end / PAGE_BYTES));
  for (const [i, piece] of pieces.entries()) new Uint32Array(memory.buffer, places[i], piece.length).set(piece);
  const part: SharedNearPart = {
    dialect, hashes: count, firstRow: 0, chunks: chunkCount, hashesAt: 0, firstAt: -1,
    tablesAt: chunks.map((_, k) => places[1 + k * 2]!),
    idsAt: chunks.map((_, k) => places[2 + k * 2]!),
  };
  const facts = { path: 'memory', name: 'memory', meaning: 'alert' as const, digest: '', rows: count, dialects: [dialect], prunedWithin: 0 };
  return { sets: [{ facts, memory, parts: [part] }], hashes: count, sizeBytes: end };
}

