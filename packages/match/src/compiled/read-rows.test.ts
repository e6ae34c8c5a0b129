import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildSet } from '../build/build-set.ts';
import { DIGEST_BYTES, DIGEST_KINDS } from '../digest-kinds.ts';
import { makeTestFolder } from '../test-folder.ts';
import { openSet } from './open-set.ts';
import { openSetRows } from './read-rows.ts';
import { openSetFile } from './set-file.ts';

const digest = (kind: string, text: string): string => createHash(kind).update(text).digest('hex');

test('every row comes once with its digests, lengths and category, over many batches', async () => {
  using folder = makeTestFolder();
  const count = 12_000;
  const lines = ['size,md5,sha1,category'];
  for (let n = 0; n < count; n++) lines.push(`${n * 700},${digest('md5', `m${n}`)},${n % 3 === 0 ? '' : digest('sha1', `s${n}`)},${n % 2}`);
  lines.push(`9,${digest('md5', 'm1')},${digest('sha1', 's1')},1`);
  const entries = { 0: { category: 'A', basis: 'trusted' }, 1: { category: 'B', basis: 'trusted' } } as const;
  const categoryMap = { sourceId: 'list', locale: 'UK', version: '1', entries, importedBy: 'first', confirmedBy: 'second', confirmedAt: '2026-01-01T10:00:00Z' };
  folder.write('map.json', JSON.stringify(categoryMap));
  const { path } = await buildSet({ out: folder.at('out.kset'), inputs: [folder.write('list.csv', lines.join('\n'))], meaning: 'alert', importedBy: 'first', categoryMap: folder.at('map.json') });
  const rows = openSetRows(path);
  const seen = new Map<string, unknown>();
  for (const batch of rows.batches()) {
    for (let row = 0; row < batch.count; row++) {
      const at = (kind: 'md5' | 'sha1'): string => Buffer.from(batch.digests.get(kind)!).toString('hex', row * DIGEST_BYTES[kind], (row + 1) * DIGEST_BYTES[kind]);
      seen.set(at('md5'), { kinds: batch.kinds[row], sha1: at('sha1'), sizes: batch.sizesOf(row), category: rows.categories[batch.categories[row]!] });
    }
  }
  rows.close();
  assert.equal(seen.size, count);
  assert.deepEqual(rows.kindsOfRows.toSorted((a, b) => a - b), [1, 3]);
  assert.equal(rows.mayHaveSize?.(700), true);
  assert.equal(rows.mayHaveSize?.(701), false);
  for (let n = 0; n < count; n++) {
    const expected = n % 3 === 0 ? { kinds: 1, sha1: '0'.repeat(40) } : { kinds: 3, sha1: digest('sha1', `s${n}`) };
    const sizes = n === 1 ? [9, 700] : [n * 700];
    const got = seen.get(digest('md5', `m${n}`)) as { sizes: number[] };
    const wanted = JSON.stringify({ ...expected, sizes, category: n % 2 === 0 ? 'A' : 'B' });
    assert.equal(JSON.stringify({ ...got, sizes: got.sizes.toSorted((a, b) => a - b) }), wanted, `row ${n}`);
  }
});

test('a row whose lengths may not be all tells none', async () => {
  using folder = makeTestFolder();
  const list = ['size,md5', `5,${digest('md5', 'a')}`, `,${digest('md5', 'a')}`, `,${digest('md5', 'b')}`, `7,${digest('md5', 'c')}`].join('\n');
  const { path } = await buildSet({ out: folder.at('out.kset'), inputs: [folder.write('list.csv', list)], meaning: 'alert' });
  const rows = openSetRows(path);
  const sizes = [...rows.batches()].flatMap((batch) => Array.from({ length: batch.count }, (_, row) => batch.sizesOf(row)));
  rows.close();
  assert.deepEqual(sizes.filter((one) => one !== null), [[7]]);
  assert.equal(sizes.length, 3);
  assert.equal(rows.mayHaveSize, null);
});

test('the columns are what a look-up of the same set confirms, and an altered row is refused', async () => {
  using folder = makeTestFolder();
  const list = Array.from({ length: 500 }, (_, n) => `${digest('sha256', `c${n}`)}`).join('\n');
  const { path } = await buildSet({ out: folder.at('out.kset'), inputs: [folder.write('list', list)], meaning: 'alert' });
  const [set, rows] = [openSet(path), openSetRows(path)];
  for (const batch of rows.batches()) {
    for (const kind of DIGEST_KINDS) {
      const column = batch.digests.get(kind);
      if (column === undefined) continue;
      for (let row = 0; row < batch.count; row++) assert.equal(set.lookup(kind, column.subarray(row * DIGEST_BYTES[kind], (row + 1) * DIGEST_BYTES[kind])).length, 1);
    }
  }
  set.close();
  rows.close();
  const bytes = readFileSync(path);
  const section = openSetFile(path).header.sections.find(({ name }) => name === 'rows')!;
  bytes[section.offset + section.lengthBytes - 1]! ^= 1;
  writeFileSync(path, bytes);
  const altered = openSetRows(path);
  assert.throws(() => [...altered.batches()], { code: 'set-altered' });
  altered.close();
});
