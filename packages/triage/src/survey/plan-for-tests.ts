import { makeSurveyPlan, type SurveyPlan, type SurveyPlanOptions } from './survey-plan.ts';

/** A small plan with jittered passes and a rest; any option may be replaced. */
export function makePlanForTests(options: Partial<SurveyPlanOptions>): SurveyPlan {
  return makeSurveyPlan({
    sizeBytes: 4_000_000,
    chunkBytes: 16_384,
    seed: Buffer.alloc(32, 1),
    target: { unbrokenBytes: 200_000, scatteredBytes: 200_000, probability: 0.9 },
    indexedShare: 1,
    toTheEnd: true,
    ...options,
  });
}
