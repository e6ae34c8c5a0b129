import type { Report } from '../report-types.ts';
import { digestMarkup, formatCount } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** The signed record beside the report, and how another person checks it. */
export function certificateSection(report: Pick<Report, 'certificate' | 'source'>): Markup | null {
  const { certificate } = report;
  if (certificate === null) return null;
  return html`<section><h2>Certificate</h2>
<p>The file <code>${certificate.file}</code> beside this page is the signed record of what was read and what it gave. To check the signature, and with the source at hand to read the same places again and compare:</p>
<pre class="scroll" tabindex="0" role="region" aria-label="Commands">kerbside verify ${certificate.file}
kerbside verify ${certificate.file} SOURCE --set FILE…</pre>
<dl class="facts"><dt>Signed by</dt><dd>${certificate.owner}</dd><dt>Key</dt><dd><code>${certificate.signerId}</code> Compare it with the one that the unit has published.</dd>
${certificate.roots.map((one) => html`<dt>Root over ${formatCount(one.count)} reads, ${one.lane === 'all' ? 'all lanes' : `${one.lane} lane`}</dt><dd><code>${digestMarkup(one.root)}</code></dd>
`)}</dl></section>`;
}
