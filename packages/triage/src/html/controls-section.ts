import type { ControlMarker, ControlResult } from '../controls/control-result.ts';
import { failedMarkers, notTriedWords, triedMarkers } from '../survey-words.ts';
import { digestMarkup, formatCount, formatDuration } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** How the instrument did on the control volume, before any evidence was read. */
export function controlsSection(controls: ControlResult): Markup {
  if (controls.state === 'absent') return html`<section><h2>Controls</h2><p>No control volume was read: the program that made this run left the controls out.</p></section>`;
  return html`<section><h2>Controls</h2>
${controls.state === 'failed' ? failure(controls) : html`<p>Passed before any evidence was read: ${formatCount(triedMarkers(controls))} markers on the control volume, in ${formatDuration(controls.elapsedMs)}. What must be found was found, and what must not be a hit was none${notTriedWords(controls)}.</p>`}
<div class="scroll" tabindex="0" role="region" aria-label="Control markers"><table class="stack"><thead><tr><th scope="col">Marker</th><th scope="col">Must be</th><th scope="col">Was</th></tr></thead><tbody>
${controls.markers.map((marker) => html`<tr><td>${marker.name}</td><td data-label="Must be">${marker.expected === 'hit' ? 'a hit' : 'no hit'}</td><td data-label="Was">${wasWords(marker)}</td></tr>
`)}</tbody></table></div>
<dl class="facts"><dt>Control volume (SHA-256)</dt><dd><code>${digestMarkup(controls.volumeDigest)}</code></dd></dl></section>`;
}

function failure(controls: ControlResult): Markup {
  const failed = failedMarkers(controls);
  return html`<p class="note strong">Instrument not fit. ${formatCount(failed.length)} of ${formatCount(triedMarkers(controls))} markers on the control volume ${failed.length === 1 ? 'was' : 'were'} wrong, so no evidence was read. Do not use this installation: set it up again, or take another machine.</p>`;
}

function wasWords(marker: ControlMarker): Markup {
  switch (marker.outcome) {
    case 'ok':
      return html`${marker.expected === 'hit' ? 'a hit' : 'no hit'}`;
    case 'missed':
      return html`<b>missed</b>`;
    case 'false-hit':
      return html`<b>a false hit</b>`;
    case 'not-tried':
      return html`not tried`;
  }
}
