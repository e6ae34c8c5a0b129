import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { openSet } from '../compiled/open-set.ts';
import type { DigestAlgorithm, KnownSet, SetMeaning } from '../known-set.ts';
import { makeTestFolder, type TestFolder } from '../test-folder.ts';
import { verifySet } from '../describe-set.ts';
import { buildSet, type BuildResult, type BuildSetOptions } from './build-set.ts';

const AT = new Date('2026-01-01T00:00:00Z');

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const look = (set: KnownSet, kind: DigestAlgorithm, hex: string): ReturnType<KnownSet['lookup']> =>
  set.lookup(kind, Buffer.from(hex, 'hex'));

async function build(
  folder: TestFolder,
  list: string | readonly string[],
  more: Partial<BuildSetOptions> = {},
): Promise<BuildResult> {
  const lists = typeof list === 'string' ? [list] : list;
  const inputs = lists.map((text, i) => folder.write(`list-${i}`, text));
  return buildSet({ out: folder.at('out.kset'), inputs, meaning: 'alert', createdAt: AT, importedBy: 'officer', ...more });
}

test('a list of every kind becomes a set that knows each row and nothing else', async () => {
  using folder = makeTestFolder();
  const rows = ['a', 'b', 'c'].map((name, i) => `${i + 3},${md5(name)},${sha1(name)},${sha256(name)},${i}`);
  const result = await build(folder, `md5size,MD5,SHA-1,SHA 256,Category\n${rows.join('\n')}\n`.replace('md5size', 'Size'));
  assert.deepEqual({ ...result.totals, rejectedByReason: {}, notes: {} }, {
    read: 3, accepted: 3, duplicate: 0, rejected: 0, rejectedByReason: {}, notes: {},
  });
  const set = openSet(result.path);
  assert.equal(set.facts.digest, result.facts.digest);
  assert.deepEqual(set.facts.rowsWith, { md5: 3, sha1: 3, sha256: 3, ed2k: 0 });
  for (const [kind, of] of [['md5', md5], ['sha1', sha1], ['sha256', sha256]] as const) {
    assert.deepEqual(look(set, kind, of('b')), [
      {
        md5: md5('b'), sha1: sha1('b'), sha256: sha256('b'), ed2k: null, sizesBytes: [4],
        category: 'unmapped', categoryBasis: 'unstated', rawCategory: '1',
      },
    ]);
    assert.deepEqual(look(set, kind, of('z')), []);
    assert.equal(set.coversAllRows(kind), true);
  }
  assert.deepEqual(set.sufficientDigests, ['sha1']);
  assert.deepEqual([2, 3, 5, 6, 2 ** 40].map((size) => set.mayHaveSize?.(size)), [false, true, true, false, false]);
  set.close();
});

test('rows of the same content merge; two sizes are kept; other digests or categories stay apart', async () => {
  using folder = makeTestFolder();
  const result = await build(folder, [
    'size,md5,sha1,category',
    `10,${md5('a')},${sha1('a')},1`,
    `10,${md5('a')},${sha1('a')},1`,
    `20,${md5('a')},${sha1('a')},1`,
    `30,${md5('a')},${sha1('other')},1`,
    `10,${md5('a')},${sha1('a')},2`,
  ].join('\n'));
  assert.equal(result.totals.read, 5);
  assert.equal(result.totals.accepted, 3);
  assert.equal(result.totals.duplicate, 2);
  const set = openSet(result.path);
  const rows = look(set, 'md5', md5('a'));
  assert.deepEqual(new Set(rows.map((row) => `${row.sha1} ${row.sizesBytes.join('+')} ${row.rawCategory}`)), new Set([
    `${sha1('a')} 10+20 1`, `${sha1('a')} 10 2`, `${sha1('other')} 30 1`,
  ]));
  assert.equal(rows.length, 3);
  assert.deepEqual(look(set, 'sha1', sha1('other')).map((row) => row.sizesBytes), [[30]]);
  assert.equal(set.mayHaveSize?.(20), true);
  set.close();
});

test('one row without a size switches the gate off, also when it merges with a sized one', async () => {
  using folder = makeTestFolder();
  const result = await build(folder, `md5,size\n${md5('a')},10\n${md5('b')},20\n${md5('a')},\n`);
  assert.equal(result.facts.rows, 2);
  assert.equal(result.facts.rowsWithoutSize, 1);
  const set = openSet(result.path);
  assert.equal(set.mayHaveSize, null);
  assert.deepEqual(look(set, 'md5', md5('a'))[0]?.sizesBytes, [10]);
  set.close();
});

test('broken rows are counted with their lines and do not stop the build; many are said aloud', async () => {
  using folder = makeTestFolder();
  const result = await build(folder, [
    md5('a'), 'not a digest', 'deadbeef00112233', md5(''), '0'.repeat(32), 'F'.repeat(32), '', '# note', md5('b'),
  ].join('\n'));
  const { totals } = result;
  assert.equal(totals.read, totals.accepted + totals.duplicate + totals.rejected);
  assert.equal(totals.accepted, 2);
  assert.deepEqual(
    Object.entries(totals.rejectedByReason).map(([reason, { first }]) => [reason, first.map(({ place }) => place)]),
    [['digest-not-hex', [2]], ['digest-of-nothing', [4]], ['digest-placeholder', [5, 6]], ['digest-wrong-length', [3]]],
  );
  assert.match(result.warnings.join(), /5 of 7 rows/);
});

test('an ignorable set may know the empty file', async () => {
  using folder = makeTestFolder();
  const result = await build(folder, `${md5('')}\n`, { meaning: 'ignorable' });
  assert.equal(result.totals.accepted, 1);
});

test('the same lists and time give the same bytes, in whatever order the rows stand', async () => {
  using folder = makeTestFolder();
  const rows = Array.from({ length: 500 }, (_, i) => `${i},${md5(`${i % 400}`)},${i % 3}`);
  await build(folder, ['size,md5,category', ...rows].join('\n'));
  const first = readFileSync(folder.at('out.kset'));
  await build(folder, ['size,md5,category', ...rows].join('\n'));
  assert.ok(first.equals(readFileSync(folder.at('out.kset'))));
  await build(folder, ['size,md5,category', ...rows.toReversed()].join('\n'));
  const reversed = readFileSync(folder.at('out.kset'));
  const rowBytes = first.subarray(4096, 4096 + 400 * 27);
  assert.ok(rowBytes.equals(reversed.subarray(4096, 4096 + 400 * 27)));
});

test('a build leaves nothing but the set, and refuses to overwrite what is not one', async () => {
  using folder = makeTestFolder();
  await build(folder, md5('a'));
  assert.deepEqual(readdirSync(folder.path).sort(), ['list-0', 'out.kset']);
  await build(folder, md5('b'));
  writeFileSync(folder.at('out.kset'), 'somebody else’s file');
  await assert.rejects(build(folder, md5('a')), { code: 'set-out-not-a-set' });
  await assert.rejects(build(folder, 'nothing here\nat all\n', { out: folder.at('none.kset'), formatOptions: { format: 'digest-list' } }), {
    code: 'set-no-rows',
  });
  assert.equal(existsSync(folder.at('none.kset')), false);
  assert.deepEqual(readdirSync(folder.path).sort(), ['list-0', 'out.kset']);
});

test('wrong use is refused with what to do', async () => {
  using folder = makeTestFolder();
  const refused = async (code: string, options: Partial<BuildSetOptions>, list = md5('a')): Promise<void> => {
    await assert.rejects(build(folder, list, options), { code, kind: 'refused' });
  };
  await refused('set-meaning-unknown', { meaning: 'bad' as SetMeaning });
  await refused('set-no-lists', { inputs: [] });
  await refused('list-not-found', { inputs: [folder.at('absent')] });
  await refused('list-not-a-file', { inputs: [folder.path] });
  await refused('list-empty', {}, '');
  await refused('list-format-unknown', { formatOptions: { format: 'odd' } });
  await refused('list-format-not-recognised', {}, 'some prose\nand more of it\n');
  await refused('list-mixed-digests', {}, `${md5('a')}\n${sha1('a')}\n`);
  await refused('set-not-writable', { out: folder.at('no/such/folder/x.kset') });
  await refused('set-out-is-a-list', { out: folder.at('list-0') });
});

interface GeneratedRow {
  readonly content: number;
  readonly kinds: number;
  readonly size: number | null;
  readonly category: string;
}

const generatedRow: fc.Arbitrary<GeneratedRow> = fc.record({
  content: fc.integer({ min: 0, max: 60 }),
  kinds: fc.integer({ min: 1, max: 7 }),
  size: fc.option(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 2 ** 24 - 2, max: 2 ** 24 + 2 }), fc.constant(2 ** 53 - 1)), { freq: 6 }),
  category: fc.constantFrom('', '1', '2'),
});

test('property: a set answers as a map over its rows would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(generatedRow, { minLength: 1, maxLength: 120 }), async (rows) => {
      using folder = makeTestFolder();
      const text = rows.map(({ content, kinds, size, category }) =>
        [
          kinds & 1 ? md5(`${content}`) : '', kinds & 2 ? sha1(`${content}`) : '',
          kinds & 4 ? sha256(`${content}`) : '', size ?? '', category,
        ].join(';'),
      );
      const result = await build(folder, ['md5;sha1;sha256;size;category', ...text].join('\r\n'));
      const set = openSet(result.path);
      try {
        assert.equal(result.totals.accepted + result.totals.duplicate, rows.length);
        for (let content = 0; content <= 62; content++) {
          for (const [bit, kind, digest] of [[1, 'md5', md5], [2, 'sha1', sha1], [4, 'sha256', sha256]] as const) {
            const expected = rows.filter((row) => row.content === content && (row.kinds & bit) !== 0);
            const got = look(set, kind, digest(`${content}`));
            assert.deepEqual(new Set(got.map((row) => row.rawCategory ?? '')), new Set(expected.map((row) => row.category)));
            const sizes = (list: readonly (number | null)[]): number[] => [...new Set(list.filter((size) => size !== null))].sort((a, b) => a - b);
            // Rows that share only SHA-1 or SHA-256 under different first kinds stay apart, so every stated size is found.
            for (const size of sizes(expected.map((row) => row.size))) {
              assert.ok(got.some((row) => row.sizesBytes.includes(size)));
            }
            for (const row of got) assert.equal(row[kind], digest(`${content}`));
          }
        }
        for (const [kind, digest] of [['md5', md5], ['sha1', sha1], ['sha256', sha256]] as const) {
          const many = Array.from({ length: 63 }, (_, content) => Buffer.from(digest(`${content}`), 'hex'));
          const found = new Map<number, readonly unknown[]>();
          set.lookupMany(kind, Buffer.concat(many), (number, hits) => found.set(number, hits));
          for (const [number, one] of many.entries()) assert.deepEqual(found.get(number) ?? [], set.lookup(kind, one));
        }
        assert.equal(set.mayHaveSize === null, rows.some((row) => row.size === null));
        for (const { size } of rows) if (size !== null && set.mayHaveSize !== null) assert.ok(set.mayHaveSize(size));
        for (const size of [51, 1000, 2 ** 24 + 3, 2 ** 40]) assert.notEqual(set.mayHaveSize?.(size), true);
        // A row may have been merged into one with more digests, so it is the content that has to be found.
        const digestOf = { md5, sha1, sha256, ed2k: md5 };
        for (const { content } of rows) {
          assert.ok(set.sufficientDigests.some((kind) => look(set, kind, digestOf[kind](`${content}`)).length > 0));
        }
      } finally {
        set.close();
      }
      await verifySet(result.path);
    }),
    { numRuns: 60 },
  );
});

test('a hundred thousand rows, with digests that all begin alike, are each found', async () => {
  using folder = makeTestFolder();
  const digests = Array.from({ length: 100_000 }, (_, i) => `ab${md5(String(i)).slice(2, 6)}000000000000${md5(String(i)).slice(18)}`);
  const result = await build(folder, digests.join('\n'));
  const set = openSet(result.path);
  for (const digest of digests) assert.equal(look(set, 'md5', digest).length, 1);
  for (let i = 0; i < 1000; i++) assert.equal(look(set, 'md5', `ab${md5(String(i)).slice(2, 6)}000000000000${md5('x').slice(18)}`).length, 0);
  set.close();
});
