import { LimitError, type RandomAccessSource } from '@kerbside/bytes';
import { RunQueue } from '../../carving/free-runs.ts';
import { walkJpeg } from '../../carving/jpeg-walk.ts';
import { RunPages } from '../../carving/run-pages.ts';
import type { Stretch } from './left-over.ts';
import { signatureFinder } from './signature-finder.ts';

const BEGINNING = Buffer.from([0xff, 0xd8, 0xff]);

/** Bytes looked at in vain: headers planted so that each leads far must not make the search many times as long as the store. */
const VAIN_SHARE = 4;
const VAIN_START_BYTES = 16 * 1024 * 1024;
/** What a beginning costs that nothing follows. */
const BEGINNING_COST_BYTES = 64;

/**
 * JPEGs that are whole by their own structure (jpeg-walk.ts), at any byte of the stretches; none shares a byte with
 * another. What only begins as one is passed over.
 * @param source whose first byte is offset 0
 * @throws LimitError `thumbnails-limit`
 */
export function* carveJpegs(source: RandomAccessSource, stretches: readonly Stretch[]): Generator<Stretch> {
  const total = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  const runs = new RunQueue(stretches.values());
  const pages = new RunPages(source, runs);
  const findBeginning = signatureFinder(source, BEGINNING);
  let vainBytes = 0;
  try {
    for (let stretch = runs.next(); stretch !== null; stretch = runs.next()) {
      pages.enter(stretch);
      for (let at = findBeginning(stretch.start, stretch.end); at !== null; ) {
        pages.lookedAtBytes = 0;
        const end = wholeEnd(pages, at);
        if (end > 0) yield { start: at, end };
        else vainBytes += pages.lookedAtBytes + BEGINNING_COST_BYTES;
        if (vainBytes > VAIN_START_BYTES + VAIN_SHARE * total) {
          throw new LimitError('thumbnails-limit', 'So many broken JPEGs begin in the store that the rest of it was not searched.', { offset: at });
        }
        at = findBeginning(end > 0 ? end : at + 1, stretch.end);
      }
    }
  } finally {
    pages.release();
  }
}

/** The place after the JPEG that begins at `start`; -1 when its structure is not whole. */
function wholeEnd(pages: RunPages, start: number): number {
  const walk = walkJpeg(pages, start);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return step.value.outcome === 'whole' ? step.value.end : -1;
  }
}
