import type { RankedItem, RankingColumn } from '../ranking/ranking.ts';
import type { ReportRanking } from '../ranking/report-ranking.ts';
import type { Band } from '../ranking/weights.ts';
import { formatBytes, formatCount, formatUtc } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Items listed on the page; report.json holds more. */
const ITEM_ROWS = 200;

const BANDS: readonly Band[] = ['high', 'middle', 'low'];

/** What no set knows, in the order in which to look: facts and reasons, each in its own column, and never a picture. */
export function rankingSection(ranking: ReportRanking | null): Markup | null {
  if (ranking === null) return null;
  if (ranking.items === 0) return html`<section><h2>For review</h2><p>There is no picture or video that a set does not know.</p></section>`;
  return html`<section><h2>For review</h2>
<p>Pictures and videos that no set knows, in the order in which to look at them. The order comes from the facts in the columns and from nothing else; it is no finding and says nothing of guilt. A fact that is not known counts neither for nor against.</p>
${bandTable(ranking)}
${ranking.groupsComplete ? null : html`<p class="note strong">There were too many comparisons: some near-duplicates stand as items of their own.</p>`}
${itemTable('First to look at', firstRows(ranking), speaking(ranking, ranking.rows), captionOf(ranking))}
${silentColumns(ranking)}
<h3>Sample of the low band</h3>
<p>${ranking.sample.sentence}</p>
${ranking.sample.items.length === 0 ? null : itemTable('Sample of the low band', ranking.sample.items, speaking(ranking, ranking.sample.items), `Drawn with the seed ${ranking.sample.seed}.`)}</section>`;
}

function bandTable({ bands, context }: ReportRanking): Markup {
  const others = [
    [context.known, 'known'],
    [context.similar, 'similar to known'],
    [context.ignorable, 'in ignorable sets'],
  ] as const;
  const left = others.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  return html`<table class="narrow"><caption>Near-duplicates are shown once.${left.length > 0 ? ` Not in the order: ${left.join(', ')}.` : ''}</caption><thead><tr><th scope="col">Band</th><th scope="col" class="n">Items</th><th scope="col" class="n">To look at</th></tr></thead><tbody>
${BANDS.map((band) => html`<tr><td>${band}</td><td class="n">${formatCount(bands[band].items)}</td><td class="n">${formatCount(bands[band].shown)}</td></tr>
`)}</tbody></table>`;
}

/** The low band is left to its sample. */
function firstRows({ rows }: ReportRanking): readonly RankedItem[] {
  return rows.filter((item) => item.band !== 'low').slice(0, ITEM_ROWS);
}

function captionOf(ranking: ReportRanking): string {
  const count = firstRows(ranking).length;
  const all = ranking.bands.high.shown + ranking.bands.middle.shown;
  return count < all ? `The first ${formatCount(count)} of ${formatCount(all)} of the high and middle bands; more are in report.json.` : `All of the high and middle bands.`;
}

/** Columns that say something of these items; one that is empty for all would only take room. */
function speaking({ columns }: ReportRanking, items: readonly RankedItem[]): RankingColumn[] {
  const used = new Set(items.flatMap((item) => item.reasons.map((reason) => reason.column)));
  return columns.filter(({ column }) => used.has(column));
}

function itemTable(title: string, items: readonly RankedItem[], columns: readonly RankingColumn[], caption: string): Markup {
  if (items.length === 0) return html`<h3>${title}</h3><p>Nothing stands in the high or middle band.</p>`;
  return html`${title === 'First to look at' ? html`<h3>${title}</h3>` : null}<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="stack ranked"><caption>${caption}</caption><thead><tr><th scope="col">Item</th><th scope="col">Band</th>${columns.map(({ title: name }) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${items.map((item) => itemRow(item, columns))}</tbody></table></div>`;
}

/** Two rows: the facts in their columns, and the same in sentences. */
function itemRow(item: RankedItem, columns: readonly RankingColumn[]): Markup {
  return html`<tr class="first"><td class="path">${formatCount(item.position)}. ${item.path}<br><span class="facts">${factsOf(item)}</span></td><td data-label="Band">${item.band} <span class="points">${item.points}</span></td>${columns.map((column) => reasonCell(item, column))}</tr>
<tr class="why"><td colspan="${columns.length + 2}">${item.reasons.length === 0 ? 'No reason known.' : item.reasons.map((reason) => reason.sentence).join(' ')}</td></tr>
`;
}

function reasonCell(item: RankedItem, { column, title }: RankingColumn): Markup {
  const reason = item.reasons.find((one) => one.column === column);
  if (reason === undefined) return html`<td class="none"></td>`;
  return html`<td data-label="${title}">${reason.brief}${reason.points > 0 ? html` <span class="points">+${reason.points}</span>` : null}</td>`;
}

/** `video, MP4, 1,920 × 1,080, 4.2 MB, deleted, Northlight N-20, 1 May 2026, 12:00:00 by its own clock` */
function factsOf(item: RankedItem): string {
  const { widthPx, heightPx, sizeBytes, capturedAtMs } = item;
  const facts = [
    item.kind,
    item.format,
    widthPx === null || heightPx === null ? null : `${formatCount(widthPx)} × ${formatCount(heightPx)}`,
    sizeBytes === null ? null : formatBytes(sizeBytes),
    item.state === 'allocated' ? null : item.state,
    [item.make, item.model].filter((text) => text !== null).join(' '),
    item.software,
    capturedAtMs === null ? null : `${formatUtc(new Date(capturedAtMs).toISOString()).replace(' UTC', '')} by its own clock`,
  ];
  return facts.filter((fact) => fact !== null && fact !== '').join(', ');
}

function silentColumns({ columns }: ReportRanking): Markup | null {
  const silent = columns.filter(({ note }) => note !== null);
  return silent.length === 0 ? null : html`<p class="note">Columns that say nothing in this run, and so count for no item:</p><dl class="facts">${silent.map(({ title, note }) => html`<dt>${title}</dt><dd>${note}</dd>`)}</dl>`;
}
