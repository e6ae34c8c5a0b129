import type { Report } from '../report-types.ts';
import type { BlockHit } from '../survey/block-hit.ts';
import { countBlockHits, ruleWords } from '../survey-words.ts';
import { formatBytes, formatCount } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Rows of each kind on the page; report.json holds all. */
const HIT_ROWS = 500;

/** Ranges written out in a row. */
const RANGES_SHOWN = 4;

/** Known blocks as facts: parts of known files first, then leads, each with its rule in words. */
export function blockHitsSection(report: Pick<Report, 'blockHits' | 'meter'>): Markup | null {
  const { meter } = report;
  const blockHits = report.blockHits.filter((hit) => !hit.isOfWholeHit);
  const inHits = report.blockHits.length - blockHits.length;
  if (report.blockHits.length === 0) return meter === null ? null : html`<section><h2>Known blocks</h2><p>The survey met no known block in what it read.</p></section>`;
  const parts = blockHits.filter((hit) => hit.rule !== 'lead');
  const leads = blockHits.filter((hit) => hit.rule === 'lead');
  return html`<section><h2>Known blocks</h2>
<p>Blocks of 4 KiB that stand in a block set. They tell of known files that are deleted, in part overwritten, or outside every file system.</p>
${parts.length > 0 ? hitTable(`Parts of known files: ${formatCount(countBlockHits(blockHits).parts)}`, parts) : null}
${leads.length > 0 ? html`${hitTable(`Leads: ${formatCount(leads.length)}`, leads)}<p class="note">A lead is a reason to look further and no finding: files that have nothing to do with one another can share a block.</p>` : null}
${inHits > 0 ? html`<p>${formatCount(inHits)} more stand in files that are hits themselves and say nothing new; report.json lists them.</p>` : null}</section>`;
}

function hitTable(title: string, hits: readonly BlockHit[]): Markup {
  const shown = hits.slice(0, HIT_ROWS);
  return html`<h3>${title}</h3><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="stack">${shown.length < hits.length ? html`<caption>The first ${formatCount(shown.length)}, in order of place; all are in report.json.</caption>` : null}<thead><tr><th scope="col">Where</th><th scope="col">What it says</th><th scope="col">Set</th><th scope="col">First byte, length</th></tr></thead><tbody>
${shown.map(hitRow)}</tbody></table></div>`;
}

function hitRow(hit: BlockHit): Markup {
  const more = hit.ranges.length - RANGES_SHOWN;
  return html`<tr><td class="place">${placeWords(hit)}</td><td data-label="What it says">${ruleWords(hit)}${hit.file === null ? null : html`<br>file ${formatCount(hit.file.number)} of the set, ${formatBytes(hit.file.sizeBytes)}`}</td><td data-label="Set"><b>${hit.set}</b>: ${hit.category === 'unstated' ? 'category not stated' : `category ${hit.category}`}</td><td class="ranges" data-label="First byte, length">${hit.ranges.slice(0, RANGES_SHOWN).map((range) => html`<div>${formatCount(range.offset)}, ${formatBytes(range.length)}</div>`)}${more > 0 ? html`<div>and ${formatCount(more)} more in report.json</div>` : null}</td></tr>
`;
}

function placeWords(hit: BlockHit): string {
  return hit.item ?? (hit.volume === '' ? 'outside every volume' : `${hit.volume}, in no file that is listed: free space, slack, or outside the file system`);
}
