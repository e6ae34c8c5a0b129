import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { REPORT_NAME } from '../out-folder.ts';
import type { Report } from '../report-types.ts';

/**
 * The report of a run that has ended. Asked before anything is written to its folder.
 * @throws RefusedError `run-report-unreadable`
 */
export function readRunReport(runFolder: string): Report {
  const path = join(runFolder, REPORT_NAME);
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Report>;
    if (!Array.isArray(report.hits) || !Array.isArray(report.sets) || typeof report.source?.path !== 'string') throw new TypeError('it is not a report');
    return report as Report;
  } catch (error) {
    throw new RefusedError('run-report-unreadable', `${path} could not be read as a report (${(error as Error).message}). Give the folder of a run that has ended.`, {}, error);
  }
}
