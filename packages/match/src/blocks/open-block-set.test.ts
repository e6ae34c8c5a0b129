import assert from 'node:assert/strict';
import { hash, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { makeTestFolder, type TestFolder } from '../test-folder.ts';
import { readBlockSetKind, readHeaderOf } from './block-set-file.ts';
import { describeBlockSet } from './describe-block-set.ts';
import { type BlockSetSection } from './layout.ts';
import { openBlockSet } from './open-block-set.ts';
import { buildTestSet, IN_USE, keyOf, noiseBlocks, testSigner, writeTree } from './test-block-set.ts';

const KEYS = [keyOf(testSigner(2, 'Unit B')), keyOf(testSigner())];

async function goodSet(folder: TestFolder): Promise<{ bytes: Buffer; sections: readonly BlockSetSection[]; headerOffset: number }> {
  const { path } = await buildTestSet(folder, [writeTree(folder, 'known', { a: noiseBlocks('a', 5000), b: noiseBlocks('b', 90) })]);
  const { header, headerOffset } = readHeaderOf(path);
  openBlockSet(path, KEYS, IN_USE).close();
  return { bytes: readFileSync(path), sections: header.sections, headerOffset };
}

/** Code of the refusal, or null when the set opens. */
function refusalOf(path: string, keys = KEYS, now = IN_USE): string | null {
  try {
    openBlockSet(path, keys, now).close();
    return null;
  } catch (error) {
    assert.ok(error instanceof RefusedError, String(error));
    return error.code;
  }
}

test('a set opens only with the keys of its owner', async () => {
  using folder = makeTestFolder();
  await goodSet(folder);
  const path = folder.at('out.kblocks');
  const owner = keyOf(testSigner());
  const stranger = keyOf(testSigner(2));
  assert.equal(refusalOf(path, [stranger, owner]), null);
  assert.equal(refusalOf(path, []), 'block-set-signer-unknown');
  assert.equal(refusalOf(path, [stranger]), 'block-set-signer-unknown');
  assert.equal(refusalOf(path, [{ ...owner, codeKey: stranger.codeKey }]), 'block-set-key-wrong');
  assert.equal(refusalOf(path, [{ ...owner, publicKey: stranger.publicKey }]), 'block-set-signer-unknown');
  assert.equal(refusalOf(path, [{ ...owner, codeKey: stranger.codeKey }, owner]), null, 'an owner may have had another code key before');
});

test('a set is used from a day before it was made to the moment it expires', async () => {
  using folder = makeTestFolder();
  await goodSet(folder);
  const path = folder.at('out.kblocks');
  const at = (time: string): string | null => refusalOf(path, KEYS, new Date(time));
  assert.equal(at('2026-02-28T11:59:59Z'), 'block-set-not-yet-valid');
  assert.equal(at('2026-02-28T12:00:01Z'), null);
  assert.equal(at('2027-03-01T11:59:59Z'), null);
  assert.equal(at('2027-03-01T12:00:00Z'), 'block-set-expired');
});

test('a set cut at any border, or with bytes behind it, is refused', async () => {
  using folder = makeTestFolder();
  const { bytes, sections, headerOffset } = await goodSet(folder);
  const borders = sections.flatMap(({ offset, lengthBytes }) => [offset, offset + 1, offset + lengthBytes, offset + lengthBytes - 1]);
  for (const cut of new Set([0, 4, 7, 8, 40, 96, 4095, 4096, ...borders, headerOffset, headerOffset + 20, bytes.length - 1])) {
    const expected = cut < 8 ? 'block-set-not-one' : 'block-set-truncated';
    assert.equal(refusalOf(folder.write('cut', bytes.subarray(0, cut))), expected, `cut at ${cut}`);
  }
  assert.equal(refusalOf(folder.write('longer', Buffer.concat([bytes, Buffer.alloc(1)]))), 'block-set-altered');
});

test('a set with any byte altered is refused: prologue, signature, every section, padding, header', async () => {
  using folder = makeTestFolder();
  const { bytes, sections, headerOffset } = await goodSet(folder);
  const places: [number, RegExp][] = [
    [0, /not-one/], [7, /not-one/], [8, /version-unknown/], [12, /altered/], [16, /altered/], [24, /altered|truncated/],
    [32, /signature-wrong/], [95, /signature-wrong/], [96, /altered/], [4095, /altered/],
  ];
  for (const { offset, lengthBytes } of sections) {
    for (let i = 0; i < 6; i++) places.push([offset + Math.floor((i / 5) * (lengthBytes - 1)), /altered/]);
  }
  for (let at = headerOffset; at < bytes.length; at += 7) places.push([at, /altered|signature-wrong|signer-unknown/]);
  const padding = sections.find(({ lengthBytes }) => lengthBytes % 4096 !== 0)!;
  places.push([padding.offset + padding.lengthBytes, /altered/]);
  assert.ok(places.length > 200);
  for (const [at, expected] of places) {
    const bad = Buffer.from(bytes);
    bad[at]! ^= 1 << (at % 8);
    assert.match(refusalOf(folder.write('bad', bad)) ?? 'it opened', expected, `byte ${at}`);
  }
});

test('two sections that changed places are told', async () => {
  using folder = makeTestFolder();
  const { bytes, sections } = await goodSet(folder);
  const tails = sections.find(({ name }) => name === 'tails')!;
  const places = sections.find(({ name }) => name === 'places')!;
  assert.equal(tails.lengthBytes, places.lengthBytes);
  const bad = Buffer.from(bytes);
  bytes.copy(bad, tails.offset, places.offset, places.offset + places.lengthBytes);
  bytes.copy(bad, places.offset, tails.offset, tails.offset + tails.lengthBytes);
  assert.equal(refusalOf(folder.write('bad', bad)), 'block-set-reordered');
});

test('a header that says something else is not believed, even by a signer who is known', async () => {
  using folder = makeTestFolder();
  const { bytes, headerOffset } = await goodSet(folder);
  const text = bytes.subarray(headerOffset).toString('utf8');
  const reword = (from: string, to: string): string | null => {
    assert.ok(text.includes(from) && from.length === to.length);
    return refusalOf(folder.write('bad', Buffer.concat([bytes.subarray(0, headerOffset), Buffer.from(text.replace(from, to))])));
  };
  assert.equal(reword('"expiresAt":"2027', '"expiresAt":"2037'), 'block-set-signature-wrong');
  assert.equal(reword('"owner":"Unit A"', '"owner":"Unit B"'), 'block-set-signature-wrong');
  assert.equal(reword('"format":"kerbside-block-set"', '"format":"kerbside-black-set"'), 'block-set-altered');

  // Unit B signs what Unit A is said to have made.
  const forged = Buffer.from(bytes);
  const message = Buffer.concat([Buffer.from('kerbside-block-set-v1\0'), forged.subarray(0, 32), forged.subarray(headerOffset)]);
  sign(null, message, testSigner(2).privateKey).copy(forged, 32);
  assert.equal(refusalOf(folder.write('forged', forged)), 'block-set-signature-wrong');
  // And a signature without the words that bind it to block sets is none, whoever gives it.
  sign(null, message.subarray(22), testSigner().privateKey).copy(forged, 32);
  assert.equal(refusalOf(folder.write('forged', forged)), 'block-set-signature-wrong');
});

test('what a known signer signed is still checked: form, facts, buckets, and that the set bears the signer’s own name', async () => {
  using folder = makeTestFolder();
  const { bytes, headerOffset } = await goodSet(folder);
  const { header } = readHeaderOf(folder.at('out.kblocks'));
  const { privateKey } = testSigner();
  const signed = (text: string, content = bytes.subarray(4096, headerOffset)): string | null => {
    const prologue = Buffer.from(bytes.subarray(0, 4096));
    const end = Buffer.from(text);
    prologue.writeUInt32LE(end.length, 12);
    prologue.writeBigUInt64LE(BigInt(headerOffset + end.length), 24);
    sign(null, Buffer.concat([Buffer.from('kerbside-block-set-v1\0'), prologue.subarray(0, 32), end]), privateKey).copy(prologue, 32);
    return refusalOf(folder.write('signed', Buffer.concat([prologue, content, end])));
  };
  const text = bytes.subarray(headerOffset).toString('utf8');
  const changed = (change: object): string => text.replace(/"facts":\{.*?\}(?=,"filesWith")/, () => `"facts":${JSON.stringify(Object.fromEntries(Object.entries({ ...header.facts, ...change }).sort(([a], [b]) => (a < b ? -1 : 1))))}`);
  assert.equal(changed({}), text);
  assert.equal(signed(text), null, 'signed anew it opens');

  // The same values in another form: a name twice, space, a number written otherwise.
  for (const [from, to] of [['"anchors":', '"anchors":1,"anchors":'], ['"anchors":', '"anchors": '], ['"edition":1', '"edition":1e0'], ['"edition":1', '"edition":1.0']] as const) {
    assert.equal(signed(text.replace(from, to)), 'block-set-altered', to);
  }
  for (const change of [{ indexedShare: 1.5 }, { indexedShare: '1' }, { blocksLeftOut: null }, { blocksLeftOut: { common: -1 } }, { sparseStep: 0 }, { expiresAt: 'never' }, { expiresAt: '2027' }, { name: 7 }, { blocks: '2' }]) {
    assert.equal(signed(changed(change)), 'block-set-altered', JSON.stringify(change));
  }
  assert.equal(signed(changed({ owner: 'National unit' })), 'block-set-owner-wrong');
  assert.equal(signed(text.replace('"bucketBits":12', '"bucketBits":13')), 'block-set-altered');

  // All entries in one bucket, where each look-up would walk through them.
  const buckets = header.sections[0]!;
  const crowded = Buffer.from(bytes);
  for (let at = 4; at < buckets.lengthBytes; at += 4) crowded.writeUInt32LE(header.facts.blocks, buckets.offset + at);
  const sha256 = hash('sha256', hash('sha256', crowded.subarray(buckets.offset, buckets.offset + buckets.lengthBytes), 'buffer'), 'hex');
  assert.equal(signed(text.replace(buckets.sha256, sha256), crowded.subarray(4096, headerOffset)), 'block-set-altered');
});

test('what is no block set is refused by name; a compiled set and a block set are told apart', async () => {
  using folder = makeTestFolder();
  const { buildSet } = await import('../build/build-set.ts');
  await goodSet(folder);
  const compiled = folder.at('list.kset');
  await buildSet({ out: compiled, inputs: [folder.write('list', `${'ab'.repeat(16)}\n`)], meaning: 'alert' });
  assert.equal(refusalOf(folder.at('absent')), 'block-set-not-found');
  assert.equal(refusalOf(folder.path), 'block-set-not-one');
  assert.equal(refusalOf(folder.write('empty', '')), 'block-set-not-one');
  assert.equal(refusalOf(compiled), 'block-set-not-one');
  assert.deepEqual(
    [folder.at('out.kblocks'), compiled, folder.at('list'), folder.at('absent'), folder.path].map((path) => readBlockSetKind(path)),
    ['block-set', 'compiled-set', null, null, null],
  );
});

test('a description tells whether a run would take the set, and checks every byte', async () => {
  using folder = makeTestFolder();
  const { bytes, sections } = await goodSet(folder);
  const path = folder.at('out.kblocks');
  const good = describeBlockSet(path, KEYS, IN_USE);
  assert.equal(good.refusal, null);
  assert.equal(good.fileBytes, bytes.length);
  assert.deepEqual(good.filesWith, { md5: 0, sha1: 2, sha256: 0 });
  assert.equal(describeBlockSet(path, [], IN_USE).refusal?.code, 'block-set-signer-unknown');
  assert.equal(describeBlockSet(path, KEYS, new Date('2030-01-01')).refusal?.code, 'block-set-expired');
  bytes[sections[1]!.offset + 9]! ^= 4;
  writeFileSync(path, bytes);
  assert.throws(() => describeBlockSet(path, KEYS, IN_USE), { code: 'block-set-altered' });
});
