import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { makeRandom } from '@kerbside/corpus';
import { rankMedia } from './rank-media.ts';
import type { RankedItem, Ranking } from './ranking.ts';
import type { SeenMedia } from './seen-media.ts';
import { NO_CONTEXT } from './search-context.ts';
import { plainMedia, TEST_CONTEXT } from './test-media.ts';
import { POINTS } from './weights.ts';

const hashes = Array.from({ length: 6 }, (_, seed) => {
  const hash = new Uint8Array(32);
  makeRandom(seed).fill(hash);
  return hash;
});

/** A hash of a family, a few bits off. */
function near(family: number, bits: number): Uint8Array {
  const hash = hashes[family]!.slice();
  for (let bit = 0; bit < bits; bit++) hash[bit * 2]! ^= 1;
  return hash;
}

const someMedia = fc.record({
  standing: fc.constantFrom('unseen', 'unseen', 'unseen', 'known', 'similar', 'ignorable'),
  folder: fc.constantFrom('p1/DCIM/100', 'p1/Pictures', 'p1/.private', 'p1/data/com.netqin.ps'),
  capturedAtMs: fc.option(fc.integer({ min: 0, max: 400_000 })),
  gps: fc.option(fc.record({ latitude: fc.constantFrom(54.5742, 54.5748, 54.5765, 54.7, 0), longitude: fc.constantFrom(-1.2349, 0) })),
  make: fc.option(fc.constantFrom('Northlight', 'Harbour', 'HARBOUR ')),
  model: fc.option(fc.constantFrom('N-20', 'Pocket 3', 'Harbour Pocket 3')),
  serial: fc.option(fc.constantFrom('A1', 'B2', '000')),
  hiddenAttribute: fc.option(fc.boolean()),
  underNoMedia: fc.option(fc.boolean()),
  pdq: fc.option(fc.record({ hash: fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 15 })).map(([family, bits]) => near(family, bits)), quality: fc.constantFrom(10, 50, 100) })),
  faces: fc.option(fc.nat({ max: 3 })),
  scores: fc.constantFrom([], [{ modelId: 'drawings', label: 'photograph', score: 0.73 }], [{ modelId: 'other', label: 'x', score: 1 }]),
});
const someItems = fc.array(someMedia, { maxLength: 25 }).map((list) => list.map((change, index) => plainMedia(index * 3, { ...change, path: `${change.folder}/${index}.jpg` })));

const listed = (ranking: Ranking): RankedItem[] => [...ranking.allItems()];
const byOrdinal = (ranking: Ranking): Map<number, RankedItem> => new Map(listed(ranking).map((item) => [item.ordinal, item]));
const facts = (ranking: Ranking): unknown => ({ items: listed(ranking), bands: ranking.bands, columns: ranking.columns, context: ranking.context });

describe('laws of the ranking', () => {
  it('is the same for the same items in any order', () => {
    fc.assert(fc.property(someItems, fc.integer(), (items, seed) => {
      const random = makeRandom(seed);
      const shuffled = items.map((item) => ({ item, at: random.fraction() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
      assert.deepEqual(facts(rankMedia(shuffled, TEST_CONTEXT)), facts(rankMedia(items, TEST_CONTEXT)));
    }), { numRuns: 30 });
  });

  it('orders all unseen items once, by points, and counts them in bands and groups', () => {
    fc.assert(fc.property(someItems, (items) => {
      const ranking = rankMedia(items, TEST_CONTEXT);
      const list = listed(ranking);
      assert.deepEqual(list.map((item) => item.ordinal).sort((a, b) => a - b), items.filter((item) => item.standing === 'unseen').map((item) => item.ordinal));
      for (const [index, item] of list.entries()) {
        assert.equal(item.position, index + 1);
        assert.equal(item.points, item.reasons.reduce((sum, reason) => sum + reason.points, 0));
        if (index > 0) assert.ok(list[index - 1]!.points >= item.points);
      }
      assert.equal(ranking.bands.high.items + ranking.bands.middle.items + ranking.bands.low.items, ranking.items);
      assert.equal([...ranking.shownItems()].length, ranking.shown);
      assert.equal(list.reduce((sum, item) => sum + (item.group.isShown ? item.group.size : 0), 0), ranking.items, 'every item is shown by one');
    }), { numRuns: 30 });
  });

  const missing = ['capturedAtMs', 'gps', 'make', 'model', 'serial', 'hiddenAttribute', 'underNoMedia', 'faces'] as const;
  it('a fact that is missing takes its own reasons from its own item and changes nothing else', () => {
    const columnsOf: Record<(typeof missing)[number], readonly string[]> = {
      capturedAtMs: ['burst'], gps: ['premises'], make: ['camera', 'known-model', 'burst'], model: ['camera', 'known-model', 'burst'], serial: ['camera'], hiddenAttribute: ['place'], underNoMedia: ['place'], faces: ['faces'],
    };
    fc.assert(fc.property(someItems, fc.nat(), fc.constantFrom(...missing), (items, pick, fact) => {
      const unseen = items.filter((item) => item.standing === 'unseen');
      if (unseen.length === 0) return;
      const { ordinal } = unseen[pick % unseen.length]!;
      const before = byOrdinal(rankMedia(items, TEST_CONTEXT));
      const after = byOrdinal(rankMedia(items.map((item) => (item.ordinal === ordinal ? { ...item, [fact]: null } : item)), TEST_CONTEXT));
      for (const [other, item] of before) {
        const rest = after.get(other)!;
        const others = (one: RankedItem): unknown => one.reasons.filter((reason) => other !== ordinal || !columnsOf[fact].includes(reason.column));
        assert.deepEqual(others(rest), others(item));
        assert.equal(rest.group.size, item.group.size);
      }
    }), { numRuns: 60 });
  });

  it('a reason more never lowers an item, and lowers no other by more than its own rise', () => {
    const more: readonly Partial<SeenMedia>[] = [
      { make: 'Northlight', model: 'N-20', serial: 'A1' },
      { gps: { latitude: 54.5742, longitude: -1.2349 } },
      { underNoMedia: true },
      { faces: 2 },
      { scores: [{ modelId: 'drawings', label: 'photograph', score: 1 }] },
    ];
    fc.assert(fc.property(someItems, fc.nat(), fc.constantFrom(...more), (items, pick, change) => {
      const unseen = items.filter((item) => item.standing === 'unseen');
      if (unseen.length === 0) return;
      const { ordinal } = unseen[pick % unseen.length]!;
      const bare = { gps: null, make: null, model: null, serial: null, underNoMedia: null, hiddenAttribute: null, faces: null, scores: [] };
      const without = byOrdinal(rankMedia(items.map((item) => (item.ordinal === ordinal ? { ...item, ...bare } : item)), TEST_CONTEXT));
      const withIt = byOrdinal(rankMedia(items.map((item) => (item.ordinal === ordinal ? { ...item, ...bare, ...change } : item)), TEST_CONTEXT));
      assert.ok(withIt.get(ordinal)!.points >= without.get(ordinal)!.points);
      assert.ok(withIt.get(ordinal)!.position <= without.get(ordinal)!.position);
      for (const [other, item] of without) if (other !== ordinal) assert.equal(withIt.get(other)!.points, item.points);
    }), { numRuns: 60 });
  });

  it('a higher score of a model never lowers an item', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      const points = [Math.min(a, b), Math.max(a, b)].map((score) => rankMedia([plainMedia(1, { scores: [{ modelId: 'drawings', label: 'photograph', score }] })], TEST_CONTEXT).itemAt(1).points);
      assert.ok(points[0]! <= points[1]!);
    }));
  });
});

/** Reasons of the first of the items, by column. */
function reasonsFor(items: readonly SeenMedia[], context = TEST_CONTEXT): Record<string, [points: number, sentence: string]> {
  const item = byOrdinal(rankMedia(items, context)).get(items[0]!.ordinal)!;
  return Object.fromEntries(item.reasons.map((reason) => [reason.column, [reason.points, reason.sentence]]));
}

describe('reasons', () => {
  it('tells the camera by serial before the model alone, and another serial is another camera', () => {
    const made = (change: Partial<SeenMedia>) => reasonsFor([plainMedia(1, change)])['camera'];
    assert.deepEqual(made({ make: 'NORTHLIGHT', model: 'Northlight  N-20', serial: ' a1' }), [POINTS.cameraSerial, 'Made by exhibit SMB/14: make, model and serial number agree.']);
    assert.match(made({ make: 'Northlight', model: 'N-20' })![1], /same make and model as exhibit SMB\/14; a serial number is missing/);
    assert.match(made({ make: 'Northlight', model: 'N-20', serial: 'Z9' })![1], /SMB\/15/, 'the one whose serial nobody knows');
    assert.equal(reasonsFor([plainMedia(1, { make: 'Northlight', model: 'N-20', serial: 'Z9' })], { ...TEST_CONTEXT, cameras: [TEST_CONTEXT.cameras[0]!] })['camera'], undefined);
    assert.equal(made({ make: 'Northlight' }), undefined);
  });

  it('tells the distance to the premises in two steps, and nothing far away', () => {
    const at = (latitude: number) => reasonsFor([plainMedia(1, { gps: { latitude, longitude: -1.2349 } })])['premises'];
    assert.deepEqual(at(54.5748), [POINTS.premisesNear, 'Its GPS place is 67 m from the premises.']);
    assert.deepEqual(at(54.5765), [POINTS.premisesFar, 'Its GPS place is 256 m from the premises.']);
    assert.equal(at(54.6), undefined);
  });

  it('tells bursts, folders and camera models of known and similar items', () => {
    const time = Date.UTC(2026, 4, 1, 12);
    const item = plainMedia(1, { capturedAtMs: time, make: 'Harbour', model: 'Pocket 3' });
    const known = plainMedia(2, { standing: 'known', capturedAtMs: time - 12_000, make: 'Harbour', model: 'Pocket 3' });
    assert.deepEqual(reasonsFor([item, known], NO_CONTEXT), {
      burst: [POINTS.burst, 'Taken 12 s after an item in its folder that is known or similar to known.'],
      folder: [POINTS.knownFolder, 'Its folder holds 1 item that is known or similar to known.'],
      'known-model': [POINTS.knownModel, '1 known item here was made with a camera of its make and model.'],
    });
    const elsewhere = { ...known, folder: 'p1/Other', path: 'p1/Other/a.jpg', capturedAtMs: time + 60_000 };
    assert.match(reasonsFor([item, elsewhere], NO_CONTEXT)['burst']![1], /60 s before an item of the same camera model/);
    assert.deepEqual(Object.keys(reasonsFor([item, { ...elsewhere, capturedAtMs: time + 60_001 }], NO_CONTEXT)), ['known-model']);
    assert.deepEqual(Object.keys(reasonsFor([item, { ...elsewhere, standing: 'similar', capturedAtMs: null }], NO_CONTEXT)), [], 'a model of similar items alone is no reason');
    assert.deepEqual(reasonsFor([item, { ...known, standing: 'ignorable' }], NO_CONTEXT), {});
  });

  it('joins near-duplicates, shows the first of them, and tells a group that holds known material', () => {
    const pdq = (bits: number, quality = 90) => ({ pdq: { hash: near(0, bits), quality } });
    const ranking = rankMedia([plainMedia(7, pdq(0)), plainMedia(5, pdq(6)), plainMedia(6, { ...pdq(12), faces: 1 }), plainMedia(8, pdq(0, 49))], NO_CONTEXT);
    assert.deepEqual(listed(ranking).map((item) => [item.ordinal, item.group.size, item.group.isShown]), [[6, 3, true], [5, 3, false], [7, 3, false], [8, 1, true]]);
    assert.match(ranking.itemAt(1).reasons[0]!.sentence, /Looks nearly like 2 items more here/);
    assert.equal(ranking.itemAt(1).reasons[0]!.points, 0);
    assert.match(reasonsFor([plainMedia(1, { ...pdq(0), folder: 'x' }), plainMedia(2, { ...pdq(6), standing: 'similar' })])['group']![1], /1 item that is known or similar/);
  });

  it('says which columns cannot speak, and never counts their silence', () => {
    const notes = (context = NO_CONTEXT) => rankMedia([plainMedia(1)], context).columns.filter((column) => column.note !== null).map((column) => column.column);
    assert.deepEqual(notes(), ['camera', 'premises', 'group', 'burst', 'folder', 'known-model', 'faces']);
    assert.deepEqual(notes(TEST_CONTEXT), ['group', 'burst', 'folder', 'known-model', 'faces', 'model:drawings']);
    assert.deepEqual(rankMedia([plainMedia(1, { faces: 0, gps: { latitude: 0, longitude: 0 } })], TEST_CONTEXT).itemAt(1).reasons, []);
  });

  it('keeps paths that stand outside their folder, and long texts within bounds', () => {
    const items = [plainMedia(1, { path: 'backup.zip/a.jpg', folder: 'elsewhere' }), plainMedia(2, { path: 'p1/é/ö.jpg', folder: 'p1/é', make: 'M'.repeat(5000), model: 'x' }), plainMedia(3, { path: '/a.jpg', folder: '' })];
    assert.deepEqual(listed(rankMedia(items, NO_CONTEXT)).map((item) => item.path), ['backup.zip/a.jpg', 'p1/é/ö.jpg', '/a.jpg']);
    assert.equal(rankMedia(items, NO_CONTEXT).itemAt(2).make!.length, 200);
  });
});
