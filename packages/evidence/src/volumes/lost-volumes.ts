import { SourceWindow, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import type { FileSystemFormat } from '../file-system.ts';
import type { Volume } from '../volume.ts';
import { statedSizeBytes } from './stated-size.ts';
import { detectFormat } from './survey-volume.ts';

/** Where volumes begin by custom: at once, after 63 sectors (until 2006), and on whole MiB (since). */
const FIRST_PLACES = [0, 63 * 512];
const ALIGN_BYTES = 1024 * 1024;
/** Places tried in all gaps of a source: each is one small read, and a disk turns under them. */
export const MAX_PROBES = 2_048;

/** A file system found outside every partition. */
export interface LostVolume {
  readonly startOffset: number;
  readonly sizeBytes: number;
}

/** Counts the places tried over all gaps of one source. */
export interface ProbeBudget {
  left: number;
}

/**
 * Looks in a gap for file systems that the table no longer names: a deleted partition still has its
 * boot sector. Ascending, not overlapping, all inside the gap.
 */
export function findLostVolumes(source: RandomAccessSource, gap: ByteRange, formats: readonly FileSystemFormat[], budget: ProbeBudget): LostVolume[] {
  const found: LostVolume[] = [];
  const end = gap.offset + gap.length;
  let free = gap.offset;
  for (const place of places(gap)) {
    if (place < free) continue;
    if (budget.left <= 0) break;
    budget.left -= 1;
    const stated = statedSizeBytes(source, place);
    if (stated === null || !(stated > 0)) continue;
    const sizeBytes = Math.min(stated, end - place);
    const window = new SourceWindow(source, place, sizeBytes);
    const volume: Volume = { id: 'g', startOffset: place, sizeBytes, scheme: 'gap', declaredType: '', source: window };
    if (detectFormat(volume, formats)?.basis !== 'primary') continue;
    found.push({ startOffset: place, sizeBytes });
    free = place + sizeBytes;
  }
  return found;
}

function* places(gap: ByteRange): Generator<number> {
  const end = gap.offset + gap.length;
  for (const place of FIRST_PLACES) if (gap.offset + place < end) yield gap.offset + place;
  for (let place = Math.floor(gap.offset / ALIGN_BYTES + 1) * ALIGN_BYTES; place < end; place += ALIGN_BYTES) yield place;
}
