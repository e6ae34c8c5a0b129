/* Parts of the survey that benches run by themselves; they load through `survey-parts-door.ts`. */
export { makeBlockHits, RUN_BLOCKS, SHARE_OF_FILE } from './block-hits.ts';
export { chooseChunk } from './choose-chunk.ts';
export { classifyContent } from './classify-content.ts';
export { ALL_PHASES, buildGridMap } from './grid-map.ts';
export { indexWindowBytes } from './index-window.ts';
export { shareOfDevice, statedProbability } from './stated-probability.ts';
export { createMeter } from './survey-meter.ts';
export { makeSurveyPlan } from './survey-plan.ts';
export { createSurveyReader } from './survey-reader.ts';
