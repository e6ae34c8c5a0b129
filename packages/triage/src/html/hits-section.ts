import type { Report, ReportHit } from '../report-types.ts';
import { formatCount } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Hits as facts, never as pictures: counted by set and category first, then one row each. */
export function hitsSection(report: Report): Markup {
  if (report.hits.length === 0) {
    return html`<section><h2>Hits</h2><p>No item that was read is in a set that was asked.</p></section>`;
  }
  const alerts = report.hits.filter((hit) => hit.meaning === 'alert');
  const others = report.hits.filter((hit) => hit.meaning !== 'alert');
  return html`<section><h2>Hits</h2>
${countTable(report.hits)}
${alerts.length > 0 ? hitTable('Hits in alert sets', alerts) : null}
${others.length > 0 ? html`<p class="note">Hits in reference and ignorable sets say that the content is known to that list. They change no verdict, and they do not say that it is harmless.</p>${hitTable('Hits in other sets', others)}` : null}
</section>`;
}

function countTable(hits: readonly ReportHit[]): Markup {
  const groups = [...Map.groupBy(hits, (hit) => JSON.stringify([hit.set, hit.meaning, hit.category, hit.categoryBasis])).values()];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Hits by set and category"><table><caption>Hits by set and category</caption><thead><tr><th scope="col">Set</th><th scope="col">Meaning</th><th scope="col">Category</th><th scope="col">Basis of category</th><th scope="col" class="n">Hits</th></tr></thead><tbody>
${groups.map(([first, ...rest]) => html`<tr><td>${first!.set}</td><td>${first!.meaning}</td><td>${categoryWords(first!.category)}</td><td>${first!.categoryBasis}</td><td class="n">${formatCount(rest.length + 1)}</td></tr>
`)}</tbody></table></div>`;
}

function hitTable(title: string, hits: readonly ReportHit[]): Markup {
  return html`<h3>${title}</h3><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><caption>${formatCount(hits.length)} in all. The offset is the first stored byte on the source.</caption><thead><tr><th scope="col">Path</th><th scope="col">State</th><th scope="col" class="n">Size (bytes)</th><th scope="col">Set, category</th><th scope="col">Agreed by</th><th scope="col" class="n">Offset</th></tr></thead><tbody>
${hits.map(hitRow)}</tbody></table></div>`;
}

function hitRow(hit: ReportHit): Markup {
  return html`<tr><td class="path">${hit.path}</td><td>${stateWords(hit)}</td><td class="n">${formatCount(hit.size)}</td><td>${hit.set}: ${categoryWords(hit.category)} (${hit.categoryBasis})</td><td class="digest">${hit.algorithm.toUpperCase()} ${hit.digest}${strengthWords(hit)}</td><td class="n">${hit.offset < 0 ? '–' : formatCount(hit.offset)}</td></tr>
`;
}

function categoryWords(category: string): string {
  return category === 'unmapped' ? 'category not mapped' : category;
}

function stateWords(hit: ReportHit): string {
  const view = hit.view === 'raw' ? '; stored bytes past the valid length' : '';
  if (hit.state === 'allocated') return `live${view}`;
  const basis = hit.recovery === null ? '' : `, ${hit.recovery.basis.replaceAll('-', ' ')}`;
  return `${hit.state}${basis}${view}`;
}

function strengthWords(hit: ReportHit): string {
  const size = hit.sizeAgrees ? '' : '; the set states another length';
  switch (hit.strength) {
    case 'confirmed':
      return size;
    case 'weak-only':
      return `; ${hit.algorithm.toUpperCase()} alone, the set holds nothing stronger${size}`;
    case 'contradicted':
      return `; ${hit.contradictedBy.map((name) => name.toUpperCase()).join(', ')} of the same row differs${size}`;
  }
}
