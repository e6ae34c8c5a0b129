import { categoryLabel, groupHitsByItem, stateLabel, strengthLabel, tallyHits, type HitItem } from '../hit-words.ts';
import type { Report, ReportHit } from '../report-types.ts';
import { digestMarkup, formatCount } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Files listed on the page, each kind of set for itself: more is not read by anyone, and report.json holds all. */
const ITEM_ROWS = 500;

/** Hits as facts, never as pictures: counted by set and category first, then one row a file. */
export function hitsSection(report: Report): Markup {
  if (report.hits.length === 0) {
    return html`<section><h2>Hits</h2><p>No item that was read is in a set that was asked.</p></section>`;
  }
  const alerts = report.hits.filter((hit) => hit.meaning === 'alert');
  const others = report.hits.filter((hit) => hit.meaning !== 'alert');
  return html`<section><h2>Hits</h2>
${tallyTable(report.hits)}
${alerts.length > 0 ? itemTable('Files in alert sets', alerts) : null}
${others.length > 0 ? html`<p class="note">Hits in reference and ignorable sets say that the content is known to that list. They change no verdict, and they do not say that it is harmless.</p>${itemTable('Files in other sets', others)}` : null}
${unlistedNote(report)}</section>`;
}

function tallyTable(hits: readonly ReportHit[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Hits by set and category"><table class="stack"><caption>Hits by set and category. A file that two sets know counts in both.</caption><thead><tr><th scope="col">Set</th><th scope="col">Meaning</th><th scope="col">Category</th><th scope="col">Basis of category</th><th scope="col" class="n">Hits</th></tr></thead><tbody>
${tallyHits(hits).flatMap((tally) => tally.categories.map((one) => html`<tr><td>${tally.set}</td><td data-label="Meaning">${tally.meaning}</td><td data-label="Category">${one.category === 'unmapped' ? 'not mapped' : one.category}</td><td data-label="Basis of category">${one.categoryBasis}</td><td class="n" data-label="Hits">${formatCount(one.count)}</td></tr>
`))}</tbody></table></div>`;
}

function itemTable(title: string, hits: readonly ReportHit[]): Markup {
  const items = groupHitsByItem(hits);
  const shown = items.slice(0, ITEM_ROWS);
  const count =
    shown.length < items.length
      ? `The first ${formatCount(shown.length)} of ${formatCount(items.length)} files, in order of path; all are in report.json.`
      : `${formatCount(items.length)} ${items.length === 1 ? 'file' : 'files'}, in order of path.`;
  return html`<h3>${title}</h3><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="stack"><caption>${count} The offset is the first stored byte on the source.</caption><thead><tr><th scope="col">Path</th><th scope="col">State</th><th scope="col" class="n">Size (bytes)</th><th scope="col" class="n">Offset</th><th scope="col">Known to, and what agreed</th></tr></thead><tbody>
${shown.map(itemRow)}</tbody></table></div>`;
}

function itemRow({ first, hits }: HitItem): Markup {
  return html`<tr><td class="path">${first.path}</td><td data-label="State">${stateLabel(first)}</td><td class="n" data-label="Size (bytes)">${formatCount(first.size)}</td><td class="n" data-label="Offset">${first.offset < 0 ? '–' : formatCount(first.offset)}</td><td class="known">${hits.map(knownTo)}</td></tr>
`;
}

function knownTo(hit: ReportHit): Markup {
  const weak = hit.strength === 'confirmed' && hit.sizeAgrees ? '' : 'weak';
  return html`<div><b>${hit.set}</b>: ${categoryLabel(hit)}, <span class="${weak}">${strengthLabel(hit)}</span><br><code>${digestMarkup(hit.digest)}</code></div>`;
}

function unlistedNote(report: Report): Markup | null {
  const sets = report.sets.filter((set) => set.hitsNotListed > 0);
  return sets.length === 0 ? null : html`<p>Counted and not listed, here or in report.json: ${sets.map((set) => `${formatCount(set.hitsNotListed)} hits of ${set.name}`).join('; ')}.</p>`;
}
