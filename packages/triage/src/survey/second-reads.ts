import type { ByteRange } from '@kerbside/bytes';
import { TREE_HASH_BYTES } from '@kerbside/ledger';
import type { ReadableSource } from '../hash-items.ts';
import type { Journal } from '../journal.ts';
import type { GridMap } from './grid-map.ts';
import { jobOf } from './read-passes.ts';
import { createSurveyReader } from './survey-reader.ts';
import type { SurveyState } from './survey-state.ts';

/** Reads that are made twice at most: some 16 MiB, a second of a spinning disk. */
export const SECOND_READS = 64;

/** A read that was made again, and whether it gave the same. */
export interface SecondRead extends ByteRange {
  readonly isSame: boolean;
  /** False where bytes of it could not be read this time. */
  readonly isWhole: boolean;
}

/**
 * Makes reads of the first pass again, evenly over the source, and compares their leaves with those in the
 * journal, which an earlier session may have put there. What could not be read then is not asked for again.
 *
 * @param source opened anew
 */
export function* readAgain(journal: Pick<Journal, 'survey'>, { plan, batches }: Pick<SurveyState, 'plan' | 'batches'>, grid: GridMap, source: ReadableSource): Generator<SecondRead> {
  const step = Math.ceil((plan.passes[0]?.reads ?? 0) / SECOND_READS);
  const reader = createSurveyReader(source, { sets: [], grid, manifestKeys: [] });
  for (const record of journal.survey.records()) {
    const batch = batches.batchAt(record.number);
    if (batch.passIndex > 0) return;
    const failed = new Set(record.unread.map(({ read }) => read));
    const { offsets, lengths } = jobOf({ plan }, batch).reads;
    for (let read = 0; read < offsets.length; read++) {
      if ((batch.from + read) % step !== 0 || failed.has(read)) continue;
      const again = reader.read({ id: record.number, isSample: false, reads: { offsets: offsets.subarray(read, read + 1), lengths: lengths.subarray(read, read + 1) } }, () => false);
      const leaf = record.leaves.subarray(read * TREE_HASH_BYTES, (read + 1) * TREE_HASH_BYTES);
      yield { offset: offsets[read]!, length: lengths[read]!, isSame: Buffer.compare(leaf, again.leaves) === 0, isWhole: again.unread.length === 0 };
    }
  }
}
