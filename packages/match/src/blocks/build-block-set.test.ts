import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTestFolder, type TestFolder } from '../test-folder.ts';
import { attachBlockSet } from './attach-block-set.ts';
import type { BlockLookup, BlockSet, BlockSetFacts } from './block-set.ts';
import { openBlockSet } from './open-block-set.ts';
import { blockOf, buildTestSet, findBlock, indexedPositions, IN_USE, keyOf, noise, noiseBlocks, testSigner, writeTree } from './test-block-set.ts';

function open(folder: TestFolder): { set: BlockSet; lookup: BlockLookup } {
  const set = openBlockSet(folder.at('out.kblocks'), [keyOf(testSigner())], IN_USE);
  return { set, lookup: attachBlockSet(set.shared) };
}

/** Every block seen is either indexed or left out by one rule. */
function assertBalance({ blocks, blocksSeen, blocksLeftOut }: BlockSetFacts): void {
  assert.equal(blocks + Object.values(blocksLeftOut).reduce((sum, count) => sum + count, 0), blocksSeen);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test('a folder becomes a set that knows each block at its place and each file by its digest', async () => {
  using folder = makeTestFolder();
  const files = Object.fromEntries([1, 2, 63, 64, 65, 130, 300].map((blocks) => [`p/${blocks}.jpg`, noise(`file ${blocks}`, blocks * 4096 + blocks)]));
  const result = await buildTestSet(folder, [writeTree(folder, 'known', files)], { category: 'B', edition: 7 });
  assert.equal(result.filesTaken, 7);
  assert.deepEqual(result.problems, []);
  assertBalance(result.facts);
  const { set, lookup } = open(folder);
  assert.deepEqual(set.facts, result.facts);
  const { owner, edition, category, blocks, blocksSeen, indexedShare, sparseIndexedShare, createdAt, expiresAt } = set.facts;
  assert.deepEqual(
    { owner, edition, category, blocks, blocksSeen, indexedShare, sparseIndexedShare, createdAt, expiresAt, files: set.facts.files },
    { owner: 'Unit A', edition: 7, category: 'B', blocks: 625, blocksSeen: 625, indexedShare: 1, sparseIndexedShare: 0, createdAt: '2026-03-01T12:00:00.000Z', expiresAt: '2027-03-01T12:00:00.000Z', files: 7 },
  );
  for (const content of Object.values(files)) {
    const whole = Math.floor(content.length / 4096);
    for (let position = 0; position < whole; position++) {
      const entry = findBlock(lookup, blockOf(content, position));
      assert.ok(entry >= 0, `block ${position} of ${whole}`);
      assert.equal(lookup.positionOf(entry), position % 128);
      const anchor = lookup.anchorOf(entry);
      assert.equal(anchor !== null, position % 64 === 0);
      if (anchor === null) continue;
      assert.equal(anchor.position, position);
      assert.deepEqual(lookup.file(anchor.file), { sizeBytes: content.length, blocks: whole, indexedBlocks: whole });
    }
    // The short last block, also as it would lie on a disk with zeros behind it.
    const tail = Buffer.alloc(4096);
    content.copy(tail, 0, whole * 4096);
    assert.equal(findBlock(lookup, tail), -1);

    const digest = createHash('sha1').update(content).digest();
    assert.deepEqual(set.wholeFiles.lookup('sha1', digest), [
      { md5: null, sha1: digest.toString('hex'), sha256: null, ed2k: null, sizesBytes: [content.length], category: 'B', categoryBasis: 'unstated', rawCategory: null },
    ]);
    assert.equal(set.wholeFiles.mayHaveSize?.(content.length), true);
    assert.equal(set.wholeFiles.mayHaveSize?.(content.length + 5), false);
    digest[19]! ^= 1;
    assert.deepEqual(set.wholeFiles.lookup('sha1', digest), []);
  }
  const { facts: setFacts } = set.wholeFiles;
  assert.equal(setFacts.meaning, 'alert');
  assert.deepEqual(setFacts.rowsWith, { md5: 0, sha1: 7, sha256: 0, ed2k: 0 });
  assert.deepEqual(set.wholeFiles.sufficientDigests, ['sha1']);
  assert.equal(set.wholeFiles.coversAllRows('sha1'), true);
  set.close();
});

test('blocks that say nothing are left out and counted by rule', async () => {
  using folder = makeTestFolder();
  const ramp = Buffer.from(Uint32Array.from({ length: 1024 }, (_, i) => i + 5).buffer);
  const file = Buffer.concat([noiseBlocks('start', 2), Buffer.alloc(3 * 4096), ramp, noiseBlocks('end', 1), Buffer.alloc(50)]);
  const { facts } = await buildTestSet(folder, [writeTree(folder, 'known', { a: file })]);
  assert.deepEqual(facts.blocksLeftOut, { constant: 3, ramp: 1 });
  assert.equal(facts.indexedShare, 3 / 7);
  assertBalance(facts);
  assert.deepEqual(indexedPositions(open(folder).lookup, file), [0, 1, 6]);
});

test('a block of two unrelated files is dropped from both; one that stands twice in a file is dropped', async () => {
  using folder = makeTestFolder();
  const header = noiseBlocks('shared header', 2);
  const twice = noiseBlocks('twice', 1);
  const a = Buffer.concat([header, noiseBlocks('a', 20), twice, noiseBlocks('a2', 3), twice]);
  const b = Buffer.concat([header, noiseBlocks('b', 30)]);
  const { facts } = await buildTestSet(folder, [writeTree(folder, 'known', { a, b })]);
  assert.deepEqual(facts.blocksLeftOut, { common: 4, repeated: 2 });
  assertBalance(facts);
  const { lookup } = open(folder);
  assert.deepEqual(indexedPositions(lookup, a), [...range(2, 22), 23, 24, 25]);
  assert.deepEqual(indexedPositions(lookup, b), range(2, 32));
  // The first block that is indexed is the anchor, wherever it stands.
  for (const [content, sizeBytes] of [[a, a.length], [b, b.length]] as const) {
    const anchor = lookup.anchorOf(findBlock(lookup, blockOf(content, 2)))!;
    assert.equal(anchor.position, 2);
    assert.equal(lookup.file(anchor.file).sizeBytes, sizeBytes);
  }
});

test('versions of one file keep their blocks: they stay with the fuller one', async () => {
  using folder = makeTestFolder();
  const film = noiseBlocks('film', 100);
  const cutShort = film.subarray(0, 60 * 4096 + 100);
  const retitled = Buffer.concat([noiseBlocks('other title', 1), film.subarray(4096)]);
  const { facts } = await buildTestSet(folder, [writeTree(folder, 'known', { cutShort, film, retitled })]);
  assertBalance(facts);
  assert.equal(facts.blocks, 101);
  assert.equal(facts.blocksLeftOut['common'] ?? 0, 0);
  const { lookup } = open(folder);
  assert.deepEqual(indexedPositions(lookup, film), range(0, 100));
  assert.deepEqual(indexedPositions(lookup, cutShort), range(0, 60));
  assert.deepEqual(indexedPositions(lookup, retitled), range(0, 100));
});

test('a block that the allow-list holds is left out, wherever it stands there', async () => {
  using folder = makeTestFolder();
  const stock = noiseBlocks('stock picture', 5);
  const known = writeTree(folder, 'known', { a: Buffer.concat([noiseBlocks('a', 10), stock]), b: Buffer.concat([stock, noiseBlocks('b', 4)]) });
  const benign = writeTree(folder, 'benign', { 'x/y': Buffer.concat([noiseBlocks('other', 3), stock, stock]) });
  const { facts } = await buildTestSet(folder, [known], { allow: [benign] });
  assert.deepEqual(facts.blocksLeftOut, { 'allow-listed': 10 });
  assert.equal(facts.blocks, 14);
  assert.equal(facts.files, 2);
  assertBalance(facts);
  await assert.rejects(buildTestSet(folder, [known], { allow: [join(benign, 'x/y')] }), { code: 'block-set-allow-not-a-folder' });
});

test('a long file is indexed one block in eight, the first that says something of each eight; dense takes all', async () => {
  using folder = makeTestFolder();
  const long = Buffer.concat([noiseBlocks('one', 10), Buffer.alloc(4 * 4096), noiseBlocks('two', 30), Buffer.alloc(20 * 4096)]);
  const from = [writeTree(folder, 'known', { long, short: noiseBlocks('short', 9) })];
  const { facts } = await buildTestSet(folder, from, { sparseAboveBytes: 16 * 4096 });
  assertBalance(facts);
  const { lookup } = open(folder);
  assert.deepEqual(indexedPositions(lookup, long), [0, 8, 16, 24, 32, 40]);
  assert.equal(facts.blocks, 6 + 9);
  assert.equal(facts.indexedShare, 1);
  assert.equal(facts.sparseIndexedShare, 6 / 64);
  assert.equal(facts.sparseStep, 8);
  assert.deepEqual(facts.blocksLeftOut, { constant: 16, sparse: 42 });
  const entry = findBlock(lookup, blockOf(long, 40));
  assert.equal(lookup.positionOf(entry), 40);

  const dense = await buildTestSet(folder, from, { sparseAboveBytes: Number.POSITIVE_INFINITY });
  assert.equal(dense.facts.blocks, 40 + 9);
  assert.equal(dense.facts.sparseStep, 1);
});

test('the first of eight that says something is taken, not the first of eight', async () => {
  using folder = makeTestFolder();
  const long = Buffer.concat([Buffer.alloc(3 * 4096), noiseBlocks('late', 13)]);
  await buildTestSet(folder, [writeTree(folder, 'known', { long })], { sparseAboveBytes: 0 });
  assert.deepEqual(indexedPositions(open(folder).lookup, long), [3, 8]);
});

test('the same content under two names is one file; an empty file is none', async () => {
  using folder = makeTestFolder();
  const content = noiseBlocks('a', 70);
  const result = await buildTestSet(folder, [writeTree(folder, 'known', { 'a/1': content, 'b/2': content, empty: Buffer.alloc(0), small: Buffer.from('goal') })]);
  assert.deepEqual([result.filesTaken, result.doubles, result.emptyFiles, result.facts.files], [2, 1, 1, 2]);
  assert.deepEqual(result.facts.blocksLeftOut, {});
  assert.equal(result.facts.blocksSeen, 70);
  const { set, lookup } = open(folder);
  assert.deepEqual(indexedPositions(lookup, content), range(0, 70));
  assert.equal(set.wholeFiles.lookup('sha1', createHash('sha1').update('').digest()).length, 0);
  assert.equal(set.wholeFiles.lookup('sha1', createHash('sha1').update('goal').digest()).length, 1);
});

test('hostile names are read as they are; links, pipes and unreadable files are not followed, and the latter are told', async () => {
  using folder = makeTestFolder();
  const names = ['line\nbreak', '\u202ereversed', '--from', ' ', '*', '$(x)', 'ü', '\\..\\..'];
  const root = writeTree(folder, 'known', Object.fromEntries(names.map((name) => [name, noiseBlocks(name, 3)])));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe, 0x80])]), noiseBlocks('no utf-8', 3));
  const outside = folder.write('outside', noiseBlocks('outside', 3));
  symlinkSync(outside, join(root, 'link'));
  symlinkSync(root, join(root, 'loop'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  mkdirSync(join(root, 'locked'));
  writeFileSync(join(root, 'locked', 'inside'), noiseBlocks('locked', 1));
  const result = await buildTestSet(folder, [root]);
  const { lookup } = open(folder);
  for (const name of [...names, 'no utf-8']) assert.deepEqual(indexedPositions(lookup, noiseBlocks(name, 3)), [0, 1, 2], name);
  assert.deepEqual(indexedPositions(lookup, noiseBlocks('outside', 3)), []);
  assert.equal(result.facts.files, names.length + 2);
  assert.deepEqual(result.problems, []);

  if (process.getuid?.() === 0) return;
  chmodSync(join(root, ' '), 0);
  chmodSync(join(root, 'locked'), 0);
  try {
    const { problems, facts } = await buildTestSet(folder, [root]);
    assert.deepEqual(problems.map(({ path }) => path).sort(), [join(root, ' '), join(root, 'locked')]);
    assert.equal(facts.files, names.length);
  } finally {
    chmodSync(join(root, 'locked'), 0o700);
  }
});

test('folders without end are told, and what stands before their end is taken', async () => {
  using folder = makeTestFolder();
  const root = writeTree(folder, 'known', { [`${'d/'.repeat(150)}near`]: noiseBlocks('near', 1), [`${'d/'.repeat(250)}far`]: noiseBlocks('far', 1) });
  const { facts, problems } = await buildTestSet(folder, [root]);
  assert.equal(facts.files, 1);
  assert.deepEqual(problems.map(({ reason }) => reason), ['more than 200 folders inside one another']);
});

test('a file that changes while it is read is told and left out, its blocks with it', async () => {
  using folder = makeTestFolder();
  const growing = noiseBlocks('growing', 300);
  const root = writeTree(folder, 'known', { a: noiseBlocks('a', 300), growing });
  const { FileReader } = await import('./file-codes.ts');
  const { buildFromCodes } = await import('./build-block-set.ts');
  const reader = new FileReader(testSigner().codeKey);
  const failures: string[] = [];
  await buildFromCodes({ out: folder.at('out.kblocks'), name: 'x', signer: testSigner(), createdAt: new Date('2026-03-01T12:00:00Z') }, (collector) => {
    const sparse = { aboveBytes: 1e9, step: 8 };
    const addCode = collector.addCode.bind(collector);
    // The first code of the second file is the moment when somebody writes to it.
    let once = false;
    collector.addCode = (codes, at, position): void => {
      if (collector.files.length === 1 && !once) {
        once = true;
        appendFileSync(join(root, 'growing'), 'more');
      }
      addCode(codes, at, position);
    };
    for (const name of ['a', 'growing']) {
      try {
        reader.collect(Buffer.from(join(root, name)), collector, sparse);
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
  });
  assert.deepEqual(failures, ['it grew while it was read']);
  const { set, lookup } = open(folder);
  assert.equal(set.facts.files, 1);
  assert.equal(set.facts.blocks, 300);
  assert.equal(set.facts.blocksSeen, 300);
  assert.deepEqual(indexedPositions(lookup, growing), []);
});

test('lists give whole-file codes of the best digest of each row, in any mixture with folders', async () => {
  using folder = makeTestFolder();
  const hex = (kind: string, text: string): string => createHash(kind).update(text).digest('hex');
  const csv = folder.write('list.csv', [
    'size,md5,sha1,sha256',
    `10,${hex('md5', 'a')},${hex('sha1', 'a')},${hex('sha256', 'a')}`,
    `11,${hex('md5', 'b')},,${hex('sha256', 'b')}`,
    `12,${hex('md5', 'c')},,`,
    `12,${hex('md5', 'c')},,`,
    'x,nonsense,,',
  ].join('\n'));
  const content = noiseBlocks('picture', 4);
  const result = await buildTestSet(folder, [csv, writeTree(folder, 'known', { picture: content })]);
  assert.deepEqual(result.lists, { read: 5, rejected: 1, withoutUsableDigest: 0, warnings: [] });
  assert.equal(result.facts.files, 4);
  assert.equal(result.facts.blocks, 4);
  const { set } = open(folder);
  const rows = (kind: 'md5' | 'sha1' | 'sha256', text: string): readonly number[] =>
    set.wholeFiles.lookup(kind, createHash(kind).update(text).digest()).flatMap(({ sizesBytes }) => sizesBytes);
  assert.deepEqual([rows('sha1', 'a'), rows('sha256', 'b'), rows('md5', 'c')], [[10], [11], [12]]);
  assert.deepEqual([rows('md5', 'a'), rows('md5', 'b'), rows('sha1', 'c')], [[], [], []]);
  assert.equal(set.wholeFiles.lookup('sha1', createHash('sha1').update(content).digest()).length, 1);
  assert.deepEqual(set.wholeFiles.facts.rowsWith, { md5: 1, sha1: 2, sha256: 1, ed2k: 0 });
  assert.deepEqual(new Set(set.wholeFiles.sufficientDigests), new Set(['md5', 'sha1', 'sha256']));
  assert.equal(set.wholeFiles.coversAllRows('sha1'), false);
  assert.deepEqual([10, 11, 12, 13, content.length].map((size) => set.wholeFiles.mayHaveSize?.(size)), [true, true, true, false, true]);

  const sizeless = folder.write('sizeless.txt', `${hex('sha1', 'z')}\n${hex('sha1', 'a')}\n`);
  await buildTestSet(folder, [csv, sizeless]);
  const second = open(folder).set.wholeFiles;
  assert.equal(second.mayHaveSize, null, 'a row without a length means nothing may be skipped');
  assert.deepEqual(second.lookup('sha1', createHash('sha1').update('z').digest())[0]?.sizesBytes, []);
  assert.deepEqual(second.lookup('sha1', createHash('sha1').update('a').digest())[0]?.sizesBytes, [10]);
});

test('same input, key and time: same bytes; nothing else is left behind', async () => {
  using folder = makeTestFolder();
  const root = writeTree(folder, 'known', { a: noiseBlocks('a', 30), b: noiseBlocks('b', 90), c: noiseBlocks('a', 20) });
  await buildTestSet(folder, [root], { out: folder.at('one') });
  await buildTestSet(folder, [root], { out: folder.at('two') });
  assert.deepEqual(readFileSync(folder.at('one')), readFileSync(folder.at('two')));
  assert.deepEqual(readdirSync(folder.path).sort(), ['known', 'one', 'two']);
  await buildTestSet(folder, [root], { out: folder.at('two'), signer: testSigner(2) });
  assert.notDeepEqual(readFileSync(folder.at('one')), readFileSync(folder.at('two')));
});

test('wrong use is refused with what to do', async () => {
  using folder = makeTestFolder();
  const root = writeTree(folder, 'known', { a: noiseBlocks('a', 2) });
  const refuse = (from: readonly string[], more: Parameters<typeof buildTestSet>[2], code: string): Promise<void> => assert.rejects(buildTestSet(folder, from, more), { code });
  await refuse([], {}, 'block-set-nothing');
  await refuse([writeTree(folder, 'hollow', { empty: Buffer.alloc(0) })], {}, 'block-set-nothing');
  await refuse([folder.at('absent')], {}, 'list-not-found');
  await refuse([root], { out: join(root, 'out.kblocks') }, 'block-set-out-in-source');
  await refuse([root], { out: folder.write('letter.txt', 'dear') }, 'block-set-out-not-one');
  await refuse([root], { out: folder.at('no/such/out') }, 'set-not-writable');
  await refuse([root], { category: 'D' }, 'block-set-category-unknown');
  await refuse([root], { edition: 1.5 }, 'block-set-edition-wrong');
  await refuse([root], { expiresAt: new Date('2026-01-01T00:00:00Z') }, 'block-set-expiry-wrong');
  await refuse([root], { signer: { ...testSigner(), codeKey: new Uint8Array(31) } }, 'block-set-key-unusable');
  assert.equal(existsSync(folder.at('out.kblocks')), false);
  assert.equal(readFileSync(folder.at('letter.txt'), 'utf8'), 'dear');
});
