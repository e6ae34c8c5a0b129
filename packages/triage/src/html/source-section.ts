import type { Report, ReportSet, ReportSource } from '../report-types.ts';
import { digestMarkup, formatCount, formatExactBytes, formatUtc } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** The sets that were asked, so that another person can ask the same ones. */
export function setsSection(report: Report): Markup {
  return html`<section><h2>Sets asked</h2><div class="scroll" tabindex="0" role="region" aria-label="Sets asked"><table class="stack"><thead><tr><th scope="col">Set</th><th scope="col">Meaning of a hit</th><th scope="col" class="n">Contents</th><th scope="col" class="n">Without a length</th><th scope="col" class="n">Hits</th><th scope="col">Made</th><th scope="col">Digest of the set (SHA-256)</th></tr></thead><tbody>
${report.sets.map(setRow)}</tbody></table></div></section>`;
}

function setRow(set: ReportSet): Markup {
  return html`<tr><td>${set.name}</td><td data-label="Meaning of a hit">${set.meaning}</td><td class="n" data-label="Contents">${formatCount(set.rows)}</td><td class="n" data-label="Without a length">${formatCount(set.rowsWithoutSize)}</td><td class="n" data-label="Hits">${formatCount(set.hits)}</td><td data-label="Made">${formatUtc(set.createdAt)}</td><td class="digest"><code>${digestMarkup(set.digest)}</code></td></tr>
`;
}

/** What was read, as the system and the image itself describe it. */
export function sourceSection(report: Report): Markup {
  const { source } = report;
  const sizeBytes = report.coverage.sourceBytes;
  return html`<section><h2>Source</h2><dl class="facts"><dt>Path</dt><dd>${source.path}</dd><dt>Kind</dt><dd>${source.kind}</dd><dt>${source.kind === 'folder' ? 'Size of the files seen' : 'Size'}</dt><dd>${formatExactBytes(sizeBytes)}</dd>
${source.details.map((detail) => html`<dt>${detail.name}</dt><dd>${detail.value}</dd>
`)}${source.edgeDigest === '' ? null : html`<dt>SHA-256 of the first and last MiB</dt><dd><code>${digestMarkup(source.edgeDigest)}</code></dd><dt>The same at the end of the run</dt><dd>${afterWords(source)}</dd>`}</dl><p>The source was opened read-only.</p></section>`;
}

function afterWords({ edgeDigest, edgeDigestAfter }: ReportSource): Markup {
  if (edgeDigestAfter === '') return html`not read again`;
  return edgeDigestAfter === edgeDigest ? html`equal` : html`<code>${digestMarkup(edgeDigestAfter)}</code>, NOT equal`;
}
