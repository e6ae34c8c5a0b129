import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayPath, type DirectoryNode, type Extent, type Item } from '@kerbside/evidence';
import { Catalogue, STATUS } from './catalogue.ts';
import { countItems, countsAddUp, RunUnion } from './coverage.ts';
import { encodeExtent, decodeExtents } from './extent-code.ts';
import { askSets } from './known-sets.ts';
import { makePlan } from './plan.ts';
import { BAND, priorityRule } from './priority.ts';
import { skipReasonOf } from './report.ts';
import { dataAt, fakeSet, fileItem, rowOf } from './test-fakes.ts';

const name = (text: string): DirectoryNode['name'] => ({ bytes: Buffer.from(text), encoding: 'utf-8' });
const offset = fc.integer({ min: 0, max: 2 ** 45 });
const length = fc.integer({ min: 0, max: 2 ** 45 });
const anyExtent: fc.Arbitrary<Extent> = fc.oneof(
  fc.record({ kind: fc.constantFrom('data', 'uninitialised'), sourceOffset: offset, length }),
  fc.record({ kind: fc.constant('hole'), sourceOffset: fc.constant(-1), length }),
  fc.array(fc.record({ sourceOffset: offset, length }), { minLength: 1, maxLength: 4 }).chain((stored) =>
    fc.record({ kind: fc.constant('compressed-unit'), sourceOffset: fc.constant(stored[0]!.sourceOffset), length, stored: fc.constant(stored) }),
  ),
);

test('extents come back as they went in', () => {
  fc.assert(
    fc.property(fc.array(anyExtent, { maxLength: 8 }), (extents) => {
      const pairs: number[] = [];
      for (const extent of extents) assert.ok(encodeExtent(extent, (value) => pairs.push(value)));
      assert.equal(JSON.stringify(decodeExtents(Float64Array.from(pairs), 0, pairs.length / 2)), JSON.stringify(extents));
    }),
    { numRuns: 500, seed: 1 },
  );
  for (const bad of [-1, 0.5, Number.NaN, 2 ** 63]) assert.equal(encodeExtent({ kind: 'data', sourceOffset: 0, length: bad }, () => assert.fail()), false);
});

test('paths, ids, states and recovery come back as the evidence room gave them', () => {
  const root: DirectoryNode = { parent: null, name: name('DCIM'), depth: 0 };
  const inner: DirectoryNode = { parent: root, name: name('bad\u202eName'), depth: 1 };
  const items: [string, Item][] = [
    ['p1', fileItem('top.txt', 5, dataAt([512, 5]))],
    ['p1', fileItem('goal.jpg', 7, dataAt([1024, 7]), { parent: inner, state: 'deleted', recovery: { basis: 'clusters-reused', reusedShare: 0.5 } })],
    ['p1', fileItem('goal.jpg', 3, { form: 'inline', bytes: Buffer.from('abc'), sourceOffset: 99 }, { parent: inner, kind: 'stream', streamName: name('notes') })],
    ['p2', fileItem('kitten.png', 0, { form: 'none', reason: 'not-content' }, { parent: { ...root }, kind: 'directory' })],
  ];
  const catalogue = new Catalogue();
  for (const [volume, item] of items) catalogue.add(volume, item);
  for (const [ordinal, [volume, item]] of items.entries()) {
    assert.equal(catalogue.path(ordinal), displayPath(volume, item));
    assert.equal(catalogue.id(ordinal), item.id);
    assert.equal(catalogue.state(ordinal), item.state);
    assert.deepEqual(catalogue.recovery(ordinal), item.recovery);
    assert.equal(catalogue.volumeOf(ordinal), volume);
  }
  assert.deepEqual([0, 1, 2, 3].map((ordinal) => catalogue.firstOffset(ordinal)), [512, 1024, 99, -1]);
});

test('a directory that readers share between volumes is one of each volume', () => {
  const shared: DirectoryNode = { parent: null, name: name('orphans'), depth: 0 };
  const catalogue = new Catalogue();
  for (const volumeId of ['p1', 'p2', 'p1', 'gap1']) catalogue.add(volumeId, fileItem('a.jpg', 10, dataAt([0, 10]), { parent: shared }));
  assert.deepEqual([0, 1, 2, 3].map((ordinal) => catalogue.path(ordinal)), ['p1/orphans/a.jpg', 'p2/orphans/a.jpg', 'p1/orphans/a.jpg', 'gap1/orphans/a.jpg']);
  assert.equal(catalogue.folder(0), catalogue.folder(2));
  assert.equal(catalogue.volumeOf(1), 'p2');
});

test('a catalogue of 100,000 items takes less than 150 bytes an item', () => {
  const parent: DirectoryNode = { parent: null, name: name('pictures'), depth: 0 };
  const catalogue = new Catalogue();
  for (let index = 0; index < 100_000; index++) catalogue.add('p1', fileItem(`IMG_${index}.JPG`, 1000 + index, dataAt([index * 4096, 1000 + index]), { parent }));
  assert.ok(catalogue.usedBytes() / 100_000 < 150, `${catalogue.usedBytes() / 100_000} bytes an item`);
  assert.equal(catalogue.path(99_999), 'p1/pictures/IMG_99999.JPG');
});

test('the plan reads each wanted item once, live before deleted, by band and then by place', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ size: fc.integer({ min: 0, max: 50 }), at: fc.integer({ min: 0, max: 1000 }), live: fc.boolean(), kind: fc.constantFrom('jpg', 'txt'), whole: fc.boolean() }), { maxLength: 60 }), (files) => {
      const catalogue = new Catalogue();
      for (const [index, file] of files.entries()) {
        catalogue.add('p1', fileItem(`f${index}.${file.kind}`, file.size, dataAt([file.at * 512, file.whole ? file.size : file.size + 1]), file.live ? {} : { state: 'deleted', recovery: { basis: 'runs-survive' } }));
      }
      const set = fakeSet('list', 'alert', [rowOf(Buffer.alloc(10), ['sha1']), rowOf(Buffer.alloc(20), ['sha1'])]);
      const plan = makePlan(catalogue, 0, askSets([set]), 1e9);
      const wanted = files.flatMap((file, index) => (file.whole && (file.size === 10 || file.size === 20) ? [index] : []));
      assert.deepEqual([...plan.ordinals].sort((a, b) => a - b), wanted);
      const keys = [...plan.ordinals].map((ordinal) => [files[ordinal]!.live ? 0 : 1, files[ordinal]!.at, ordinal]);
      assert.deepEqual(keys, keys.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!));
      assert.equal(plan.batchStarts.at(-1) ?? 0, plan.ordinals.length);
      for (const ordinal of plan.ordinals) catalogue.setStatus(ordinal, STATUS.read);
      const counts = countItems(catalogue, skipReasonOf(catalogue));
      assert.ok(countsAddUp(counts));
      assert.equal(counts.seen, files.length);
      assert.equal(counts.skipped['not-reached'], 0);
      assert.equal(counts.problems, plan.problems.length);
    }),
    { numRuns: 200, seed: 2 },
  );
});

test('known sizes come first, then the places where people keep pictures, then media, then the rest', () => {
  const catalogue = new Catalogue();
  const folder = (text: string): DirectoryNode => ({ parent: null, name: name(text), depth: 0 });
  const old = { created: null, modified: { seconds: 1e9, nanoseconds: 0, zone: 'utc' }, accessed: null, changed: null } as const;
  const add = (text: string, parent: string, change: Partial<Item> = {}): number => catalogue.add('p1', fileItem(text, 9, dataAt([0, 9]), { parent: folder(parent), times: old, ...change }));
  const ordinals = [add('a.jpg', 'DCIM'), add('a.pdf', 'Downloads'), add('a.jpg', 'Windows'), add('a.dll', 'Windows')];
  for (let index = 0; index < 10; index++) add(`new${index}.dll`, 'Windows', { times: { ...old, modified: { ...old.modified, seconds: 2e9 } } });
  const rule = priorityRule(catalogue, 0);
  assert.deepEqual(ordinals.map((ordinal) => rule.bandOf(ordinal, false)), [BAND.userMedia, BAND.userArea, BAND.media, BAND.rest]);
  assert.equal(rule.bandOf(ordinals.at(-1)! + 1, false), BAND.recent);
  assert.equal(rule.bandOf(ordinals[3]!, true), BAND.knownSize);
});

test('items that would pass a limit are problems: zeros without end, and more recovered bytes than the source holds', () => {
  const catalogue = new Catalogue();
  catalogue.add('p1', fileItem('sparse', 2 ** 42, { form: 'extents', extents: [{ kind: 'data', sourceOffset: 0, length: 8 }, { kind: 'hole', sourceOffset: -1, length: 2 ** 42 - 8 }] }));
  for (let index = 0; index < 3; index++) catalogue.add('p1', fileItem(`d${index}`, 600, dataAt([0, 600]), { state: 'deleted', recovery: { basis: 'contiguous-guess' } }));
  const plan = makePlan(catalogue, 0, askSets([fakeSet('list', 'alert', [rowOf(Buffer.from('x'), ['sha1'])], false)]), 1000);
  assert.deepEqual(plan.problems.map(({ ordinal, problem }) => [ordinal, problem.code, problem.kind]), [[0, 'item-too-sparse', 'limit'], [2, 'recovered-bytes-limit', 'limit'], [3, 'recovered-bytes-limit', 'limit']]);
  assert.deepEqual([...plan.ordinals], [1]);
});

test('an item that is sparse throughout stores nothing and is never read; one with holes for want of places is a problem', () => {
  const catalogue = new Catalogue();
  const hole = { form: 'extents', extents: [{ kind: 'hole', sourceOffset: -1, length: 2 ** 42 }] } as const;
  catalogue.add('p1', fileItem('sparse', 2 ** 42, hole));
  catalogue.add('p1', fileItem('lost', 2 ** 42, hole, { partial: true }));
  const plan = makePlan(catalogue, 0, askSets([fakeSet('list', 'alert', [rowOf(Buffer.from('x'), ['sha1'])], false)]), 1000);
  assert.equal(plan.ordinals.length, 0);
  const counts = countItems(catalogue, skipReasonOf(catalogue));
  assert.deepEqual([counts.seen, counts.problems, counts.skipped['nothing-stored']], [2, 1, 1]);
});

test('the union of runs counts each byte once', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ at: fc.nat({ max: 60 }), length: fc.nat({ max: 20 }) }), { maxLength: 12 }), (runs) => {
      const union = new RunUnion();
      const bytes = new Set<number>();
      for (const run of runs) {
        union.add(run.at, run.length);
        for (let at = run.at; at < run.at + run.length; at++) bytes.add(at);
      }
      assert.equal(union.coveredBytes(), bytes.size);
    }),
    { numRuns: 500, seed: 3 },
  );
});
