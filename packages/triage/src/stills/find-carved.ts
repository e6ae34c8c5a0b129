import type { RandomAccessSource } from '@kerbside/bytes';
import { displayPath, loadCarveRanges, type Item, type Layout } from '@kerbside/evidence';
import { freeParts } from '../carving-walks.ts';

/** Path of a carved file: its volume or gap, and where on the source it begins. */
const CARVED_PATH = /^([^/]+)\/\\\[carved\]\/(\d{13,15})\.[a-z0-9]+$/;

/** Whether a path is that of a carved file, which no file system lists. */
export function isCarvedPath(path: string): boolean {
  return CARVED_PATH.test(path);
}

/**
 * Finds a carved file again: its path says where it begins, so only the free space from there on is searched, up to the first file.
 * @returns null where no such file stands there
 */
export async function findCarved(source: RandomAccessSource, layout: Layout, path: string): Promise<Item | null> {
  const [, partId, digits] = CARVED_PATH.exec(path) ?? [];
  const part = freeParts(layout).find(({ id }) => id === partId);
  if (partId === undefined || part === undefined) return null;
  const start = Number(digits);
  const carveRanges = await loadCarveRanges();
  for (const event of carveRanges(source, rangesFrom(part.ranges(), start), { volumeId: partId, clusterGrid: part.clusterGrid })) {
    if (event.type === 'item') return displayPath(partId, event.item) === path ? event.item : null;
    // The search of one stretch comes to its end before it tells: a pause behind that says that nothing stands here.
    if (event.type === 'pause' && event.doneBytes > MOST_SEARCHED_BYTES) return null;
  }
  return null;
}

/** More than one stretch of the search. */
const MOST_SEARCHED_BYTES = 64 * 1024 * 1024;

function* rangesFrom(ranges: Iterable<{ readonly offset: number; readonly length: number }>, start: number): Generator<{ offset: number; length: number }> {
  for (const { offset, length } of ranges) {
    const end = offset + length;
    if (end <= start) continue;
    const from = Math.max(offset, start);
    yield { offset: from, length: end - from };
  }
}
