import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { UnsupportedError } from '@kerbside/bytes';
import { openSet } from '../compiled/open-set.ts';
import { attachNearIndex } from '../near/attach-near-index.ts';
import { loadNearIndex } from '../near/load-near-index.ts';
import { openNearRows } from '../near/near-rows.ts';
import { pdqWords } from '../near/pdq-hash.ts';
import { makeTestFolder, type TestFolder } from '../test-folder.ts';
import { buildSet, type BuildResult } from './build-set.ts';
import type { HashContent } from './import-folder.ts';

/** Stands for the sandbox: the hash of a "picture" is the SHA-256 of what follows its first word. */
const double: HashContent = ({ head, path }) => {
  const [kind, ...rest] = Buffer.from(head).toString().split(' ');
  const hashOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();
  const both = (text: string, quality: number, seconds: number | null): { dialect: '512nn' | 'full'; hash: Uint8Array; quality: number; seconds: number | null }[] =>
    (['512nn', 'full'] as const).map((dialect) => ({ dialect, hash: hashOf(`${dialect} ${text}`), quality, seconds }));
  if (kind === 'picture') return Promise.resolve({ kind, hashes: both(rest.join(' '), 80, null) });
  if (kind === 'flat') return Promise.resolve({ kind: 'picture', hashes: both(rest.join(' '), 12, null) });
  if (kind === 'video') return Promise.resolve({ kind, prunedWithin: 6, prunedFrames: 4, notComparableFrames: 2, hashes: [0, 1, 2].flatMap((second) => both(`${rest.join(' ')} ${second}`, 80, second * 1.5)) });
  if (kind === 'broken') return Promise.reject(new UnsupportedError('picture-undecodable', `${path.length} characters of path and no picture`));
  return Promise.resolve({ kind: 'other', hashes: [] });
};

async function build(folder: TestFolder): Promise<BuildResult> {
  mkdirSync(folder.at('known/deeper'), { recursive: true });
  folder.write('known/a', 'picture one');
  folder.write('known/b', 'flat two');
  folder.write('known/deeper/c', 'video three');
  folder.write('known/deeper/d', 'broken four');
  folder.write('known/e', 'notes');
  folder.write('known/f', '');
  folder.write('known/g', 'picture one');
  if (!existsSync(folder.at('known/link'))) symlinkSync(folder.at('known/a'), folder.at('known/link'));
  const createdAt = new Date('2026-01-01T00:00:00Z');
  return buildSet({ out: folder.at('out.kset'), inputs: [], meaning: 'alert', createdAt, importedBy: 'officer', fromFolders: { folders: [folder.at('known')], hashContent: double, categoryCode: '7' } });
}

test('a folder becomes a set with digests and hashes in both dialects, and says what it could not take', async () => {
  using folder = makeTestFolder();
  const { path, folders, near, totals, warnings, sources, facts } = await build(folder);
  assert.deepEqual({ ...folders, notHashed: folders?.notHashed.map(({ path: of }) => of.endsWith('/d')) }, { files: 7, pictures: 3, videos: 1, leftOut: 1, emptyFiles: 1, notHashed: [true], unreadable: [] });
  assert.deepEqual([totals.read, totals.accepted, totals.duplicate], [5, 4, 1]);
  assert.deepEqual([sources[0]?.file, sources[0]?.format, sources[0]?.rows, facts.name], ['known', 'folder', 5, 'known']);
  assert.match(warnings.join(), /1 files could not be decoded/);
  // Two dialects of: two equal pictures, a flat one, three frames of a video; and six frames that were left out.
  assert.deepEqual([near?.totals.read, near?.totals.taken, near?.totals.duplicate, near?.totals.notComparable, near?.totals.pruned], [18, 8, 2, 4, 4]);
  assert.equal(near?.prunedWithin, 6);
  const set = openSet(path);
  assert.equal(set.lookup('sha256', createHash('sha256').update('broken four').digest()).length, 1);
  assert.equal(set.lookup('sha256', createHash('sha256').update('notes').digest()).length, 0);
  set.close();
  const index = attachNearIndex(loadNearIndex([path]));
  const rows = openNearRows(path);
  const ask = (text: string, dialect: '512nn' | 'full'): unknown[] =>
    index.query(pdqWords(createHash('sha256').update(`${dialect} ${text}`).digest()), 31, dialect).matches.map(({ row }) => rows.row(row));
  for (const dialect of ['512nn', 'full'] as const) {
    assert.deepEqual(ask('three 2', dialect), [{
      dialect, kind: 'video-frame', category: 'unmapped', categoryBasis: 'unstated', rawCategory: '7', source: 'known', quality: 80, content: 1, seconds: 3,
      digest: { algorithm: 'sha256', hex: createHash('sha256').update('video three').digest('hex') }, mediaId: null, series: null,
    }]);
    assert.equal(ask('one', dialect).length, 1);
    assert.equal(ask('two', dialect).length, 0);
  }
  rows.close();
});

test('the same folder gives the same bytes; what is no folder is refused', async () => {
  using folder = makeTestFolder();
  const first = await build(folder);
  const again = await build(folder);
  assert.equal(first.facts.digest, again.facts.digest);
  const options = { out: folder.at('x.kset'), inputs: [], meaning: 'alert' as const };
  await assert.rejects(buildSet({ ...options, fromFolders: { folders: [folder.at('absent')], hashContent: double } }), { code: 'set-folder-not-found' });
  await assert.rejects(buildSet({ ...options, fromFolders: { folders: [folder.at('known/a')], hashContent: double } }), { code: 'set-folder-not-found' });
  await assert.rejects(buildSet(options), { code: 'set-no-lists' });
});
