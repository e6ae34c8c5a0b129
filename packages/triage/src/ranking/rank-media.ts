import { groupNear } from './group-near.ts';
import { gatherKnown } from './known-neighbours.ts';
import { MediaColumns, NONE } from './media-columns.ts';
import { prepareContext } from './prepare-context.ts';
import { describeColumns } from './describe-columns.ts';
import type { RankedItem, Ranking } from './ranking.ts';
import { pointsOf, reasonsOf, type ReasonInput } from './reasons.ts';
import { drawNumbers, sampleSentence } from './sample-low-band.ts';
import type { SearchContext } from './search-context.ts';
import type { SeenMedia } from './seen-media.ts';
import { bandOf, type Band } from './weights.ts';

/**
 * Ranks unseen pictures and videos for review: a total order, the same whatever the order of `facts`. Points of the
 * reasons first, then the run's own number, so that neighbours stay together. Never a verdict. Memory: about 200 bytes an item.
 *
 * @param facts each item once; the iterable is read through once
 */
export function rankMedia(facts: Iterable<SeenMedia>, context: SearchContext): Ranking {
  const prepared = prepareContext(context);
  const columns = new MediaColumns(prepared);
  const left = { known: 0, similar: 0, ignorable: 0 };
  for (const media of facts) {
    if (media.standing !== 'unseen') left[media.standing] += 1;
    if (media.standing !== 'ignorable') columns.add(media);
  }
  const groups = gatherGroups(columns);
  const input: ReasonInput = { columns, context: prepared, known: gatherKnown(columns), knownInGroup: (index) => groups.known(index), groupSize: (index) => groups.size(index) };
  const points = new Uint32Array(columns.length);
  for (let index = 0; index < columns.length; index++) if (columns.standingOf(index) === 'unseen') points[index] = pointsOf(input, index);
  const order = unseenOf(columns).sort((a, b) => points[b]! - points[a]! || columns.ordinal.at(a) - columns.ordinal.at(b));
  return makeRanking(input, { order, points, isShown: firstOfGroups(order, groups), groupsComplete: groups.complete, left });
}

function unseenOf(columns: MediaColumns): Uint32Array {
  const unseen = new Uint32Array(columns.length);
  let count = 0;
  for (let index = 0; index < columns.length; index++) if (columns.standingOf(index) === 'unseen') unseen[count++] = index;
  return unseen.subarray(0, count);
}

interface Groups {
  readonly complete: boolean;
  /** Number of the group, or NONE for an item without a hash that can be compared. */
  groupOf(index: number): number;
  known(index: number): number;
  size(index: number): number;
}

function gatherGroups(columns: MediaColumns): Groups {
  const { groupOf, complete } = groupNear(columns.hashWords.values.subarray(0, columns.hashWords.length));
  const known = new Uint32Array(groupOf.length);
  const unseen = new Uint32Array(groupOf.length);
  const group = (index: number): number => {
    const hash = columns.hash.at(index);
    return hash === NONE ? NONE : groupOf[hash]!;
  };
  for (let index = 0; index < columns.length; index++) {
    const of = group(index);
    if (of !== NONE) (columns.standingOf(index) === 'unseen' ? unseen : known)[of]! += 1;
  }
  return {
    complete,
    groupOf: group,
    known: (index) => (group(index) === NONE ? 0 : known[group(index)]!),
    size: (index) => (group(index) === NONE ? 1 : unseen[group(index)]!),
  };
}

/** Which items stand for their group: the first of each in the order. */
function firstOfGroups(order: Uint32Array, groups: Groups): (position: number) => boolean {
  const isShown = new Uint8Array(order.length);
  const met = new Set<number>();
  for (const [position, index] of order.entries()) {
    const group = groups.groupOf(index);
    if (group !== NONE && met.has(group)) continue;
    if (group !== NONE) met.add(group);
    isShown[position] = 1;
  }
  return (position) => isShown[position] === 1;
}

interface Ordered {
  readonly order: Uint32Array;
  readonly points: Uint32Array;
  readonly isShown: (position: number) => boolean;
  readonly groupsComplete: boolean;
  readonly left: Ranking['context'];
}

function makeRanking(input: ReasonInput, { order, points, isShown, groupsComplete, left }: Ordered): Ranking {
  const bands: Record<Band, { items: number; shown: number }> = { high: { items: 0, shown: 0 }, middle: { items: 0, shown: 0 }, low: { items: 0, shown: 0 } };
  const shownLow: number[] = [];
  for (const [position, index] of order.entries()) {
    const band = bandOf(points[index]!);
    bands[band].items += 1;
    if (!isShown(position)) continue;
    bands[band].shown += 1;
    if (band === 'low') shownLow.push(position);
  }
  const lowPositions = Uint32Array.from(shownLow);
  const itemAt = (position: number): RankedItem => {
    if (!Number.isInteger(position) || position < 1 || position > order.length) throw new RangeError(`there is no place ${position} in an order of ${order.length}`);
    const index = order[position - 1]!;
    return describeItem(input, index, { position, points: points[index]!, isShown: isShown(position - 1) });
  };
  return {
    items: order.length,
    shown: bands.high.shown + bands.middle.shown + bands.low.shown,
    bands,
    context: left,
    columns: describeColumns(input),
    groupsComplete,
    itemAt,
    *shownItems() {
      for (let position = 1; position <= order.length; position++) if (isShown(position - 1)) yield itemAt(position);
    },
    *allItems() {
      for (let position = 1; position <= order.length; position++) yield itemAt(position);
    },
    sampleLowBand(seed, count) {
      const drawn = drawNumbers(seed, lowPositions.length, count);
      return { items: drawn.map((number) => itemAt(lowPositions[number]! + 1)), drawnFrom: lowPositions.length, sentence: sampleSentence(drawn.length, lowPositions.length) };
    },
  };
}

function describeItem(input: ReasonInput, index: number, place: { readonly position: number; readonly points: number; readonly isShown: boolean }): RankedItem {
  const { columns } = input;
  return {
    position: place.position,
    ordinal: columns.ordinal.at(index),
    path: columns.path(index),
    kind: columns.isVideo.at(index) === 1 ? 'video' : 'picture',
    state: columns.stateOf(index),
    band: bandOf(place.points),
    points: place.points,
    reasons: reasonsOf(input, index),
    group: { size: input.groupSize(index), isShown: place.isShown },
    format: columns.texts.text(columns.format.at(index)),
    widthPx: numberOrNull(columns.widthPx.at(index), 0),
    heightPx: numberOrNull(columns.heightPx.at(index), 0),
    sizeBytes: numberOrNull(columns.sizeBytes.at(index), Number.NaN),
    capturedAtMs: numberOrNull(columns.capturedAtMs.at(index), Number.NaN),
    make: columns.texts.text(columns.make.at(index)),
    model: columns.texts.text(columns.model.at(index)),
    software: columns.texts.text(columns.software.at(index)),
  };
}

function numberOrNull(value: number, none: number): number | null {
  return Object.is(value, none) ? null : value;
}

