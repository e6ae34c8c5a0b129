import { formatProbability, formatSizeUp } from '../promise-figures.ts';
import type { Meter } from '../survey/meter-facts.ts';
import { meterSentences } from '../survey-words.ts';
import { formatCount, formatShare } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** What the survey would have met: three sentences, what they rest on, and what they do not say. */
export function meterSection(meter: Meter | null): Markup | null {
  if (meter === null) return null;
  const [unbroken, scattered, files] = meterSentences(meter);
  return html`<section><h2>What would have been met</h2>
<ul class="meter"><li>${unbroken}</li><li>${scattered}</li><li>${files}</li></ul>
<p class="note">Known material is what the block sets index. The first sentence rests on the reads at even distances alone, the second on the reads at random places alone. Neither holds for what is encrypted or compressed, or for what no set knows. Bytes that could not be read are not covered.</p>
${scatteredTable(meter)}
<dl class="facts"><dt>Reads at even distances</dt><dd>${formatCount(meter.systematicReads)}</dd><dt>Reads at random places</dt><dd>${formatCount(meter.jitteredReads)}</dd><dt>Bytes these could not read</dt><dd>${formatCount(meter.unreadableBytes)}</dd><dt>Known blocks that the sets index</dt><dd>${formatShare(meter.indexedShare, 1)}; the probabilities allow for the rest</dd></dl></section>`;
}

/** All the statements, where there is more than the one in the sentence. */
function scatteredTable({ scattered }: Meter): Markup | null {
  if (scattered.length < 2) return null;
  return html`<p>However scattered, this much known material would have been met with at least this probability:</p><div class="scroll" tabindex="0" role="region" aria-label="Scattered known material"><table class="narrow"><thead><tr><th scope="col" class="n">Known material</th><th scope="col" class="n">Probability</th></tr></thead><tbody>
${scattered.map((one) => html`<tr><td class="n">${formatSizeUp(one.bytes)} or more</td><td class="n">${formatProbability(one.probability)}</td></tr>
`)}</tbody></table></div>`;
}
