import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { RefusedError } from '@kerbside/bytes';
import { buildSet, type BuildResult, type BuildSetOptions } from '../build/build-set.ts';
import { openSetFile } from '../compiled/set-file.ts';
import { openSet } from '../compiled/open-set.ts';
import { describeSet, verifySet } from '../describe-set.ts';
import { makeTestFolder, type TestFolder } from '../test-folder.ts';
import { attachNearIndex } from './attach-near-index.ts';
import { loadNearIndex } from './load-near-index.ts';
import type { NearAnswer } from './near-index.ts';
import { openNearRows, type NearRow } from './near-rows.ts';
import { pdqWords } from './pdq-hash.ts';
import { flipBits, makeRandom } from './test-hashes.ts';

const AT = new Date('2026-01-01T00:00:00Z');
const digest = (kind: 'md5' | 'sha1', text: string): string => createHash(kind).update(text).digest('hex');

/** A hash with half of its bits set. */
function makePdq(seed: number): string {
  const random = makeRandom(seed + 1);
  const bits = Array.from({ length: 256 }, (_, i) => i).map((bit) => [random(), bit] as const).sort((a, b) => a[0] - b[0]).slice(0, 128);
  const bytes = Buffer.alloc(32);
  for (const [, bit] of bits) bytes[bit >>> 3]! |= 1 << (bit & 7);
  return bytes.toString('hex');
}

async function build(folder: TestFolder, lists: Readonly<Record<string, string>>, more: Partial<BuildSetOptions> = {}): Promise<BuildResult> {
  const inputs = Object.entries(lists).map(([name, text]) => folder.write(name, text));
  return buildSet({ out: folder.at('out.kset'), inputs, meaning: 'alert', createdAt: AT, importedBy: 'officer', ...more });
}

/** What the set says of everything within `flips` bits of a hash. */
function find(path: string, hex: string, flips = 0): { row: NearRow; distance: number }[] {
  const index = attachNearIndex(loadNearIndex([path]));
  const words = pdqWords(Buffer.from(hex, 'hex'));
  flipBits(words, 0, flips, makeRandom(7));
  const rows = openNearRows(path);
  try {
    return index.query(words, 31).matches.map(({ row, distance }) => ({ row: rows.row(row), distance }));
  } finally {
    rows.close();
  }
}

test('a CSV with digests and PDQ gives a set that knows both, each row with what it says of the content', async () => {
  using folder = makeTestFolder();
  const rows = Array.from({ length: 200 }, (_, i) => `${i + 10},${digest('md5', `${i}`)},${digest('sha1', `${i}`)},${makePdq(i)},${50 + (i % 51)},${i % 3},m-${i},series ${i % 7}`);
  const { path, near, totals } = await build(folder, { 'list.csv': ['size,md5,sha1,PDQ,PDQ quality,category,Media ID,Series', ...rows].join('\n') }, { pdq: { dialect: 'full' } });
  assert.deepEqual(near?.parts, [{ dialect: 'full', hashes: 200, rows: 200, firstRow: 0, chunks: 16 }]);
  assert.deepEqual([near.totals.read, near.totals.taken, near.totals.unbalanced, near.totals.withoutQuality], [200, 200, 0, 0]);
  assert.equal(totals.accepted, 200);
  for (const i of [0, 1, 77, 199]) {
    const [match] = find(path, makePdq(i), 9);
    assert.ok(match !== undefined && match.distance <= 9);
    assert.deepEqual(match.row, {
      dialect: 'full', kind: 'picture', category: 'unmapped', categoryBasis: 'unstated', rawCategory: String(i % 3), source: 'list.csv', quality: 50 + (i % 51),
      content: i, seconds: null, digest: { algorithm: 'sha1', hex: digest('sha1', `${i}`) }, mediaId: `m-${i}`, series: `series ${i % 7}`,
    });
  }
  assert.deepEqual(find(path, makePdq(1000)), []);
  const set = openSet(path);
  assert.equal(set.lookup('md5', Buffer.from(digest('md5', '5'), 'hex')).length, 1);
  set.close();
  await verifySet(path);
});

test('a set may hold hashes alone: it gates nothing, asks for no digest and says what it has', async () => {
  using folder = makeTestFolder();
  const lines = Array.from({ length: 50 }, (_, i) => `${makePdq(i)},${i === 3 ? 49 : 90}`);
  lines.push(`${'0'.repeat(64)},80`, `${'F'.repeat(64)},80`, `${makePdq(5)},70`, 'zz', makePdq(60).slice(1));
  const { path, near, totals } = await build(folder, { 'hashes.txt': lines.join('\n') });
  assert.deepEqual(totals, {
    read: 55, accepted: 0, duplicate: 0, rejected: 5, nearOnly: 50, notes: {},
    rejectedByReason: {
      'pdq-low-quality': { count: 1, first: [{ file: 'hashes.txt', place: 4 }] },
      'pdq-placeholder': { count: 2, first: [{ file: 'hashes.txt', place: 51 }, { file: 'hashes.txt', place: 52 }] },
      'pdq-wrong-length': { count: 2, first: [{ file: 'hashes.txt', place: 54 }, { file: 'hashes.txt', place: 55 }] },
    },
  });
  const told = near?.totals;
  assert.ok(told !== undefined);
  assert.deepEqual([told.read, told.taken, told.duplicate, told.notComparable, told.refused], [55, 49, 1, 1, 4]);
  assert.equal(told.read, told.taken + told.duplicate + told.notComparable + told.refused + told.pruned + told.lostWithRow);
  assert.deepEqual(near?.parts.map(({ dialect, rows }) => [dialect, rows]), [['unknown', 49]]);
  const set = openSet(path);
  assert.deepEqual([set.sufficientDigests, set.facts.rows, set.mayHaveSize?.(0), set.mayHaveSize?.(2 ** 30)], [[], 0, false, false]);
  set.close();
  assert.equal(find(path, makePdq(5)).length, 1);
  assert.deepEqual(describeSet(path).near, near);
  assert.deepEqual(find(path, makePdq(3)), [], 'a hash of quality 49 is not compared');
});

test('VICS carries PDQ among the alternative hashes, in all its versions; PhotoDNA is counted, not compared', async () => {
  using folder = makeTestFolder();
  const record = (i: number, more: object): object => ({ MediaID: i, MD5: digest('md5', `${i}`).toUpperCase(), MediaSize: 10, Category: 1, Series: 'S', ...more });
  const alternative = (name: string, value: string): object => ({ AlternativeHashes: [{ HashName: name, HashValue: value }] });
  const media = [
    record(1, alternative('PDQ', makePdq(1).toUpperCase())), record(2, alternative('pdqhash', `${makePdq(2)},77`)), record(3, alternative('PhotoDNA', 'A'.repeat(192))),
    record(4, { PDQ: makePdq(4) }), { MediaID: 5, ...alternative('PDQ', `${makePdq(5)},99`) }, record(6, alternative('PDQ', 'abc')), record(7, { PhotoDNA: 'B'.repeat(192) }),
  ];
  const contexts = {
    '12.json': { 'odata.metadata': 'http://github.com/ICMEC/ProjectVic/DataModels/1.2.xml#Media', value: media },
    '13.json': { 'odata.metadata': 'http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media', value: media },
    '20.json': { '@odata.context': 'http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Cases', value: [{ CaseID: 'x', Media: media }] },
  };
  for (const [name, tree] of Object.entries(contexts)) {
    const { path, near, totals } = await build(folder, { [name]: JSON.stringify(tree) });
    assert.deepEqual([near?.totals.read, near?.totals.taken, near?.totals.refused, near?.totals.photoDna], [5, 4, 1, 2], name);
    assert.deepEqual([totals.read, totals.accepted, totals.nearOnly], [7, 6, 1], name);
    for (const i of [1, 2, 4, 5]) {
      const [match] = find(path, makePdq(i), 4);
      assert.equal(match?.row.mediaId, String(i));
      assert.equal(match.row.quality, { 2: 77, 5: 99 }[i] ?? null);
      assert.equal(match.row.digest?.hex, i === 5 ? undefined : digest('md5', `${i}`));
      assert.equal(match.row.series, i === 5 ? null : 'S');
    }
  }
});

test('the three text forms of vPDQ give the same frames of one content, in the dialect without scaling', async () => {
  using folder = makeTestFolder();
  const frames = Array.from({ length: 40 }, (_, i) => ({ hash: makePdq(i - (i % 2)), quality: i % 10 === 9 ? 20 : 80, seconds: i * 30.5 }));
  const forms = {
    lines: frames.map(({ hash, quality, seconds }, i) => `${i},${quality},${hash},${seconds.toFixed(3)}`).join('\n'),
    array: JSON.stringify(frames.map(({ hash, quality, seconds }) => `${hash},${quality},${seconds.toExponential()}`)),
    object: JSON.stringify(Object.fromEntries(frames.map(({ hash, quality, seconds }, i) => [i, `${hash},${quality},${seconds}`]))),
  };
  for (const [form, text] of Object.entries(forms)) {
    const { path, near, sources } = await build(folder, { 'film.mp4.txt': text });
    assert.equal(sources[0]?.format, 'vpdq', form);
    // Every second frame is as the one before it and is left out, but for the four that are not comparable.
    assert.deepEqual([near?.totals.read, near?.totals.taken, near?.totals.notComparable, near?.totals.pruned], [40, 20, 4, 16], form);
    const [match] = find(path, makePdq(6));
    assert.deepEqual([match?.row.kind, match?.row.seconds, match?.row.content, match?.row.mediaId, match?.row.dialect], ['video-frame', 183, 0, 'film.mp4', 'full'], form);
  }
  await assert.rejects(build(folder, { film: `["${makePdq(1)},80,1", ` }), { code: 'list-vpdq-broken' });
});

test('pruning leaves out frames near the one kept before, and the set says by how much', async () => {
  using folder = makeTestFolder();
  const words = pdqWords(Buffer.from(makePdq(1), 'hex'));
  const lines = Array.from({ length: 30 }, (_, i) => {
    // Three bits further each time, never back.
    for (let bit = i * 3; bit < i * 3 + 3; bit++) words[bit >>> 5]! ^= 1 << (bit & 31);
    return `${i},90,${[...words].map((word) => word.toString(16).padStart(8, '0')).join('')},${i}`;
  });
  const all = await build(folder, { film: lines.join('\n') });
  assert.deepEqual([all.near?.totals.taken, all.near?.prunedWithin], [30, 0]);
  const pruned = await build(folder, { film: lines.join('\n') }, { pdq: { pruneWithin: 8 } });
  assert.deepEqual([pruned.near?.totals.taken, pruned.near?.totals.pruned, pruned.near?.prunedWithin], [10, 20, 8]);
});

test('reversed words are turned around on demand, dialects stated by a row win, equal hashes share one place', async () => {
  using folder = makeTestFolder();
  const reverse = (hex: string): string => hex.match(/.{4}/g)!.reverse().join('');
  const { path, near } = await build(folder, {
    'list.csv': ['pdq;quality;dialect;mediaid', `${reverse(makePdq(1))};90;512-NN;a`, `${reverse(makePdq(1))};90;full;b`, `${reverse(makePdq(1))};90;full;c`, `${reverse(makePdq(1))};90;full;c2`, `${reverse(makePdq(2))};;;d`].join('\n'),
  }, { pdq: { reverseWords: true, dialect: 'unknown' } });
  assert.deepEqual(near?.parts.map(({ dialect, hashes, rows, firstRow }) => [dialect, hashes, rows, firstRow]), [['512nn', 1, 1, 0], ['full', 1, 3, 1], ['unknown', 1, 1, 4]]);
  assert.deepEqual(find(path, makePdq(1), 2).map(({ row }) => `${row.dialect} ${row.mediaId}`), ['512nn a', 'full b', 'full c', 'full c2']);
  assert.deepEqual(find(path, makePdq(2)).map(({ row }) => `${row.dialect} ${row.quality}`), ['unknown null']);
});

test('a list of another kind of hash is told by its bits', async () => {
  using folder = makeTestFolder();
  const { warnings, near } = await build(folder, { list: Array.from({ length: 40 }, (_, i) => `${createHash('sha256').update(`${i}`).digest('hex')},80`).join('\n') });
  assert.ok((near?.totals.unbalanced ?? 0) > 20);
  assert.match(warnings.join(), /do not have half of their bits set/);
});

test('the same lists and time give the same bytes, also in another order of rows', async () => {
  using folder = makeTestFolder();
  const rows = Array.from({ length: 300 }, (_, i) => `${digest('md5', `${i}`)},${makePdq(i % 250)},80,${i % 4}`);
  const csv = (order: readonly string[]): string => ['md5,pdq,quality,category', ...order].join('\n');
  await build(folder, { list: csv(rows) });
  const first = readFileSync(folder.at('out.kset'));
  await build(folder, { list: csv(rows) });
  assert.ok(first.equals(readFileSync(folder.at('out.kset'))));
  const sectionsBefore = openSetFile(folder.at('out.kset')).header.sections;
  await build(folder, { list: csv(rows.toReversed()) });
  const sectionsAfter = openSetFile(folder.at('out.kset')).header.sections;
  for (const [i, section] of sectionsBefore.entries()) if (section.name.startsWith('near-hashes') || section.name.startsWith('near-ids')) assert.equal(sectionsAfter[i]?.sha256, section.sha256);
});

test('a set whose near-match part was altered or cut is refused; nothing is found or lost in silence', async () => {
  using folder = makeTestFolder();
  const rows = Array.from({ length: 120 }, (_, i) => `${digest('md5', `${i}`)},${makePdq(i % 100)},80,id ${i}`);
  const { path } = await build(folder, { 'list.csv': ['md5,pdq,quality,mediaid', ...rows].join('\n') });
  const good = readFileSync(path);
  const bad = folder.at('bad.kset');
  const { sections } = openSetFile(path).header;
  const near = sections.filter(({ name }) => name.startsWith('near-'));
  assert.deepEqual(near.filter(({ name }) => !/-\d+$/.test(name)).map(({ name }) => name), ['near-hashes-unknown', 'near-first-unknown', 'near-rows', 'near-labels']);
  const random = makeRandom(3);
  for (const { name, offset, lengthBytes } of near) {
    for (const at of [offset, offset + lengthBytes - 1, offset + (random() % lengthBytes)]) {
      const altered = Buffer.from(good);
      altered[at]! ^= 0x10;
      writeFileSync(bad, altered);
      assert.throws(
        () => {
          // With helping threads and without.
          const index = attachNearIndex(loadNearIndex([bad], { helpFromBytes: at % 2 === 0 ? 0 : Number.POSITIVE_INFINITY }));
          const reader = openNearRows(bad);
          try {
            for (let i = 0; i < 100; i++) for (const { row } of index.query(pdqWords(Buffer.from(makePdq(i), 'hex')), 31).matches) reader.row(row);
          } finally {
            reader.close();
          }
        },
        { code: 'set-altered' },
        `${name}, byte ${at}`,
      );
      await assert.rejects(verifySet(bad), RefusedError);
    }
  }
  writeFileSync(bad, good);
  truncateSync(bad, statSync(bad).size - 5000 - (randomBytes(1)[0]! % 100));
  assert.throws(() => loadNearIndex([bad]), { code: 'set-truncated' });
});

test('the index is posted to threads without a copy and answers there', async () => {
  using folder = makeTestFolder();
  const { path } = await build(folder, { list: Array.from({ length: 30 }, (_, i) => `${makePdq(i)},80`).join('\n') });
  const shared = loadNearIndex([path, path], { helpFromBytes: 0 });
  assert.deepEqual([shared.hashes, shared.sets.length], [60, 2]);
  const code = `const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module).then(({ attachNearIndex }) => parentPort.postMessage(attachNearIndex(workerData.shared).query(workerData.words, 31)));`;
  const worker = new Worker(code, { eval: true, workerData: { module: new URL('./attach-near-index.ts', import.meta.url).href, shared, words: pdqWords(Buffer.from(makePdq(4), 'hex')) } });
  const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.deepEqual(answer, attachNearIndex(shared).query(pdqWords(Buffer.from(makePdq(4), 'hex')), 31));
  assert.equal((answer as NearAnswer).matches.length, 2);
  await worker.terminate();
});

test('a set without hashes has no near-match part', async () => {
  using folder = makeTestFolder();
  const { path, near } = await build(folder, { list: digest('md5', 'a') });
  assert.equal(near, null);
  const shared = loadNearIndex([path]);
  assert.equal(shared.sets.length, 0);
  assert.equal(attachNearIndex(shared).wants('full'), false);
});
