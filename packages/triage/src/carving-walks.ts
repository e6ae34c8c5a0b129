import type { ByteRange, RandomAccessSource } from '@kerbside/bytes';
import { loadCarveRanges, type CarveSummary, type Layout, type WalkEvent } from '@kerbside/evidence';
import type { Catalogue } from './catalogue.ts';
import type { Walk } from './catalogue-stage.ts';

/** A part of the source with free space, and what its clusters say of where files begin there. */
interface FreePart {
  readonly id: string;
  readonly ranges: () => Iterable<ByteRange>;
  readonly clusterGrid: { readonly offset: number; readonly sizeBytes: number } | null;
}

/** Files that stand whole in free space and that a deleted entry has led to already: their places and lengths. */
function knownPlaces(catalogue: Catalogue): ReadonlySet<string> {
  const places = new Set<string>();
  for (let ordinal = 0; ordinal < catalogue.length; ordinal++) {
    // One that lies in pieces has other bytes than a file that stands in one.
    if (catalogue.state(ordinal) === 'allocated' || catalogue.extentEnd(ordinal) - catalogue.extentStart(ordinal) !== 1) continue;
    const offset = catalogue.firstOffset(ordinal);
    if (offset >= 0) places.add(placeOf(offset, catalogue.sizeBytes(ordinal)));
  }
  return places;
}

function placeOf(offset: number, sizeBytes: number): string {
  return `${offset} ${sizeBytes}`;
}

/** Leaves out what is an item already: one file is not told twice. */
function* newOnly(events: Generator<WalkEvent, unknown, undefined>, known: ReadonlySet<string>): Generator<WalkEvent, void, undefined> {
  for (const event of events) {
    const content = event.type === 'item' ? event.item.content : null;
    const first = content?.form === 'extents' ? content.extents[0] : undefined;
    if (event.type === 'item' && first !== undefined && known.has(placeOf(first.sourceOffset, event.item.sizeBytes))) continue;
    yield event;
  }
}

/**
 * One walk for each part of the source that may hold files nobody lists: free space of file systems,
 * gaps, and volumes that no reader knows. Encrypted volumes hold nothing to carve.
 *
 * @param catalogue what was listed before
 * @param onSummary what the search of one part came to
 */
export async function carvingWalks(catalogue: Catalogue, source: RandomAccessSource, layout: Layout, onSummary: (summary: CarveSummary) => void): Promise<Walk[]> {
  const carveRanges = await loadCarveRanges();
  const known = knownPlaces(catalogue);
  return freeParts(layout).map(({ id, ranges, clusterGrid }) => ({
    volumeId: id,
    events: () => newOnly(carveRanges(source, ranges(), { volumeId: id, clusterGrid, totalBytes: sumOf(ranges()), onSummary }), known),
  }));
}

function sumOf(ranges: Iterable<ByteRange>): number {
  let sum = 0;
  for (const { length } of ranges) sum += length;
  return sum;
}

/** Free space of file systems, gaps between volumes, and volumes that no reader knows. */
export function freeParts({ volumes, gaps }: Layout): FreePart[] {
  const parts: FreePart[] = volumes.flatMap(({ volume, content }): FreePart[] => {
    const whole = { offset: volume.startOffset, length: volume.sizeBytes };
    switch (content.state) {
      case 'file-system': {
        const { fileSystem } = content;
        return [{ id: volume.id, ranges: () => fileSystem.freeRanges(), clusterGrid: { offset: fileSystem.clusterGridOffset, sizeBytes: fileSystem.clusterSizeBytes } }];
      }
      case 'encrypted':
        return [];
      case 'unsupported':
      case 'unrecognised':
        return [{ id: volume.id, ranges: () => [whole], clusterGrid: null }];
    }
  });
  return [...parts, ...gaps.map(({ id, range }) => ({ id, ranges: () => [range], clusterGrid: null }))];
}
