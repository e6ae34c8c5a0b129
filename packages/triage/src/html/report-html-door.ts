import type { renderReportHtml } from './report-html.ts';

/** What makes the report page: see `report-html.ts`. It loads when it is first asked for. */
export async function loadReportPage(): Promise<typeof renderReportHtml> {
  return (await import('./report-html.ts')).renderReportHtml;
}
