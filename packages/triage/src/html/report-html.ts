import type { Report } from '../report-types.ts';
import { VERDICT_WORDS } from '../verdict-words.ts';
import { answerSection, tiles } from './answer-section.ts';
import { blockHitsSection } from './block-hits-section.ts';
import { certificateSection } from './certificate-section.ts';
import { controlsSection } from './controls-section.ts';
import { coverageSection } from './coverage-section.ts';
import { formatUtc } from './figures.ts';
import { hitsSection } from './hits-section.ts';
import { html } from './markup.ts';
import { rankingSection } from './ranking-section.ts';
import { nearSection } from './near-section.ts';
import { meterSection } from './meter-section.ts';
import { problemsSection } from './problems-section.ts';
import { setsSection, sourceSection } from './source-section.ts';
import { REPORT_STYLE } from './style.ts';
import { thermometerSection } from './thermometer-section.ts';

/**
 * The report as one self-contained page: no script, no network, no media. Every text that comes from
 * evidence, sets or paths passes through the escaping template.
 *
 * @returns the HTML text
 */
export function renderReportHtml(report: Report): string {
  const { source, tool, timings } = report;
  const title = `${VERDICT_WORDS[report.verdict]} – ${source.path}`;
  const resumed = timings.resumed > 0 ? ` Taken up again ${timings.resumed} ${timings.resumed === 1 ? 'time' : 'times'}.` : '';
  const page = html`<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${{ markup: REPORT_STYLE }}</style></head>
<body><header><p>Kerbside triage report</p><h1>${source.path}</h1></header><main>
${answerSection(report)}
${tiles(report)}
${report.controls.state === 'failed' ? controlsSection(report.controls) : null}
${hitsSection(report)}
${nearSection(report)}
${blockHitsSection(report)}
${rankingSection(report.ranking)}
${meterSection(report.meter)}
${thermometerSection(report.thermometer)}
${coverageSection(report)}
${problemsSection(report.problems)}
${report.controls.state === 'failed' ? null : controlsSection(report.controls)}
${setsSection(report)}
${sourceSection(report)}
${certificateSection(report)}
</main><footer><p>${tool.name} ${tool.version}, Node ${tool.node}. Started ${formatUtc(timings.startedAt)}, finished ${formatUtc(timings.finishedAt)}, by this machine’s clock.${resumed} This page shows no media from the source. The decision to seize, leave, copy or defer is the officer’s.</p></footer></body></html>
`;
  return page.markup;
}
