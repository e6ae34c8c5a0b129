import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { CODE_PURPOSE, keyedCode } from '@kerbside/bytes';
import { codeKeyId, exportPublicPart, exportSetKey, rawPublicKey } from '@kerbside/ledger';
import { buildBlockSet, buildSet } from '@kerbside/match';
import { createRandom } from '../test-random.ts';
import { askCompiledSet } from './ask-compiled-set.ts';
import type { AskableSet } from './askable-set.ts';
import { isSampled } from './block-sample.ts';
import { CODE_KINDS, ITEM_STATES, type CodeKind, type ManifestItem } from './item-record.ts';
import { createManifestWriter } from './manifest-writer.ts';
import { openAskableSet } from './open-askable-set.ts';
import { rematchManifests, type ManifestAnswer, type SetAnswer } from './rematch-manifests.ts';
import { destroyerIn, digestOf, factsOf, makeFolder, NOW, OTHER_UNIT, readItem, testSet, UNIT, writeManifest, type TestRow } from './test-manifests.ts';

function ask(folder: string, manifestPaths: readonly string[], sets: readonly AskableSet[], more: Partial<Parameters<typeof rematchManifests>[0]> = {}): ManifestAnswer[] {
  return rematchManifests({ manifestPaths, sets, keys: [UNIT], now: NOW, destroyer: destroyerIn(folder), ...more });
}

function answersOf(answer: ManifestAnswer | undefined): readonly SetAnswer[] {
  assert.equal(answer?.state, 'asked');
  return answer.answers;
}

/** The whole question without codes: compares digests of every item with those of every row. */
function bruteForce(items: readonly ManifestItem[], rows: readonly TestRow[]): unknown {
  const shared = (item: ManifestItem, row: TestRow): CodeKind[] => CODE_KINDS.filter((kind) => item[kind] !== undefined && row.digests[kind] !== undefined);
  const matches = items.map((item) => rows.filter((row) => shared(item, row).length > 0 && shared(item, row).every((kind) => Buffer.compare(item[kind]!, row.digests[kind]!) === 0)));
  const hitsByCategory: Record<string, number> = {};
  for (const found of matches) for (const category of new Set(found.map((row) => row.category))) hitsByCategory[category] = (hitsByCategory[category] ?? 0) + 1;
  const sizeCandidates = Object.fromEntries(ITEM_STATES.map((state) => [state, items.filter((item, i) => item.state === state && matches[i]!.length === 0 && mayBe(item)).length]));
  // A set with a row without a length can hold any item that has no digest to compare with some row.
  function mayBe(item: ManifestItem): boolean {
    const beyond = rows.filter((row) => shared(item, row).length === 0);
    const unread = CODE_KINDS.every((kind) => item[kind] === undefined);
    const all = unread ? rows : beyond;
    return all.some((row) => row.sizeBytes === null || row.sizeBytes === item.sizeBytes) || (beyond.length > 0 && beyond.length === rows.length && rows.some(({ sizeBytes }) => sizeBytes === null));
  }
  return { hits: matches.filter((found) => found.length > 0).length, hitsByCategory, sizeCandidates };
}

const digests = fc.record({ md5: fc.integer({ min: 0, max: 4 }), sha1: fc.integer({ min: 0, max: 4 }), sha256: fc.integer({ min: 0, max: 4 }) }, { requiredKeys: [] })
  .map((numbers) => Object.fromEntries(CODE_KINDS.flatMap((kind) => (numbers[kind] === undefined ? [] : [[kind, digestOf(kind, numbers[kind])]]))));
const size = fc.integer({ min: 1, max: 4 });
const item = fc.oneof(
  fc.record({ sizeBytes: size, digests }).map(({ sizeBytes, digests: of }): ManifestItem => ({ sizeBytes, state: 'read', ...of })),
  fc.record({ sizeBytes: size, state: fc.constantFrom('gated', 'problem', 'unread') }),
);
const row = fc.record({ digests, sizeBytes: fc.option(size, { freq: 12 }), category: fc.constantFrom('A', 'B', 'C') });

test('a rematch says of any items and any rows what comparing every digest says, over several devices, keys and rounds', () => {
  using folder = makeFolder();
  fc.assert(
    fc.property(fc.array(fc.array(item, { maxLength: 12 }), { minLength: 1, maxLength: 3 }), fc.array(row, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (devices, rows, roundRows) => {
      const paths = devices.map((items, i) => writeManifest(folder.at(`${i}.kman`), items, { label: `device ${i}` }, i === 1 ? OTHER_UNIT : UNIT));
      const answers = ask(folder.path, paths, [testSet(rows)], { keys: [UNIT, OTHER_UNIT], roundRows });
      for (const [i, items] of devices.entries()) {
        const [answer] = answersOf(answers[i]);
        assert.equal(answer?.asked, true);
        const { hits, hitsByCategory, sizeCandidates } = answer;
        assert.deepEqual({ hits, hitsByCategory, sizeCandidates }, bruteForce(items, rows));
      }
    }),
    { numRuns: 150 },
  );
});

test('a compiled set is asked by its rows: hits by category, and length alone told apart from a hit', async () => {
  using folder = makeFolder();
  const list = ['size,md5,sha1,category', ...[[1, 500, 'x'], [2, 600, 'y'], [3, 700, 'x'], [4, 800, 'y']].map(([n, bytes, code]) => `${bytes},${digestOf('md5', n as number).toString('hex')},${digestOf('sha1', n as number).toString('hex')},${code}`)];
  writeFileSync(folder.at('list.csv'), list.join('\n'));
  const map = { sourceId: 'list', locale: 'UK', version: '1', entries: { x: 'A', y: 'B' }, importedBy: 'first', confirmedBy: 'second', confirmedAt: '2026-01-01T10:00:00Z' };
  writeFileSync(folder.at('map.json'), JSON.stringify(map));
  const { path: setPath } = await buildSet({ out: folder.at('new.kset'), inputs: [folder.at('list.csv')], meaning: 'alert', name: 'New list', importedBy: 'first', categoryMap: folder.at('map.json') });
  const manifest = writeManifest(folder.at('a.kman'), [
    readItem(1, 500, ['sha1']), readItem(1, 500, ['sha1']), readItem(2, 600, ['md5', 'sha1']), readItem(9, 700, ['sha1']),
    readItem(4, 800, ['sha256']), { sizeBytes: 700, state: 'gated' }, { sizeBytes: 701, state: 'gated' }, { sizeBytes: 500, state: 'problem' },
  ]);
  const set = askCompiledSet(setPath);
  const [answer] = answersOf(ask(folder.path, [manifest], [set])[0]);
  set.close();
  assert.deepEqual(answer, {
    asked: true,
    set: 'New list',
    setDigest: set.digest,
    setStatesSizes: true,
    hits: 3,
    hitsByCategory: { A: 2, B: 1 },
    sizeCandidates: { read: 1, gated: 1, problem: 1, unread: 0 },
    blockLeads: null,
    blockCodesAsked: 0,
  });
});

test('a block set is asked only where the manifest has codes under its key; its blocks give leads and no hits', async () => {
  using folder = makeFolder();
  const owner = OTHER_UNIT;
  const random = createRandom(5);
  const known = Array.from({ length: 6 }, () => random.bytes(200 * 4096 + 100));
  mkdirSync(folder.at('known'));
  for (const [i, content] of known.entries()) writeFileSync(folder.at(`known/${i}`), content);
  const { path: setPath } = await buildBlockSet({ out: folder.at('partner.kblk'), from: [folder.at('known')], name: 'Partner blocks', category: 'A', signer: { owner: owner.owner, codeKey: owner.codeKey!, privateKey: owner.privateKey!, publicKey: rawPublicKey(owner.publicKey) } });

  // The device held the first file whole, and the first 150 blocks of the second in free space.
  const writer = createManifestWriter(folder.at('with.kman'), factsOf(), { unit: UNIT, setCodeKeys: [owner.codeKey!] });
  const length = known[0]!.length;
  writer.add([{ sizeBytes: length, state: 'read', sha1: hash('sha1', known[0]!, 'buffer') }, { sizeBytes: length, state: 'read', md5: hash('md5', known[3]!, 'buffer') }, { sizeBytes: length, state: 'gated' }, { sizeBytes: 77, state: 'gated' }]);
  const blocks = Array.from({ length: 150 }, (_, i) => known[1]!.subarray(i * 4096, i * 4096 + 4096));
  const others = Array.from({ length: 400 }, () => random.bytes(4096));
  const codes = [...blocks, ...others].map((block) => keyedCode(owner.codeKey!, CODE_PURPOSE.blockMd5, hash('md5', block, 'buffer')));
  writer.addBlocks(codeKeyId(owner.codeKey!), Buffer.concat(codes), codes.length);
  const kept = writer.finish(true).blocks[1]!.count;
  const without = writeManifest(folder.at('without.kman'), [readItem(1, 101, ['sha1'])]);

  const set = openAskableSet(setPath, [UNIT, owner], new Date());
  const [first, second] = ask(folder.path, [folder.at('with.kman'), without], [set]);
  set.close();
  const leads = codes.slice(0, 150).filter((code) => isSampled(code, 0)).length;
  assert.ok(leads > 0 && leads < kept, `${leads} of ${kept}`);
  assert.deepEqual(answersOf(first)[0], {
    asked: true, set: 'Partner blocks', setDigest: set.digest, setStatesSizes: true,
    hits: 1, hitsByCategory: { A: 1 }, sizeCandidates: { read: 1, gated: 1, problem: 0, unread: 0 }, blockLeads: leads, blockCodesAsked: kept,
  });
  const [refused] = answersOf(second);
  assert.equal(refused?.asked, false);
  assert.equal(refused.code, 'manifest-key-missing');
  assert.throws(() => openAskableSet(setPath, [UNIT], new Date()), { code: /^block-set-/ });
});

test('without a code key of the manifest a set of digests cannot be asked, and that is said', () => {
  using folder = makeFolder();
  const path = writeManifest(folder.at('a.kman'), [readItem(1, 5)]);
  const set = testSet([{ digests: { md5: digestOf('md5', 1) }, sizeBytes: 5, category: 'A' }]);
  const [answer] = answersOf(ask(folder.path, [path], [set], { keys: [exportPublicPart(UNIT), OTHER_UNIT] })[0]);
  assert.deepEqual({ asked: answer?.asked, code: answer?.asked === false ? answer.code : '' }, { asked: false, code: 'manifest-key-missing' });
  const [known] = answersOf(ask(folder.path, [path], [set], { keys: [exportSetKey(UNIT)] })[0]);
  assert.equal(known?.asked === true ? known.hits : -1, 1);
});

test('altered, cut, foreign and missing manifests are refused with reasons and the others are asked', () => {
  using folder = makeFolder();
  const good = writeManifest(folder.at('good.kman'), [readItem(1, 5)]);
  const foreign = writeManifest(folder.at('foreign.kman'), [readItem(1, 5)], {}, OTHER_UNIT);
  writeFileSync(folder.at('text.kman'), 'a text');
  const answers = ask(folder.path, [foreign, folder.at('text.kman'), folder.at('absent.kman'), good, good], [testSet([{ digests: { md5: digestOf('md5', 1) }, sizeBytes: 5, category: 'A' }])]);
  assert.deepEqual(answers.map((answer) => (answer.state === 'refused' ? answer.code : answer.state)), ['manifest-signer-unknown', 'manifest-not-a-manifest', 'manifest-not-found', 'asked']);
});

test('a manifest made in the future by this clock is told, within the skew of two clocks it is not', () => {
  using folder = makeFolder();
  const paths = ['2026-06-01T12:04:00.000Z', '2026-06-01T12:06:00.000Z'].map((createdAt, i) => writeManifest(folder.at(`${i}.kman`), [], { createdAt }));
  const answers = ask(folder.path, paths, [testSet([])]);
  assert.deepEqual(answers.map((answer) => answer.state === 'asked' && answer.madeInFuture), [false, true]);
});
