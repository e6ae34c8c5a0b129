import type { Report, ReportProblem } from '../report-types.ts';
import { VERDICT_SHAPES, VERDICT_WORDS } from '../verdict-words.ts';
import { coverageSection } from './coverage-section.ts';
import { formatBytes, formatCount, formatDuration } from './figures.ts';
import { hitsSection } from './hits-section.ts';
import { html, type Markup } from './markup.ts';
import { REPORT_STYLE } from './style.ts';

/**
 * The report as one self-contained page: no script, no network, no media. Every text that comes from
 * evidence, sets or paths passes through the escaping template.
 *
 * @returns the HTML text
 */
export function renderReportHtml(report: Report): string {
  const title = `${VERDICT_WORDS[report.verdict]} – ${report.source.path}`;
  const page = html`<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${{ markup: REPORT_STYLE }}</style></head>
<body><header><p>Kerbside triage report</p><h1>${report.source.path}</h1></header><main>
${answer(report)}
${tiles(report)}
${hitsSection(report)}
${coverageSection(report)}
${problemsSection(report.problems)}
${setsSection(report)}
${sourceSection(report)}
</main><footer><p>${report.tool.name} ${report.tool.version}, Node ${report.tool.node}. Started ${report.timings.startedAt}, finished ${report.timings.finishedAt}${report.timings.resumed > 0 ? `, taken up again ${report.timings.resumed} ${report.timings.resumed === 1 ? 'time' : 'times'}` : ''}. This page shows no media from the source. The decision to seize, leave, copy or defer is the officer’s.</p></footer></body></html>
`;
  return page.markup;
}

function answer(report: Report): Markup {
  return html`<section class="answer ${report.verdict}" aria-label="Answer"><p class="word"><span aria-hidden="true">${VERDICT_SHAPES[report.verdict]} </span>${VERDICT_WORDS[report.verdict]}</p>
${report.reasons.length === 1 ? html`<p>${report.reasons[0]!.message}</p>` : html`<ul>${report.reasons.map((reason) => html`<li>${reason.message}</li>`)}</ul>`}</section>`;
}

function tiles(report: Report): Markup {
  const alerts = report.hits.filter((hit) => hit.meaning === 'alert').length;
  const { items } = report.coverage;
  const first = report.timings.firstHitMs;
  return html`<ul class="tiles">
<li><b>${formatCount(alerts)}</b> ${alerts === 1 ? 'hit in an alert set' : 'hits in alert sets'}</li>
<li><b>${first === null ? '–' : formatDuration(first)}</b> to the first hit</li>
<li><b>${formatCount(items.read + items.gated)} of ${formatCount(items.seen)}</b> items fully checked against the sets</li>
<li><b>${formatBytes(report.coverage.bytesRead)}</b> of content read from ${formatBytes(report.coverage.sourceBytes)}</li>
<li><b>${formatDuration(report.timings.totalMs)}</b> in all</li>
</ul>`;
}

function problemsSection(problems: readonly ReportProblem[]): Markup {
  if (problems.length === 0) return html`<section><h2>Problems</h2><p>None: nothing that the plan asked for went unread.</p></section>`;
  const groups = [...Map.groupBy(problems, (problem) => problem.code)];
  return html`<section><h2>Problems</h2><p>What could not be read or understood, by its code; the codes are explained in docs/reference/errors.md.</p>
${groups.map(([code, group]) => problemGroup(code, group))}</section>`;
}

/** Rows of one code shown on the page; report.json holds the rest. */
const PROBLEM_ROWS = 50;

function problemGroup(code: string, group: readonly ReportProblem[]): Markup {
  const count = group.reduce((sum, problem) => sum + problem.count, 0);
  const shown = group.slice(0, PROBLEM_ROWS);
  return html`<h3>${code} (${formatCount(count)})</h3><div class="scroll" tabindex="0" role="region" aria-label="Problems ${code}"><table><thead><tr><th scope="col">Where</th><th scope="col">What</th></tr></thead><tbody>
${shown.map((problem) => html`<tr><td class="path">${whereWords(problem)}</td><td>${problem.message}${problem.count > 1 ? ` (${formatCount(problem.count)} times)` : ''}</td></tr>
`)}</tbody></table></div>${group.length > shown.length ? html`<p>${formatCount(group.length - shown.length)} more rows are in report.json.</p>` : null}`;
}

function whereWords(problem: ReportProblem): string {
  const { path, volume, offset, length } = problem.where;
  const place = path ?? volume ?? 'the source';
  return offset === undefined ? place : `${place}, byte ${formatCount(offset)}${length === undefined ? '' : ` (${formatCount(length)} bytes)`}`;
}

function setsSection(report: Report): Markup {
  return html`<section><h2>Sets asked</h2><div class="scroll" tabindex="0" role="region" aria-label="Sets asked"><table><thead><tr><th scope="col">Set</th><th scope="col">Meaning of a hit</th><th scope="col" class="n">Contents</th><th scope="col" class="n">Without a length</th><th scope="col">Made</th><th scope="col">Digest of the set</th><th scope="col" class="n">Hits</th></tr></thead><tbody>
${report.sets.map((set) => html`<tr><td>${set.name}</td><td>${set.meaning}</td><td class="n">${formatCount(set.rows)}</td><td class="n">${formatCount(set.rowsWithoutSize)}</td><td>${set.createdAt}</td><td class="digest">${set.digest}</td><td class="n">${formatCount(set.hits)}</td></tr>
`)}</tbody></table></div></section>`;
}

function sourceSection(report: Report): Markup {
  const { source } = report;
  return html`<section><h2>Source</h2><dl class="facts"><dt>Path</dt><dd>${source.path}</dd><dt>Kind</dt><dd>${source.kind}</dd><dt>Size</dt><dd>${formatCount(source.sizeBytes)} bytes (${formatBytes(source.sizeBytes)})</dd>
${source.details.map((detail) => html`<dt>${detail.name}</dt><dd>${detail.value}</dd>
`)}<dt>Digest of first and last MiB</dt><dd><code>${source.edgeDigest}</code></dd></dl><p>The source was opened read-only.</p></section>`;
}
