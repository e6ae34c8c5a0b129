import type { Place, Problem } from '@kerbside/bytes';
import { displayPath } from '../display-name.ts';
import type { DirectoryNode, Item, WalkEvent } from '../item.ts';
import { FAULT, fault, type Fault } from './faults.ts';

/** Problems told one by one in a walk; a volume of noise has millions, and the first thousands say the same. */
const MAX_PROBLEMS_PER_WALK = 10_000;

/** Makes the problem events of one walk and keeps count, so that the rest is told in one. */
export interface ProblemReporter {
  /** The event, or null when this walk has told enough: it is counted and comes with {@link remainder}. */
  make(what: Fault, place: Place): WalkEvent | null;
  forItem(what: Fault, item: Item, offset: number): WalkEvent | null;
  /** The event that says how many problems were not told one by one, or null when all were. */
  remainder(): WalkEvent | null;
}

/** @param startOffset of the volume on the source; offsets given to the reporter are in bytes of the volume */
export function makeProblemReporter(volumeId: string, startOffset: number): ProblemReporter {
  let told = 0;
  let untold = 0;
  function make(what: Fault, place: Place): WalkEvent | null {
    if (told >= MAX_PROBLEMS_PER_WALK) {
      untold++;
      return null;
    }
    told++;
    const where: Place =
      place.offset === undefined ? { volume: volumeId, ...place } : { volume: volumeId, ...place, offset: startOffset + place.offset };
    const problem: Problem = { ...what, where };
    return { type: 'problem', problem };
  }
  return {
    make,
    forItem: (what, item, offset) => make(what, { path: displayPath(volumeId, item), offset }),
    remainder() {
      if (untold === 0) return null;
      const message = `${untold} further problems of this volume are not listed one by one (limit ${MAX_PROBLEMS_PER_WALK})`;
      return { type: 'problem', problem: { ...fault(FAULT.moreProblems, message), where: { volume: volumeId } } };
    },
  };
}

/** Display path of a directory, by way of an item that has its name and parent. */
export function nodePath(volumeId: string, node: DirectoryNode): string {
  return displayPath(volumeId, {
    kind: 'directory',
    parent: node.parent,
    name: node.name,
    streamName: null,
    sizeBytes: 0,
    state: 'allocated',
    id: '',
    times: { created: null, modified: null, accessed: null, changed: null },
    content: { form: 'none', reason: 'not-content' },
    recovery: null,
    partial: false,
  });
}
