import { isFailed, type ControlMarker, type ControlResult } from './controls/control-result.ts';
import { formatCount, formatDuration, formatShare } from './html/figures.ts';
import { formatProbability, formatShareDown, formatShareUp, formatSizeUp, scatteredSentence, unbrokenSentence } from './promise-figures.ts';
import type { BlockHit } from './survey/block-hit.ts';
import type { Meter } from './survey/meter-facts.ts';
import type { ContentClass, LaneDisagreement, Thermometer } from './survey/thermometer-facts.ts';

/* What the survey and the controls say, in words that the page and the terminal share. */

/** The probability that a statement about scattered material is best made at. */
const WANTED_PROBABILITY = 0.99;

/** One row of a thermometer. */
export type ContentShare = Thermometer['shares'][number];

/** The three sentences of the meter. None says more than its figure. */
export function meterSentences(meter: Meter): [unbroken: string, scattered: string, files: string] {
  const scattered = headlineScattered(meter);
  return [
    meter.unbrokenBytes === null ? 'No unbroken run is sure to have been met yet.' : unbrokenSentence(meter.unbrokenBytes, meter.indexedShare),
    scattered === null ? 'Nothing is said yet of scattered known material.' : scatteredSentence(scattered, meter.longFiles),
    `${formatCount(meter.filesChecked)} of ${formatCount(meter.filesTotal)} live files checked.`,
  ];
}

/** `unbroken 20 MiB; 20 MiB scattered 99.2 %; files 48,112 of 48,112`: the meter in one line. */
export function meterWords(meter: Meter): string {
  const scattered = headlineScattered(meter);
  return [
    `unbroken ${meter.unbrokenBytes === null ? '–' : formatSizeUp(meter.unbrokenBytes)}`,
    scattered === null ? 'scattered –' : `${formatSizeUp(scattered.bytes)} scattered ${formatProbability(scattered.probability)}`,
    `files ${formatCount(meter.filesChecked)} of ${formatCount(meter.filesTotal)}`,
  ].join('; ');
}

/** The smallest amount that is met with 99 % or more, else the statement with the highest probability. */
export function headlineScattered(meter: Meter): Meter['scattered'][number] | null {
  const sure = meter.scattered.filter((one) => one.probability >= WANTED_PROBABILITY).sort((a, b) => a.bytes - b.bytes);
  return sure[0] ?? [...meter.scattered].sort((a, b) => b.probability - a.probability || a.bytes - b.bytes)[0] ?? null;
}

/** Names of the classes for a person. */
export const CONTENT_WORDS: Readonly<Record<ContentClass, string>> = {
  picture: 'pictures',
  video: 'video',
  document: 'documents',
  compressed: 'compressed',
  'high-entropy': 'random-looking',
  empty: 'empty',
  other: 'other',
};

/** `38 % to 44 %`: the 95 % interval, rounded outwards. */
export function intervalWords(share: Pick<ContentShare, 'low' | 'high'>): string {
  return `${formatShareDown(share.low)} to ${formatShareUp(share.high)}`;
}

/** The share itself: `41 %`, `0 %` where no read was of the class. */
export function shareText(share: ContentShare, reads: number): string {
  return share.reads === 0 ? '0 %' : formatShare(share.reads, reads);
}

/** `pictures 41 % (38–44)`, or without the interval. */
export function shareWords(share: ContentShare, reads: number, withInterval: boolean): string {
  const interval = withInterval ? ` (${formatShareDown(share.low).replace(' %', '')}–${formatShareUp(share.high).replace(' %', '')})` : '';
  return `${CONTENT_WORDS[share.class]} ${shareText(share, reads)}${interval}`;
}

/** `More pictures than the file systems account for: at least 9.8 % in the sample, 2.1 % in files.` */
export function disagreementWords(one: LaneDisagreement): string {
  const what = one.class === 'high-entropy' ? 'More random-looking data' : `More ${CONTENT_WORDS[one.class]}`;
  return `${what} than the file systems account for: at least ${formatShareDown(one.sampledLow)} of the sample, ${formatShareUp(one.accountedShare)} in files.`;
}

/** `passed (14 markers, 1.2 s)`, of those tried; what was not tried is told with the reason. A failure names what failed. */
export function controlWords(controls: ControlResult): string {
  switch (controls.state) {
    case 'absent':
      return 'not run';
    case 'passed':
      return `passed (${formatCount(triedMarkers(controls))} markers, ${formatDuration(controls.elapsedMs)})${notTriedWords(controls)}`;
    case 'failed':
      return `FAILED, instrument not fit: ${failedMarkers(controls).map((marker) => `${marker.name} (${outcomeWords(marker)})`).join('; ')}${notTriedWords(controls)}`;
  }
}

export function failedMarkers(controls: Pick<ControlResult, 'markers'>): readonly ControlMarker[] {
  return controls.markers.filter(isFailed);
}

/** How many markers were tried. */
export function triedMarkers({ markers }: Pick<ControlResult, 'markers'>): number {
  return markers.filter(({ outcome }) => outcome !== 'not-tried').length;
}

/** `; 4 not tried: no set of this run has perceptual hashes`; empty where all were. */
export function notTriedWords({ markers }: Pick<ControlResult, 'markers'>): string {
  const byReason = Map.groupBy(markers.filter(({ outcome }) => outcome === 'not-tried'), ({ reason }) => reason ?? 'no reason is given');
  return [...byReason].map(([reason, group]) => `; ${formatCount(group.length)} not tried: ${reason}`).join('');
}

export function outcomeWords(marker: ControlMarker): string {
  switch (marker.outcome) {
    case 'ok':
      return 'ok';
    case 'missed':
      return 'missed';
    case 'false-hit':
      return 'hit falsely';
    case 'not-tried':
      return 'not tried';
  }
}

/** What a block hit says, by its rule, and no more. */
export function ruleWords(hit: Pick<BlockHit, 'rule' | 'blocksMatched' | 'file'>): string {
  const { rule, blocksMatched, file } = hit;
  const count = formatCount(blocksMatched);
  switch (rule) {
    case 'run':
      return `part of a known file is here: ${file === null ? `${count} of its blocks` : `${count} of its ${formatCount(file.indexedBlocks)} indexed blocks`}, in order`;
    case 'share':
      return `part of a known file is here: ${file === null ? `${count} of its blocks` : `${count} of its ${formatCount(file.indexedBlocks)} indexed blocks`}`;
    case 'lead':
      return `lead: ${blocksMatched === 1 ? 'one known block' : `${count} known blocks`}, not enough to say that a file is here`;
  }
}

/** Where a block hit stands: the item, or that no listed file holds it. */
export function blockPlaceWords(hit: Pick<BlockHit, 'item' | 'volume'>): string {
  return hit.item ?? (hit.volume === '' ? 'outside every volume' : `${hit.volume}, in no listed file`);
}

/** Block hits that say that part of a file is here, and leads, counted apart. */
export function countBlockHits(hits: readonly Pick<BlockHit, 'rule' | 'isOfWholeHit'>[]): { readonly parts: number; readonly leads: number } {
  const news = hits.filter((hit) => !hit.isOfWholeHit);
  const leads = news.filter((hit) => hit.rule === 'lead').length;
  return { parts: news.length - leads, leads };
}

/** `3 parts of known files, 2 leads`; `none` where nothing was met. One file may be there in several copies and parts. */
export function blockHitCountWords(counts: { readonly parts: number; readonly leads: number }): string {
  const parts = [
    ...(counts.parts > 0 ? [`${formatCount(counts.parts)} ${partWords(counts.parts)}`] : []),
    ...(counts.leads > 0 ? [`${formatCount(counts.leads)} ${counts.leads === 1 ? 'lead' : 'leads'}`] : []),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** `part of a known file` or `parts of known files`. */
export function partWords(count: number): string {
  return count === 1 ? 'part of a known file' : 'parts of known files';
}
