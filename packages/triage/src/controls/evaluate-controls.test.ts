import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ControlMarker } from './control-result.ts';
import type { ControlLane } from './control-specimen.ts';
import { evaluateControls, type ControlFindings } from './evaluate-controls.ts';
import { ALL_LANES, BLOCKS, blocksOn, CARVED, COMMON, FREE, hitOn, LIST, LIVE, LOOKS, OTHER_FREE, PERFECT, SAME_LENGTH, SPECIMENS, SPLIT } from './test-controls.ts';

function evaluate(change: Partial<ControlFindings>, lanes: ReadonlySet<ControlLane> = ALL_LANES, sets = [LIST, BLOCKS]): ControlMarker[] {
  return evaluateControls(SPECIMENS, [...sets, LOOKS], { ...PERFECT, ...change }, lanes);
}

/** Name and outcome of everything that is not right. */
function faults(change: Partial<ControlFindings>, lanes?: ReadonlySet<ControlLane>, sets?: (typeof LIST)[]): [string, string][] {
  return evaluate(change, lanes, sets).flatMap(({ name, outcome }): [string, string][] => (outcome === 'ok' ? [] : [[name, outcome]]));
}

describe('evaluateControls', () => {
  it('finds nothing wrong with a perfect run, and names every specimen in its order', () => {
    const markers = evaluate({});
    assert.deepEqual(markers.map(({ name, expected, outcome }) => [name, expected, outcome]), SPECIMENS.map(({ name, expected }) => [name, expected, 'ok']));
  });

  it('names a marker that was missed, in the lane that missed it', () => {
    assert.deepEqual(faults({ hits: [hitOn(CARVED)] }), [['live', 'missed']]);
    assert.deepEqual(faults({ hits: [hitOn(LIVE)] }), [['carved', 'missed']]);
    assert.deepEqual(faults({ blockHits: [blocksOn(LIVE), blocksOn(SPLIT)] }), [['free', 'missed']]);
    assert.deepEqual(faults({ hits: [], blockHits: [] }), [['live', 'missed'], ['split', 'missed'], ['free', 'missed'], ['carved', 'missed']]);
  });

  it('takes no other place, set, strength, meaning or state for the right one', () => {
    const noLive: [string, string][] = [['live', 'missed']];
    assert.deepEqual(faults({ hits: [hitOn(LIVE, { path: 'p1/other.jpg' }), hitOn(CARVED)] }), noLive, 'the content is at its place under another name');
    assert.deepEqual(faults({ hits: [hitOn(LIVE, { set: 'another' }), hitOn(CARVED)] }), noLive);
    assert.deepEqual(faults({ hits: [hitOn(LIVE, { strength: 'contradicted' }), hitOn(CARVED)] }), noLive);
    assert.deepEqual(faults({ hits: [hitOn(LIVE, { meaning: 'reference' }), hitOn(CARVED)] }), noLive);
    assert.deepEqual(faults({ hits: [hitOn(LIVE), hitOn(CARVED, { state: 'deleted' })] }), [['carved', 'missed']]);
    assert.deepEqual(faults({ hits: [hitOn(LIVE), hitOn(CARVED, { path: 'p2/carved' })] }), [['carved', 'missed']], 'another volume');
    assert.deepEqual(faults({ blockHits: [...PERFECT.blockHits.slice(0, -1), blocksOn(FREE, { volume: 'p2' })] }), [['free', 'missed']]);
    assert.deepEqual(faults({ hits: [hitOn(LIVE), hitOn(CARVED, { path: 'p1/else', offset: CARVED.ranges[0]!.offset + 512 })] }), [['carved', 'missed'], ['No marker: p1/else', 'false-hit']]);
  });

  it('wants every set that answers in a lane to find the marker', () => {
    const files = { ...BLOCKS, answers: ['survey', 'file'] as const };
    assert.deepEqual(faults({}, ALL_LANES, [LIST, files]), [['live', 'missed']]);
    assert.deepEqual(faults({ hits: [...PERFECT.hits, hitOn(LIVE, { set: 'blocks' })] }, ALL_LANES, [LIST, files]), []);
    assert.deepEqual(faults({}, ALL_LANES, [LIST]), [['split', 'missed'], ['free', 'missed']], 'a lane in which no set answers finds nothing');
  });

  it('takes neither leads nor a small part of a piece for a marker found by blocks', () => {
    const [first, second] = SPLIT.ranges;
    const withSplit = (hits: ReturnType<typeof blocksOn>[]): [string, string][] => faults({ blockHits: [blocksOn(LIVE), blocksOn(FREE), ...hits] });
    assert.deepEqual(withSplit([blocksOn(SPLIT, { rule: 'lead' })]), [['split', 'missed']]);
    assert.deepEqual(withSplit([blocksOn(SPLIT, { rule: 'share' })]), []);
    assert.deepEqual(withSplit([blocksOn({ ranges: [first!] })]), [['split', 'missed']], 'one of two pieces');
    assert.deepEqual(withSplit([blocksOn({ ranges: [first!, { ...second!, length: 4096 }] })]), [['split', 'missed']]);
    assert.deepEqual(withSplit([blocksOn({ ranges: [first!, { ...second!, length: 16_384 }] })]), []);
  });

  it('names the look-alike that deceived a lane', () => {
    assert.deepEqual(faults({ hits: [...PERFECT.hits, hitOn(SAME_LENGTH)] }), [['same length', 'false-hit']]);
    assert.deepEqual(faults({ hits: [...PERFECT.hits, hitOn(SAME_LENGTH, { strength: 'weak-only' })] }), [['same length', 'false-hit']]);
    assert.deepEqual(faults({ blockHits: [...PERFECT.blockHits, blocksOn(COMMON, { rule: 'lead' })] }), [['common blocks', 'false-hit']]);
    assert.deepEqual(faults({ hits: [...PERFECT.hits, hitOn(OTHER_FREE)] }), [['other in free space', 'false-hit']]);
    assert.deepEqual(faults({ hits: [...PERFECT.hits, hitOn(COMMON)] }), [['common blocks', 'false-hit']], 'by a lane it was not made for');
  });

  it('names a hit on anything else by its place', () => {
    assert.deepEqual(faults({ hits: [...PERFECT.hits, hitOn({ ...LIVE, path: 'p2/x', ranges: [{ offset: 7, length: 9 }] })] }), [['No marker: p2/x', 'false-hit']], 'the content of a marker at another place');
    assert.deepEqual(faults({ blockHits: [...PERFECT.blockHits, blocksOn({ ranges: [{ offset: 61_440, length: 8192 }] })] }), [['No marker: blocks from byte 61440', 'false-hit']], 'past the end of a marker');
    const many = Array.from({ length: 25 }, (_, n) => hitOn({ ...LIVE, path: `p2/${n}`, ranges: [], sha1: '09'.repeat(20) }));
    const names = faults({ hits: [...PERFECT.hits, ...many] }).map(([name]) => name);
    assert.equal(names.length, 21);
    assert.equal(names.at(-1), 'No marker: 5 more');
  });

  it('leaves specimens of lanes that are not there out of account, but no false hit', () => {
    const lanes = new Set<ControlLane>(['file']);
    assert.deepEqual(evaluate({ hits: [hitOn(LIVE)], blockHits: [] }, lanes).map(({ name, outcome }) => [name, outcome]), [['live', 'ok'], ['same length', 'ok']]);
    assert.deepEqual(faults({ hits: [hitOn(LIVE), hitOn(OTHER_FREE)], blockHits: [] }, lanes), [['other in free space', 'false-hit']]);
  });

  it('ignores hits that raise no alert', () => {
    assert.deepEqual(faults({ hits: [...PERFECT.hits, hitOn(SAME_LENGTH, { meaning: 'ignorable' })] }), []);
  });

  it('is right for every choice of findings: what is left out is missed, what is added is a false hit', () => {
    const extra = [hitOn(SAME_LENGTH), hitOn(OTHER_FREE), hitOn({ ...LIVE, path: 'p9/x', ranges: [] })];
    fc.assert(
      fc.property(fc.subarray([...PERFECT.hits]), fc.subarray([...PERFECT.blockHits]), fc.subarray(extra), (hits, blockHits, added) => {
        const wrong = faults({ hits: [...hits, ...added], blockHits });
        const missed = wrong.filter(([, outcome]) => outcome === 'missed').length;
        const covered = SPLIT.ranges.every((range) => blockHits.some((hit) => hit.ranges.includes(range)));
        const expected = (PERFECT.hits.length - hits.length) + (covered ? 0 : 1) + (blockHits.some((hit) => hit.ranges === FREE.ranges) ? 0 : 1);
        assert.equal(missed, expected);
        assert.equal(wrong.length - missed, added.length);
      }),
    );
  });
});
