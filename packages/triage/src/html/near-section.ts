import { nearWords } from '../content-words.ts';
import type { NearHit } from '../content/near-hit.ts';
import type { Report } from '../report-types.ts';
import { formatCount } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Rows on the page; report.json holds all. */
const ROWS = 500;

/** What looks like known material, as facts and apart from the hits; null where no set could tell. */
export function nearSection({ nearHits, coverage }: Pick<Report, 'nearHits' | 'coverage'>): Markup | null {
  if (nearHits.length === 0) return coverage.content === null || coverage.content.pictures.compared + coverage.content.videos.compared === 0 ? null : NOTHING;
  const shown = nearHits.slice(0, ROWS);
  return html`<section><h2>Looks alike</h2>
<p>${formatCount(nearHits.length)} ${nearHits.length === 1 ? 'picture or video looks' : 'pictures or videos look'} like material of a set: the same picture resized, saved again, or cut from a video, or another picture like it. None is the same file. An officer has to compare before anything is said of it.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Looks alike"><table class="stack">${shown.length < nearHits.length ? html`<caption>The nearest ${formatCount(shown.length)}; all are in report.json.</caption>` : null}<thead><tr><th scope="col">Where</th><th scope="col">How near</th><th scope="col">Set</th></tr></thead><tbody>
${shown.map(nearRow)}</tbody></table></div>
<p class="note">Perceptual hashes (PDQ) of quality 50 and more, compared with every row of the sets that hold them; at most 31 of 256 bits differ. Crops, borders and collages are not found this way.</p></section>`;
}

const NOTHING = html`<section><h2>Looks alike</h2><p>No picture or video that was decoded looks like material of a set that holds perceptual hashes. Crops, borders and collages are not found this way.</p></section>`;

function nearRow(hit: NearHit): Markup {
  const others = hit.others === 0 ? null : html`<br>and ${formatCount(hit.others)} more rows of the set`;
  return html`<tr><td class="path">${hit.path}</td><td data-label="How near">${nearWords(hit)}${others}</td><td data-label="Set"><b>${hit.set}</b>: ${hit.category === 'unmapped' ? 'category not stated' : `category ${hit.category}`}</td></tr>
`;
}
