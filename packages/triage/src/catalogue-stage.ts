import { setImmediate as nextTurn } from 'node:timers/promises';
import { problemFrom } from '@kerbside/bytes';
import type { Item, WalkEvent } from '@kerbside/evidence';
import { FLAG, STATUS } from './catalogue.ts';
import { hashWhole, packedLength, unpackDigests, type PackedDigest } from './digests.ts';
import { VIEW_AS_SHOWN } from './extent-code.ts';
import { makeHits } from './hits.ts';
import { lookUp } from './known-sets.ts';
import { addHits, addWalkProblem, SLICE_MS, tellProgress, type RunContext } from './run-context.ts';

/** One walk over a volume or folder. */
export interface Walk {
  /** First path component; empty for a folder source. */
  readonly volumeId: string;
  readonly events: () => Generator<WalkEvent, unknown, undefined>;
}

/** Items between two looks at the clock. */
const CLOCK_EVERY = 64;

/** Hits that are no alert among inline items that are listed; the rest are counted. */
const LISTED_INLINE_OTHERS = 2000;

/**
 * Drives walks in short slices and fills the catalogue. Content held in metadata is hashed on the
 * way, as it is at hand and too small to send anywhere.
 * @param mostItems items in the catalogue at which it ends
 * @returns true when every walk came to its end
 */
export async function runWalks(context: RunContext, walks: readonly Walk[], inOrphanStage: boolean, mostItems: number): Promise<boolean> {
  const inline = { listed: 0 };
  for (const walk of walks) {
    if (context.catalogue.length >= mostItems) return false;
    Object.assign(context.progress, { reading: walk.volumeId, bytesPlanned: 0, bytesDone: 0 });
    let sliceEnd = performance.now() + SLICE_MS;
    let untilClock = CLOCK_EVERY;
    try {
      for (const event of walk.events()) {
        untilClock -= 1;
        switch (event.type) {
          case 'problem':
            addWalkProblem(context, { ...event.problem, where: { volume: walk.volumeId, ...event.problem.where } });
            break;
          case 'item':
            addItem(context, walk.volumeId, event.item, inOrphanStage, inline);
            if (context.catalogue.length >= mostItems) return false;
            break;
          case 'pause':
            Object.assign(context.progress, { bytesPlanned: event.totalBytes, bytesDone: event.doneBytes });
            untilClock = 0;
            break;
        }
        if (untilClock > 0) continue;
        untilClock = CLOCK_EVERY;
        if (performance.now() < sliceEnd) continue;
        tellProgress(context);
        await nextTurn();
        if (context.signal.aborted) return false;
        sliceEnd = performance.now() + SLICE_MS;
      }
    } catch (error) {
      // A reader must not throw; if one does, the rest of its volume is unread and that is told.
      const problem = problemFrom(error, { volume: walk.volumeId });
      addWalkProblem(context, { ...problem, message: `the walk ended early: ${problem.message}` });
    }
  }
  return !context.signal.aborted;
}

function addItem(context: RunContext, volumeId: string, item: Item, inOrphanStage: boolean, inline: { listed: number }): void {
  const { catalogue } = context;
  const ordinal = catalogue.add(volumeId, item, inOrphanStage);
  if (item.content.form !== 'inline' || catalogue.status(ordinal) !== STATUS.pending) return;
  const { bytes } = item.content;
  if ((catalogue.flags(ordinal) & FLAG.badExtents) !== 0) {
    catalogue.setStatus(ordinal, STATUS.problem);
    if (!item.partial) {
      addWalkProblem(context, {
        kind: 'malformed',
        code: 'item-extents-unusable',
        message: `${bytes.byteLength} bytes are held in the metadata of an item of ${item.sizeBytes}`,
        where: { path: catalogue.path(ordinal), volume: volumeId },
      });
    }
    return;
  }
  const mask = context.questions.maskForSize(bytes.byteLength);
  if (mask === 0) {
    catalogue.setStatus(ordinal, STATUS.gated);
    return;
  }
  catalogue.setStatus(ordinal, item.partial ? STATUS.problem : STATUS.read);
  let digests = digestsOf(bytes, mask);
  if (!item.partial) context.manifest?.addInline(bytes.byteLength, digests);
  const matches = lookUp(context.sets, digests);
  if (matches.length === 0) return;
  const ignorableOnly = matches.every((match) => context.sets[match.setIndex]!.facts.meaning === 'ignorable');
  const noAlert = matches.every((match) => context.sets[match.setIndex]!.facts.meaning !== 'alert');
  if (noAlert && inline.listed >= LISTED_INLINE_OTHERS) {
    for (const { setIndex } of matches) context.unlistedHits.set(setIndex, (context.unlistedHits.get(setIndex) ?? 0) + 1);
    return;
  }
  if (noAlert) inline.listed += 1;
  if (!ignorableOnly) digests = digestsOf(bytes, context.questions.fullMask);
  addHits(context, makeHits(catalogue, ordinal, VIEW_AS_SHOWN, context.sets, matches, digests));
}

function digestsOf(bytes: Uint8Array, mask: number): PackedDigest[] {
  const packed = new Uint8Array(packedLength(mask));
  hashWhole(bytes, mask, packed, 0);
  return unpackDigests(packed, 0, mask);
}
