import { LimitError } from '@kerbside/bytes';
import { altered } from '../compiled/header.ts';
import { openSetFile, type SetFile } from '../compiled/set-file.ts';
import { BUCKET_BITS_PER_BLOCK, cutChunks } from './near-plan.ts';
import { loadSections, type PlacedSection } from './load-sections.ts';
import type { NearFacts, NearPart } from './near-layout.ts';
import type { SharedNearIndex, SharedNearPart, SharedNearSet } from './near-index.ts';
import { PDQ_BYTES } from './pdq-hash.ts';
import { MAX_PAGES, PAGE_BYTES } from './wasm-module.ts';
import { makeSharedMemory, type SharedWasmMemory } from './wasm-runtime.ts';
import type { SectionName } from '../compiled/layout.ts';

/** Where sections begin: on a cache line, so that no hash lies in two. */
const ALIGNMENT = 64;

/**
 * Loads the near-match part of compiled sets into shared memory, checking every byte. Sets without one are passed
 * over. Memory: 80 to 110 bytes a hash, once for all threads.
 *
 * @param options `helpFromBytes`: from this size of a set on further threads help to read it
 * @throws RefusedError as `openSet`; LimitError `near-index-too-large` for a set that does not fit 4 GiB
 */
export function loadNearIndex(paths: readonly string[], options: { readonly helpFromBytes?: number } = {}): SharedNearIndex {
  const sets: SharedNearSet[] = [];
  for (const path of paths) {
    const file = openSetFile(path);
    try {
      const { near } = file.header;
      if (near !== undefined && near.parts.length > 0) sets.push(loadSet(file, near, options.helpFromBytes));
    } finally {
      file.close();
    }
  }
  return {
    sets,
    hashes: sets.reduce((sum, { parts }) => sum + parts.reduce((all, { hashes }) => all + hashes, 0), 0),
    sizeBytes: sets.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0),
  };
}

function loadSet(file: SetFile, near: NearFacts, helpFromBytes?: number): SharedNearSet {
  const { header, path } = file;
  const sections: PlacedSection[] = [];
  let end = 0;
  const place = (name: SectionName, lengthBytes: number): number => {
    const section = file.find(name);
    if (section?.lengthBytes !== lengthBytes) throw altered(path, `the length of its section ${name}`);
    const at = end;
    sections.push({ section, at });
    end = Math.ceil((at + lengthBytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const parts = near.parts.map((part) => placePart(file, part, place));
  const pages = Math.max(1, Math.ceil(end / PAGE_BYTES));
  if (pages > MAX_PAGES) {
    throw new LimitError('near-index-too-large', `the near-match part of ${path} needs ${end} bytes of memory, and 4 GiB is the most: build several sets from its lists`);
  }
  const memory = makeSharedMemory(pages);
  loadSections(path, file.fd, memory.buffer, sections, helpFromBytes);
  for (const part of parts) checkPart(memory, part, near.parts.find(({ dialect }) => dialect === part.dialect)!, path);
  return {
    facts: {
      path,
      name: header.name,
      meaning: header.meaning,
      digest: header.contentDigest,
      rows: near.parts.reduce((sum, { rows }) => sum + rows, 0),
      dialects: near.parts.map(({ dialect }) => dialect),
      prunedWithin: near.prunedWithin,
    },
    memory,
    parts,
  };
}

function placePart(file: SetFile, part: NearPart, place: (name: SectionName, lengthBytes: number) => number): SharedNearPart {
  const { dialect, hashes, rows, firstRow, chunks } = part;
  if (!(chunks >= 8 && chunks <= 32 && hashes > 0 && rows >= hashes)) throw altered(file.path, `its ${dialect} hashes`);
  const hashesAt = place(`near-hashes-${dialect}`, hashes * PDQ_BYTES);
  const firstAt = rows > hashes ? place(`near-first-${dialect}`, (hashes + 1) * 4) : -1;
  const cut = cutChunks(chunks);
  return {
    dialect, hashes, firstRow, chunks, hashesAt, firstAt,
    tablesAt: cut.map(({ width }, k) => place(`near-table-${dialect}-${k}`, 8 * 2 ** (width - BUCKET_BITS_PER_BLOCK))),
    idsAt: cut.map((_, k) => place(`near-ids-${dialect}-${k}`, hashes * 4)),
  };
}

/** What a foreign builder's fault could lead astray: the digests prove only that nobody changed the file since. */
function checkPart(memory: SharedWasmMemory, { firstAt, hashes, dialect, idsAt }: SharedNearPart, { rows }: NearPart, path: string): void {
  if (firstAt >= 0 && new Uint32Array(memory.buffer, firstAt, hashes + 1)[hashes] !== rows) throw altered(path, `the rows of its ${dialect} hashes`);
  for (const at of idsAt) if (new Int32Array(memory.buffer, at, hashes)[hashes - 1]! >= 0) throw altered(path, `the numbers of its ${dialect} hashes`);
}
