import type { Appearance } from '@kerbside/evidence';
import { lookedIntoWords } from '../content-words.ts';
import type { Report, ReportContent, ReportVolume } from '../report-types.ts';
import { coverageMap } from './coverage-map.ts';
import { formatBytes, formatCount, formatExactBytes, formatShare } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Stretches of the unreadable list shown one by one on paper; report.json has them all. */
const UNREADABLE_ROWS = 100;

/** What was read, what was not, and why; the counts stand so that a reader can add them up. */
export function coverageSection(report: Report): Markup {
  const { coverage } = report;
  const { items } = coverage;
  return html`<section><h2>What this answer covers</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Items"><table><caption>Items with content: files and alternate streams. The rows add up to the last one.</caption><thead><tr><th scope="col">What became of them</th><th scope="col" class="n">Items</th></tr></thead><tbody>
<tr><td>Read whole, hashed and looked up</td><td class="n">${formatCount(items.read)}</td></tr>
<tr><td>${gateWords(report.plan.sizeGate)}</td><td class="n">${formatCount(items.gated)}</td></tr>
${Object.entries(items.skipped).filter(([, count]) => count > 0).map(([reason, count]) => html`<tr><td>${skipWords(reason)}</td><td class="n">${formatCount(count)}</td></tr>
`)}<tr><td>Could not be read, or not wholly (see problems)</td><td class="n">${formatCount(items.problems)}</td></tr>
<tr class="sum"><td>Seen</td><td class="n">${formatCount(items.seen)}</td></tr>
</tbody></table></div>
<dl class="facts">
<dt>Directories, other entries</dt><dd>${formatCount(items.directories)}, ${formatCount(items.others)}</dd>
<dt>Size of the source</dt><dd>${formatExactBytes(coverage.sourceBytes)}</dd>
<dt>Content read</dt><dd>${formatExactBytes(coverage.bytesRead)}${coverage.bytesRead === 0 ? '' : `, ${formatShare(coverage.bytesRead, coverage.sourceBytes)} of the source`}</dd>
<dt>Spared by the size gate</dt><dd>${formatExactBytes(coverage.bytesGated)}</dd>
<dt>Unreadable</dt><dd>${coverage.unreadableBytes === 0 ? 'no byte that was asked for' : `${formatCount(coverage.unreadableBytes)} bytes`}</dd>
</dl>
<p class="note">${report.meter === null ? 'Free space inside volumes was not searched for fragments of files.' : 'Free space was searched for known blocks as far as “What would have been met” says.'} ${coverage.content === null ? 'Archives were hashed as they are and not opened.' : ''}</p>
${coverage.content === null ? null : lookedInto(coverage.content)}
${coverageMap(report)}
${report.volumes.length > 0 ? volumesTable(report) : null}
${unreadableTable(report)}
</section>`;
}

function lookedInto(content: ReportContent): Markup {
  const { itemsLookedInto, itemsNotLookedInto } = content;
  const left = itemsNotLookedInto['left-by-profile'];
  const lines = lookedIntoWords(content);
  return html`<h3>Looked into</h3><p>${formatCount(itemsLookedInto)} items were looked into.${left === 0 ? '' : ` ${formatCount(left)} were not: by their names they are nothing that this profile opens.`}</p>${lines.length === 0 ? null : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`}`;
}

function gateWords(sizeGate: Report['plan']['sizeGate']): string {
  const words = 'Not read: no set holds anything of that length';
  switch (sizeGate) {
    case 'on':
      return words;
    case 'partly':
      return `${words} (some set states no lengths, so this spares little)`;
    case 'off':
      return `${words} (not used: no set states all its lengths)`;
  }
}

function skipWords(reason: string): string {
  if (reason === 'no-runs') return 'Deleted: nothing says any more where the content was';
  if (reason === 'empty') return 'Empty: no content to look up';
  if (reason === 'not-reached') return 'Not reached before the run was stopped';
  if (reason === 'nothing-stored') return 'Sparse throughout: nothing is stored, it reads as zeros';
  if (reason === 'not-content') return 'A stand-in of the file system without content of its own';
  return reason;
}

function volumesTable(report: Report): Markup {
  const parts = [
    ...report.volumes.map((volume) => ({ at: volume.startOffset, length: volume.sizeBytes, kind: volume.state, label: `${volume.id} ${volume.name}` })),
    ...report.gaps.map((gap) => ({ at: gap.range.offset, length: gap.range.length, kind: 'gap', label: `gap, ${gap.appears}` })),
  ].sort((a, b) => a.at - b.at);
  return html`<h3>Volumes and gaps</h3>
<div class="map" role="img" aria-label="The source from its first byte to its last: ${parts.map((part) => `${part.label}, ${formatBytes(part.length)}`).join('; ')}">${parts.map((part) => html`<span class="m-${part.kind}" style="width:${((part.length / report.coverage.sourceBytes) * 100).toFixed(3)}%" title="${part.label}, ${formatBytes(part.length)}"></span>`)}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Volumes and gaps"><table><thead><tr><th scope="col">Part</th><th scope="col">What it is</th><th scope="col">Label</th><th scope="col" class="n">First byte</th><th scope="col" class="n">Size</th><th scope="col" class="n">Items</th></tr></thead><tbody>
${report.volumes.map((volume) => html`<tr><td>${volume.id}</td><td>${volumeWords(volume)}</td><td>${volume.label}</td><td class="n">${formatCount(volume.startOffset)}</td><td class="n">${formatBytes(volume.sizeBytes)}</td><td class="n">${volume.state === 'file-system' ? formatCount(volume.items) : '–'}</td></tr>
`)}${report.gaps.map((gap) => html`<tr><td>gap</td><td>${gapWords(gap.appears)}</td><td></td><td class="n">${formatCount(gap.range.offset)}</td><td class="n">${formatBytes(gap.range.length)}</td><td class="n">–</td></tr>
`)}</tbody></table></div>`;
}

function volumeWords(volume: ReportVolume): string {
  switch (volume.state) {
    case 'file-system':
      return volume.basis === 'backup' ? `${volume.name}, damaged: read from a backup of its start` : volume.name;
    case 'encrypted':
      return `locked: ${volume.name}`;
    case 'unsupported':
      return `${volume.name}, not read`;
    case 'unrecognised':
      return `not recognised, appears ${volume.appears ?? 'unknown'}`;
  }
}

function gapWords(appears: Appearance): string {
  switch (appears) {
    case 'empty':
      return 'no volume; read whole, only zeros';
    case 'sampled-empty':
      return 'no volume; a sample held only zeros, the rest was not read';
    case 'data':
      return 'no volume; holds data';
    case 'high-entropy':
      return 'no volume; a sample looks random, possibly encrypted';
    case 'unreadable':
      return 'no volume; unreadable';
  }
}

function unreadableTable(report: Report): Markup | null {
  const { unreadableRanges, unreadableRangesNotListed } = report.coverage;
  if (unreadableRanges.length === 0) return null;
  const shown = unreadableRanges.slice(0, UNREADABLE_ROWS);
  const more = unreadableRanges.length - shown.length + unreadableRangesNotListed;
  return html`<h3>Unreadable ranges</h3><div class="scroll" tabindex="0" role="region" aria-label="Unreadable ranges"><table class="narrow"><thead><tr><th scope="col" class="n">First byte</th><th scope="col" class="n">Bytes</th></tr></thead><tbody>
${shown.map((range) => html`<tr><td class="n">${formatCount(range.offset)}</td><td class="n">${formatCount(range.length)}</td></tr>
`)}</tbody></table></div>${more > 0 ? html`<p>${formatCount(more)} more are in report.json or counted there.</p>` : null}`;
}
