import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '@kerbside/triage';

/** The report that a run left in its out folder. */
export function readReport(outFolder: string): Report {
  return JSON.parse(readFileSync(join(outFolder, 'report.json'), 'utf8')) as Report;
}
