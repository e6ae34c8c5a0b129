import type { BlockHitLog } from './block-hit-log.ts';
import type { ContentTally } from './content-tally.ts';
import type { SurveyBatches } from './survey-batches.ts';
import type { SurveyRecord } from './survey-journal.ts';
import type { SurveyMeter } from './survey-meter.ts';
import type { SurveyPlan } from './survey-plan.ts';

/** Everything the parts of one survey share. */
export interface SurveyState {
  readonly plan: SurveyPlan;
  readonly batches: SurveyBatches;
  readonly meter: SurveyMeter;
  readonly tally: ContentTally;
  readonly hits: BlockHitLog;
}

/** Tells meter and tally of a finished batch. */
export function noteRecord({ batches, meter, tally }: SurveyState, record: Pick<SurveyRecord, 'number' | 'classCounts' | 'unread'>): void {
  const batch = batches.batchAt(record.number);
  const unreadBy = Map.groupBy(record.unread, ({ read }) => read);
  for (let read = batch.from; read < batch.to; read++) {
    meter.note(batch.passIndex, read, unreadBy.get(read - batch.from)?.flatMap(({ ranges }) => ranges));
  }
  tally.add(batch.passIndex, record.classCounts);
}
