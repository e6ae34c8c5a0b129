import type { MediaColumns } from './media-columns.ts';
import { BURST_MS } from './weights.ts';

/** What stands around items that a set knows, or that are near-matches. */
export interface KnownNeighbours {
  /** Known or similar items in the folder. */
  inFolder(folderKey: number): number;
  /** Known items of this make and model. */
  withCamera(cameraKey: number): number;
  /** Milliseconds to the nearest known or similar item of a folder, or of a camera model, when within a burst; null else. */
  burstInFolder(folderKey: number, capturedAtMs: number): number | null;
  burstOfCamera(cameraKey: number, capturedAtMs: number): number | null;
}

/** Gathers known and similar items by folder, by camera model, and by time within each. */
export function gatherKnown(columns: MediaColumns): KnownNeighbours {
  const folders = new Map<number, number>();
  const cameras = new Map<number, number>();
  const timed: number[] = [];
  for (let index = 0; index < columns.length; index++) {
    const standing = columns.standingOf(index);
    if (standing === 'unseen') continue;
    count(folders, columns.folderKey.at(index));
    const camera = columns.cameraKey.at(index);
    if (standing === 'known' && camera !== 0) count(cameras, camera);
    if (!Number.isNaN(columns.capturedAtMs.at(index))) timed.push(index);
  }
  const byFolder = sortTimes(columns, timed, (index) => columns.folderKey.at(index));
  const byCamera = sortTimes(columns, timed.filter((index) => columns.cameraKey.at(index) !== 0), (index) => columns.cameraKey.at(index));
  return {
    inFolder: (key) => folders.get(key) ?? 0,
    withCamera: (key) => (key === 0 ? 0 : (cameras.get(key) ?? 0)),
    burstInFolder: (key, time) => nearestWithin(byFolder, key, time),
    burstOfCamera: (key, time) => (key === 0 ? null : nearestWithin(byCamera, key, time)),
  };
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Times of items, ascending within each key; keys ascending. */
interface KeyedTimes {
  readonly keys: Float64Array;
  readonly times: Float64Array;
}

function sortTimes(columns: MediaColumns, items: readonly number[], keyOf: (index: number) => number): KeyedTimes {
  const order = Uint32Array.from(items).sort((a, b) => keyOf(a) - keyOf(b) || columns.capturedAtMs.at(a) - columns.capturedAtMs.at(b));
  return { keys: Float64Array.from(order, keyOf), times: Float64Array.from(order, (index) => columns.capturedAtMs.at(index)) };
}

/** Signed milliseconds from the nearest time of the key to `time`, when not more than a burst; of two as near, the earlier. */
function nearestWithin({ keys, times }: KeyedTimes, key: number, time: number): number | null {
  if (Number.isNaN(time)) return null;
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key || (keys[middle] === key && times[middle]! < time)) low = middle + 1;
    else high = middle;
  }
  const before = low > 0 && keys[low - 1] === key ? time - times[low - 1]! : Number.POSITIVE_INFINITY;
  const after = low < keys.length && keys[low] === key ? times[low]! - time : Number.POSITIVE_INFINITY;
  if (Math.min(before, after) > BURST_MS) return null;
  return before <= after ? before : -after;
}
