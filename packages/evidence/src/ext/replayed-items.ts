import { displayPath } from '../display-name.ts';
import type { Item, WalkEvent } from '../item.ts';
import type { BlockBitmaps } from './block-bitmaps.ts';

/** What the replayed view has shown, as one number for each item, so that a million items stay small. */
export interface ReplayedItems {
  add(item: Item): void;
  has(item: Item): boolean;
}

export function rememberItems(): ReplayedItems {
  const keys = new Set<number>();
  return {
    add: (item) => {
      keys.add(itemKey(item, true));
      keys.add(itemKey(item, false));
    },
    has: (item) => keys.has(itemKey(item, item.state !== 'orphan')),
  };
}

/**
 * Of the volume as it stands, only the items that the replayed view did not show: other name, size
 * or place of content. The journal would have removed or replaced them, so they come out as deleted,
 * with the share of their blocks that is in use after the replay. Problems were told by the first view
 * where they concern both, so only those of items that come out are passed on.
 */
export function* withoutReplayedItems(
  events: Iterable<WalkEvent>, replayed: ReplayedItems, bitmaps: BlockBitmaps,
): Generator<WalkEvent, void, undefined> {
  let passOn = false;
  for (const event of events) {
    if (event.type !== 'item') {
      if (passOn || event.type === 'pause') yield event;
      continue;
    }
    passOn = !replayed.has(event.item);
    if (passOn) yield { type: 'item', item: asReplaced(event.item, bitmaps) };
  }
}

function asReplaced(item: Item, bitmaps: BlockBitmaps): Item {
  if (item.state !== 'allocated') return item;
  if (item.content.form !== 'extents') return { ...item, state: 'deleted', recovery: { basis: item.content.form === 'inline' ? 'runs-survive' : 'no-runs' } };
  const extents = item.content.extents.filter((extent) => extent.kind !== 'compressed-unit');
  const { share: reusedShare, complete } = bitmaps.shareInUse(extents);
  return { ...item, state: 'deleted', recovery: reusedShare === 0 && complete ? { basis: 'runs-survive' } : { basis: 'clusters-reused', reusedShare } };
}

/** 53 bits over what makes an item itself; with a million items two collide once in nine thousand volumes. */
function itemKey(item: Item, withPath: boolean): number {
  const { content } = item;
  const place = content.form === 'extents' ? content.extents.map((extent) => `${extent.kind}${extent.sourceOffset}+${extent.length}`).join() : content.form;
  return hash53(`${item.id}|${item.kind}|${item.sizeBytes}|${place}|${withPath ? displayPath('', item) : ''}`);
}

/** cyrb53 (public domain): quick, and 53 bits fit a number. */
function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
