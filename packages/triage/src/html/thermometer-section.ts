import type { Thermometer } from '../survey/thermometer-facts.ts';
import { CONTENT_WORDS, disagreementWords, intervalWords, shareText, type ContentShare } from '../survey-words.ts';
import { formatCount } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** What kinds of content the source holds, as bars with their 95 % intervals, and the numbers beneath. */
export function thermometerSection(thermometer: Thermometer | null): Markup | null {
  if (thermometer === null) return null;
  const { reads, unreadable, shares, unexplained } = thermometer;
  return html`<section><h2>What kinds of content it holds</h2>
${unexplained.length === 0 ? null : html`<div class="note strong">${unexplained.map((one) => html`<p>${disagreementWords(one)}</p>`)}<p>A hidden partition, a damaged file system or an encrypted container can be the reason. Examine the device at the unit.</p></div>
`}<p>From ${formatCount(reads)} reads at places drawn by chance${unreadable === 0 ? '' : `; ${formatCount(unreadable)} more gave no bytes and are not counted`}. The content is told by what its bytes look like and never by names. The true share lies inside the interval 19 times in 20.</p>
<div class="bars" role="img" aria-label="${shares.map((share) => `${CONTENT_WORDS[share.class]} ${shareText(share, reads)}`).join(', ')}">${shares.map((share) => bar(share, reads))}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Kinds of content"><table class="narrow stack"><thead><tr><th scope="col">Kind</th><th scope="col" class="n">Share</th><th scope="col" class="n">95 % interval</th><th scope="col" class="n">Reads</th></tr></thead><tbody>
${shares.map((share) => html`<tr><td>${CONTENT_WORDS[share.class]}</td><td class="n" data-label="Share">${shareText(share, reads)}</td><td class="n" data-label="95 % interval">${intervalWords(share)}</td><td class="n" data-label="Reads">${formatCount(share.reads)}</td></tr>
`)}</tbody></table></div>
<p class="note">Random-looking data may be encrypted. Well packed video and archives look the same, so it is no proof of encryption.</p></section>`;
}

function bar(share: ContentShare, reads: number): Markup {
  const percent = (value: number): string => (value * 100).toFixed(2);
  return html`<span class="name">${CONTENT_WORDS[share.class]}</span><span class="bar"><span class="fill" style="width:${percent(share.share)}%"></span><span class="reach" style="left:${percent(share.low)}%;width:${percent(share.high - share.low)}%"></span></span><span class="figure">${shareText(share, reads)}</span>`;
}
