import { CODE_KINDS, kindsOfRecord, stateOfRecord, sizeOfRecord, type ItemCounts, type ItemState } from './item-record.ts';
import type { OpenManifest } from './open-manifest.ts';
import type { RowTable } from './row-table.ts';
import type { SizeQuestion } from './odd-sizes.ts';

/** Categories that are told apart in one answer; a set has a dozen. Those beyond share the last place. */
const MAX_CATEGORIES = 16;

/** What a set says of a manifest's items. */
export interface ItemAnswer {
  /** Items whose codes agree with a row. */
  readonly hits: number;
  /** Items by category of the rows they agree with; an item of two categories counts in both. */
  readonly hitsByCategory: Readonly<Record<string, number>>;
  /** Items that codes say nothing about and whose length the set holds: to be examined again. `read`: read for digests of other kinds. */
  readonly sizeCandidates: ItemCounts;
}

/** Gathers what one set says of one manifest, over as many rounds as the set's rows need. */
export interface ManifestTally {
  /** Meets the manifest's items with a table of rows. */
  meet(table: RowTable): void;
  /** Once all rows were met. */
  finish(question: SizeQuestion): ItemAnswer;
}

/**
 * @param key place of the code key in the manifest's header
 * @param categories names by the places that a table gives
 */
export function createManifestTally(manifest: OpenManifest, key: number, categories: readonly string[]): ManifestTally {
  const { shape, header } = manifest;
  const names = [...new Set(categories)].sort();
  const bitOf = categories.map((name) => 1 << Math.min(names.indexOf(name), MAX_CATEGORIES - 1));
  // Places of the codes in the record at hand, moved on from record to record.
  const codeAt = CODE_KINDS.map(() => -1);
  /** Bits of categories by item; made with the first hit. */
  let marks: Uint16Array | null = null;

  return {
    meet(table) {
      let item = 0;
      let mark = 0;
      const onRow = (category: number): void => {
        mark |= bitOf[category]!;
      };
      for (const records of manifest.records()) {
        for (let at = 0; at < records.length; at += shape.lengthBytes, item++) {
          const kinds = kindsOfRecord(records, at) & table.kinds;
          if (kinds === 0) continue;
          for (let kind = 0; kind < CODE_KINDS.length; kind++) codeAt[kind] = at + shape.codeAt[kind]! + key * shape.keyStride;
          mark = 0;
          table.match(records, codeAt, kinds, onRow);
          if (mark === 0) continue;
          marks ??= new Uint16Array(header.items.count);
          marks[item] = marks[item]! | mark;
        }
      }
    },
    finish(question) {
      const sizeCandidates: Record<ItemState, number> = { read: 0, gated: 0, problem: 0, unread: 0 };
      let item = 0;
      for (const records of manifest.records()) {
        for (let at = 0; at < records.length; at += shape.lengthBytes, item++) {
          if (marks !== null && marks[item] !== 0) continue;
          if (question.mayHold(sizeOfRecord(records, at), kindsOfRecord(records, at))) sizeCandidates[stateOfRecord(records, at)] += 1;
        }
      }
      return { ...countMarks(marks, names), sizeCandidates };
    },
  };
}

function countMarks(marks: Uint16Array | null, names: readonly string[]): Pick<ItemAnswer, 'hits' | 'hitsByCategory'> {
  const counts = Array.from({ length: MAX_CATEGORIES }, () => 0);
  let hits = 0;
  for (const mark of marks ?? []) {
    if (mark === 0) continue;
    hits += 1;
    for (let bit = 0; bit < MAX_CATEGORIES; bit++) if ((mark & (1 << bit)) !== 0) counts[bit] = counts[bit]! + 1;
  }
  const named = counts.map((count, bit) => [bit === MAX_CATEGORIES - 1 && names.length > MAX_CATEGORIES ? 'others' : (names[bit] ?? ''), count] as const);
  return { hits, hitsByCategory: Object.fromEntries(named.filter(([, count]) => count > 0)) };
}
