import type { BlockSet } from '@kerbside/match';
import { attachBlockSet } from '@kerbside/match';
import { loadSurveyParts, type BlockHit, type FoundRun } from '@kerbside/triage';
import type { LaidFiles } from './laid-files.ts';

const { buildGridMap, createSurveyReader, makeBlockHits } = await loadSurveyParts();

const READ_BYTES = 1024 * 1024;
const TAIL_BYTES = 3584;
const READS_AT_ONCE = 16;

/** What a full pass over laid files gave. */
export interface LaidSurvey {
  readonly hits: readonly BlockHit[];
  readonly unreadableBytes: number;
}

/**
 * A full pass of the survey's own reader, in reads as long as those of the rest, and the rules for hits.
 * @param phases where blocks may begin: bit k for 512·k modulo 4,096
 */
export function surveyLaidFiles(source: LaidFiles, set: BlockSet, phases: number): LaidSurvey {
  const grid = buildGridMap(source.sizeBytes, [{ range: { offset: 0, length: source.sizeBytes }, mask: phases }]);
  const reader = createSurveyReader(source, { sets: [set.shared], grid, manifestKeys: [] });
  const runs: FoundRun[] = [];
  let unreadableBytes = 0;
  for (let id = 0, at = 0; at < source.sizeBytes; id++) {
    const offsets: number[] = [];
    for (; offsets.length < READS_AT_ONCE && at < source.sizeBytes; at += READ_BYTES) offsets.push(at);
    const lengths = offsets.map((offset) => Math.min(READ_BYTES + TAIL_BYTES, source.sizeBytes - offset));
    const result = reader.read({ id, isSample: false, reads: { offsets: Float64Array.from(offsets), lengths: Float64Array.from(lengths) } }, () => false);
    runs.push(...result.runs);
    for (const { ranges } of result.unread) for (const { length } of ranges) unreadableBytes += length;
  }
  const hits = makeBlockHits(runs, [attachBlockSet(set.shared)], { volumeAt: () => '', itemAt: (offset) => source.fileAt(offset).file.path, isHit: () => false });
  return { hits, unreadableBytes };
}
