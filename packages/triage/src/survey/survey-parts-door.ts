import type * as SurveyParts from './survey-parts.ts';

/** Parts of the survey: see `survey-parts.ts`. They load when they are first asked for. */
export async function loadSurveyParts(): Promise<typeof SurveyParts> {
  return import('./survey-parts.ts');
}
