import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { buildSet } from './build/build-set.ts';
import { parseCategoryMap, readCategoryMap } from './category-map.ts';
import { describeSet } from './describe-set.ts';
import { openSet } from './compiled/open-set.ts';
import { makeTestFolder } from './test-folder.ts';

const MAP = {
  sourceId: 'test-source', locale: 'UK', version: '3',
  entries: { 1: 'A', 2: { category: 'B', basis: 'trusted' } },
  confirmedBy: 'second officer', confirmedAt: '2026-01-01T00:00:00Z',
};
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

test('codes become categories only through a confirmed map; others stay unmapped and are listed with counts', async () => {
  using folder = makeTestFolder();
  const map = folder.write('map.json', JSON.stringify(MAP));
  const list = folder.write('list.csv', `md5,category\n${md5('a')},1\n${md5('b')},2\n${md5('c')},9\n${md5('d')},\n${md5('e')},2\n`);
  const { path } = await buildSet({ out: folder.at('s.kset'), inputs: [list], meaning: 'alert', categoryMap: map, importedBy: 'first officer' });
  assert.deepEqual(describeSet(path).categories, [
    { code: null, category: 'unmapped', basis: 'unstated', rows: 1 },
    { code: '1', category: 'A', basis: 'unstated', rows: 1 },
    { code: '2', category: 'B', basis: 'trusted', rows: 2 },
    { code: '9', category: 'unmapped', basis: 'unstated', rows: 1 },
  ]);
  assert.equal(describeSet(path).categoryMap?.confirmedBy, 'second officer');
  const set = openSet(path);
  const [row] = set.lookup('md5', Buffer.from(md5('b'), 'hex'));
  assert.deepEqual([row?.category, row?.categoryBasis, row?.rawCategory], ['B', 'trusted', '2']);
  set.close();
});

test('a map nobody confirmed, or confirmed by the importer of an alert set, is refused', async () => {
  using folder = makeTestFolder();
  const list = folder.write('list', `${md5('a')}\n`);
  const build = (map: object, meaning: 'alert' | 'reference'): Promise<unknown> =>
    buildSet({ out: folder.at('s.kset'), inputs: [list], meaning, categoryMap: folder.write('m.json', JSON.stringify(map)), importedBy: 'First Officer' });
  await assert.rejects(build({ ...MAP, confirmedBy: undefined }, 'reference'), { code: 'category-map-not-confirmed' });
  await assert.rejects(build({ ...MAP, confirmedBy: ' ' }, 'reference'), { code: 'category-map-not-confirmed' });
  await assert.rejects(build({ ...MAP, confirmedAt: undefined }, 'reference'), { code: 'category-map-not-confirmed' });
  await assert.rejects(build({ ...MAP, confirmedBy: 'first officer ' }, 'alert'), { code: 'category-map-one-person' });
  await build({ ...MAP, confirmedBy: 'first officer ' }, 'reference');
});

test('a map that is not one is refused with the reason', () => {
  using folder = makeTestFolder();
  const malformed = (change: object): void => {
    assert.throws(() => parseCategoryMap({ ...MAP, ...change }), { code: 'category-map-malformed' });
  };
  malformed({ entries: { 1: 'a' } });
  malformed({ entries: { 1: { category: 'A', basis: 'certain' } } });
  malformed({ entries: [] });
  malformed({ sourceId: '' });
  malformed({ version: undefined });
  malformed({ confirmedAt: 'yesterday or so' });
  assert.throws(() => parseCategoryMap([]), { code: 'category-map-malformed' });
  assert.throws(() => readCategoryMap(folder.write('m', 'not json')), { code: 'category-map-malformed' });
  assert.throws(() => readCategoryMap(folder.at('absent')), { code: 'category-map-not-readable' });
});
