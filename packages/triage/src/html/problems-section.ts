import type { ReportProblem } from '../report-types.ts';
import { formatCount } from './figures.ts';
import { html, type Markup } from './markup.ts';
import { problemAdvice } from './problem-advice.ts';

/** Rows of one code shown on the page; report.json holds the rest. */
const PROBLEM_ROWS = 50;

/** What could not be read or understood, by code, each with what to do about it. */
export function problemsSection(problems: readonly ReportProblem[]): Markup {
  if (problems.length === 0) return html`<section><h2>Problems</h2><p>None: nothing that was asked for went unread for a fault.</p></section>`;
  const groups = [...Map.groupBy(problems, (problem) => problem.code)];
  return html`<section><h2>Problems</h2><p>What could not be read or understood. The codes are explained in docs/reference/errors.md.</p>
${groups.map(([code, group]) => problemGroup(code, group))}</section>`;
}

function problemGroup(code: string, group: readonly ReportProblem[]): Markup {
  const count = group.reduce((sum, problem) => sum + problem.count, 0);
  const shown = group.slice(0, PROBLEM_ROWS);
  const words = code.replaceAll('-', ' ');
  return html`<h3>${words.slice(0, 1).toUpperCase()}${words.slice(1)}: ${formatCount(count)} <code>${code}</code></h3>
<p class="note">${problemAdvice(code, group[0]!.kind)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Problems ${code}"><table class="stack"><thead><tr><th scope="col">Where</th><th scope="col">What</th></tr></thead><tbody>
${shown.map((problem) => html`<tr><td class="path">${placeWords(problem)}</td><td>${problem.message}${problem.count > 1 ? ` (${formatCount(problem.count)} of these)` : ''}</td></tr>
`)}</tbody></table></div>${group.length > shown.length ? html`<p>${formatCount(group.length - shown.length)} more rows are in report.json.</p>` : null}`;
}

function placeWords(problem: ReportProblem): string {
  const { path, volume, offset, length } = problem.where;
  const place = path ?? (volume === undefined || volume === '' ? 'the source' : `volume ${volume}`);
  return offset === undefined ? place : `${place}, from byte ${formatCount(offset)}${length === undefined ? '' : ` (${formatCount(length)} bytes)`}`;
}
