import type { SurveyPass, SurveyPlan } from './survey-plan.ts';

/** Reads `from` up to `to` (not included) of one pass: what a journal records as one piece of work. */
export interface SurveyBatch {
  readonly number: number;
  /** Place of the pass in the plan. */
  readonly passIndex: number;
  readonly from: number;
  readonly to: number;
}

/** A plan cut into batches. Numbers depend on the plan and `readsPerBatch` alone. */
export interface SurveyBatches {
  readonly count: number;
  /** Batch `number`, from 0 to `count` − 1. */
  batchAt(number: number): SurveyBatch;
}

/** Reads of a batch at most: fewer of the rest's, which are longer. */
export interface ReadsPerBatch {
  readonly sampled: number;
  readonly rest: number;
}

/** Cuts each pass into batches of so many reads; no batch crosses from one pass into the next. */
export function cutIntoBatches(plan: SurveyPlan, readsPerBatch: ReadsPerBatch): SurveyBatches {
  const firsts: number[] = [];
  const readsIn = ({ kind }: SurveyPass): number => (kind === 'rest' ? readsPerBatch.rest : readsPerBatch.sampled);
  let count = 0;
  for (const pass of plan.passes) {
    firsts.push(count);
    count += Math.ceil(pass.reads / readsIn(pass));
  }
  return {
    count,
    batchAt: (number) => {
      // Last pass whose first batch is not behind `number`; passes without reads share a number with the next one.
      let low = 0;
      let high = firsts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (firsts[middle]! <= number) low = middle;
        else high = middle - 1;
      }
      const pass = plan.passes[low]!;
      const from = (number - firsts[low]!) * readsIn(pass);
      return { number, passIndex: low, from, to: Math.min(from + readsIn(pass), pass.reads) };
    },
  };
}
