import type { Meter, OnRunEvent, Thermometer } from '@kerbside/triage';
import { blockPlaceWords, controlWords, formatBytes, formatCount, meterWords, nearWords, ruleWords } from '@kerbside/triage';
import { contentWords } from './content-words.ts';
import { harmlessText } from './harmless-text.ts';
import { clockWords, hitWords, STAGE_WORDS } from './words.ts';

/** First hits written out; later ones are in the report. */
const HITS_SHOWN = 10;

/** Where nobody watches, one line in this many milliseconds shows that the run is alive. */
const LINE_MS = 10_000;

/**
 * Progress where there is no terminal (a log, a pipe): few lines, nothing drawn over.
 * @param write receives each line
 */
export function createPlainView(write: (line: string) => void): OnRunEvent {
  const writeLine = (line: string): void => write(harmlessText(line));
  let hits = 0;
  let blockHits = 0;
  let nearHits = 0;
  let lastLineMs = 0;
  let meter: Meter | null = null;
  let thermometer: Thermometer | null = null;
  return (event) => {
    switch (event.type) {
      case 'source':
        writeLine(`Reading ${event.source.path} (${event.source.kind === 'folder' ? '' : `${formatBytes(event.source.sizeBytes)}, `}${event.source.kind})${event.resumed ? ', taken up again' : ''}`);
        break;
      case 'volume':
        writeLine(`  ${event.volume.id}: ${event.volume.state === 'encrypted' ? 'locked, ' : ''}${event.volume.name || event.volume.state}, ${formatBytes(event.volume.sizeBytes)}`);
        break;
      case 'stage':
        writeLine(`${clockWords(event.elapsedMs)}  ${STAGE_WORDS[event.stage]}`);
        break;
      case 'hit':
        hits += 1;
        if (hits <= HITS_SHOWN) writeLine(`${clockWords(event.elapsedMs)}  hit: ${event.hit.path}  (${hitWords(event.hit)})`);
        break;
      case 'progress': {
        const { progress } = event;
        if (progress.elapsedMs - lastLineMs < LINE_MS) break;
        lastLineMs = progress.elapsedMs;
        const share = progress.share === null ? '' : `, ${Math.floor(progress.share * 100)} %`;
        writeLine(`${clockWords(progress.elapsedMs)}  ${formatCount(progress.itemsDone)} of ${formatCount(progress.itemsPlanned)} items, ${formatBytes(progress.bytesDone)}${share}, ${formatCount(progress.hits)} hits, ${formatCount(progress.problems)} problems`);
        // With the same rhythm, and only what is new: the last word on both is in the summary.
        if (meter !== null) writeLine(`       meter: ${meterWords(meter)}`);
        if (thermometer !== null) writeLine(`       content: ${contentWords(thermometer, Infinity)}`);
        meter = null;
        thermometer = null;
        break;
      }
      case 'controls':
        writeLine(`Controls ${controlWords(event.controls)}`);
        break;
      case 'block-hit':
        blockHits += 1;
        if (blockHits <= HITS_SHOWN) writeLine(`${clockWords(event.elapsedMs)}  blocks: ${blockPlaceWords(event.hit)}  (${event.hit.set}: ${ruleWords(event.hit)})`);
        break;
      case 'near-hit':
        nearHits += 1;
        if (nearHits <= HITS_SHOWN) writeLine(`${clockWords(event.elapsedMs)}  looks alike: ${event.hit.path}  (${event.hit.set}: ${nearWords(event.hit)})`);
        break;
      case 'meter':
        meter = event.meter;
        break;
      case 'thermometer':
        thermometer = event.thermometer;
        break;
      case 'problem':
      case 'finished':
        break;
    }
  };
}
