import type { BlockHit } from '../survey/block-hit.ts';
import type { ControlFindings } from './evaluate-controls.ts';
import type { ControlLane, ControlSet, ControlSpecimen } from './control-specimen.ts';

/*
 * A made-up control volume of five markers and four look-alikes, and what a perfect run reports of it.
 * For tests; not used by the program.
 */

export const ALL_LANES: ReadonlySet<ControlLane> = new Set<ControlLane>(['file', 'survey', 'carving', 'near']);

export const LIST: ControlSet = { path: '/sets/list.kset', name: 'list', answers: ['file', 'carving'] };
export const LOOKS: ControlSet = { path: '/sets/looks.kset', name: 'looks', answers: ['near'] };
export const BLOCKS: ControlSet = { path: '/sets/blocks', name: 'blocks', answers: ['survey'] };

function specimen(name: string, lane: ControlLane, change: Partial<ControlSpecimen>): ControlSpecimen {
  return { name, lane, expected: 'hit', volume: 'p1', path: null, ranges: [], sha1: 'ab'.repeat(20), sizeBytes: 65_536, ...change };
}

export const LIVE = specimen('live', 'file', { path: 'p1/a.jpg', ranges: [{ offset: 0, length: 65_536 }], sha1: '01'.repeat(20) });
export const SPLIT = specimen('split', 'survey', { ranges: [{ offset: 200_704, length: 32_768 }, { offset: 131_072, length: 32_768 }], sha1: '02'.repeat(20) });
export const CARVED = specimen('carved', 'carving', { ranges: [{ offset: 262_144, length: 65_536 }], sha1: '03'.repeat(20) });
export const FREE = specimen('free', 'survey', { ranges: CARVED.ranges, sha1: CARVED.sha1 });
export const SAME_LENGTH = specimen('same length', 'file', { expected: 'no-hit', path: 'p1/b.jpg', ranges: [{ offset: 400_000, length: 65_536 }], sha1: '04'.repeat(20) });
export const COMMON = specimen('common blocks', 'survey', { expected: 'no-hit', path: 'p1/c.bin', ranges: [{ offset: 500_000, length: 65_536 }], sha1: '05'.repeat(20) });
export const OTHER_FREE = specimen('other in free space', 'carving', { expected: 'no-hit', ranges: [{ offset: 600_064, length: 65_536 }], sha1: '06'.repeat(20) });
export const COPY = specimen('altered copy', 'near', { path: 'p1/d.jpg', sha1: '07'.repeat(20) });
export const LOOKS_ALIKE = specimen('looks alike', 'near', { expected: 'no-hit', path: 'p1/e.jpg', ranges: [{ offset: 700_000, length: 65_536 }], sha1: '08'.repeat(20) });

export const SPECIMENS: readonly ControlSpecimen[] = [LIVE, SPLIT, FREE, CARVED, SAME_LENGTH, COMMON, OTHER_FREE, COPY, LOOKS_ALIKE];

export function hitOn({ path, ranges, sha1, lane }: ControlSpecimen, change: Partial<ControlFindings['hits'][number]> = {}): ControlFindings['hits'][number] {
  const offset = ranges[0]?.offset ?? -1;
  return { path: path ?? `p1/carved-${offset}`, offset, state: lane === 'carving' ? 'carved' : 'allocated', set: 'list', meaning: 'alert', strength: 'confirmed', digests: { sha1 }, ...change };
}

export function blocksOn({ ranges }: Pick<ControlSpecimen, 'ranges'>, change: Partial<BlockHit> = {}): BlockHit {
  return { set: 'blocks', category: 'A', rule: 'run', ranges, blocksMatched: 8, file: null, volume: 'p1', item: null, isOfWholeHit: false, ...change };
}

export function nearOn({ path, sha1 }: Pick<ControlSpecimen, 'path' | 'sha1'>, change: Partial<ControlFindings['nearHits'][number]> = {}): ControlFindings['nearHits'][number] {
  return { path: path ?? '', set: 'looks', meaning: 'alert', setDigest: `sha1:${sha1}`, ...change };
}

/** Nothing found at all. */
export const NOTHING: ControlFindings = { hits: [], blockHits: [], nearHits: [], problems: [] };

/** Every marker found, and nothing else. */
export const PERFECT: ControlFindings = { hits: [hitOn(LIVE), hitOn(CARVED)], blockHits: [blocksOn(LIVE), ...SPLIT.ranges.map((range) => blocksOn({ ranges: [range] })), blocksOn(FREE)], nearHits: [nearOn(COPY)], problems: [] };
