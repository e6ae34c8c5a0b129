import assert from 'node:assert/strict';
import { createHash, createHmac, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeTestFolder } from '../test-folder.ts';
import { blockOf, buildTestSet, codeOfBlock, noise, testSigner, writeTree } from './test-block-set.ts';

/** A stretch of this many bytes of a digest in the file would let a list be tested against it. */
const STRETCH_BYTES = 6;

/** Every digest that somebody without the key can make of a piece of content. */
function openDigests(content: Uint8Array): Buffer[] {
  const plain = ['md5', 'sha1', 'sha256', 'sha512'].map((kind) => createHash(kind).update(content).digest());
  const hmacs = [Buffer.alloc(0), Buffer.alloc(32)].flatMap((key) =>
    [...plain.slice(0, 3), Buffer.from(content)].flatMap((data) =>
      [[], [0x01], [0x11], [0x12], [0x13]].map((purpose) => createHmac('sha256', key).update(Uint8Array.from(purpose)).update(data).digest()),
    ),
  );
  return [...plain, ...hmacs];
}

/** All stretches of a file, to ask for many needles at once: as numbers of 48 bits. */
function stretchesOf(file: Buffer): Set<number> {
  const stretches = new Set<number>();
  for (let at = 0; at + STRETCH_BYTES <= file.length; at++) stretches.add(file.readUIntBE(at, STRETCH_BYTES));
  return stretches;
}

test('no digest of the input, of blocks or files, raw, hex or in part, stands anywhere in a set', async () => {
  using folder = makeTestFolder();
  const files = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`${i}`, noise(`secret ${i}`, 4096 * (3 + i) + i * 11)]));
  const rows = Array.from({ length: 40 }, (_, i) => `row ${i}`);
  const list = folder.write('list.csv', `size,md5,sha1,sha256\n${rows.map((text, i) => [900 + i, ...['md5', 'sha1', 'sha256'].map((kind) => createHash(kind).update(text).digest('hex'))].join(',')).join('\n')}\n`);
  const { path } = await buildTestSet(folder, [writeTree(folder, 'known', files), list]);
  const file = readFileSync(path);
  const stretches = stretchesOf(file);
  const text = file.toString('latin1').toLowerCase();

  // The search finds what is there: a code made with the key, in the way the set stores it.
  const fileCode = createHmac('sha256', testSigner().codeKey).update(Uint8Array.of(0x12)).update(hash('sha1', files['7']!, 'buffer')).digest();
  assert.ok(stretches.has(fileCode.readUIntBE(0, 6)) && stretches.has(fileCode.readUIntBE(2, 6)));

  const contents = [...Object.values(files).flatMap((content) => [content, ...Array.from({ length: Math.floor(content.length / 4096) }, (_, i) => blockOf(content, i))]), ...rows.map((row) => Buffer.from(row))];
  assert.ok(contents.length > 400);
  for (const content of contents) {
    for (const digest of openDigests(content)) {
      for (let at = 0; at + STRETCH_BYTES <= digest.length; at += 2) {
        assert.ok(!stretches.has(digest.readUIntBE(at, STRETCH_BYTES)), `${digest.toString('hex')} stands in the set in part`);
        assert.ok(!stretches.has(digest.readUIntLE(at, STRETCH_BYTES)), `${digest.toString('hex')} stands in the set, turned round`);
      }
      assert.ok(!text.includes(digest.toString('hex').slice(0, 12)), 'a digest stands in the set in hex');
    }
  }
  assert.ok(!text.includes('known') && !text.includes('list.csv'), 'where the material came from stays with its owner');
  assert.ok(!text.includes(Buffer.from(testSigner().codeKey).toString('hex')) && !file.includes(Buffer.from(testSigner().codeKey)));
});

test('codes under another key have nothing in common with those of the first', () => {
  const block = noise('x', 4096);
  const [one, other] = [codeOfBlock(block, testSigner(1).codeKey), codeOfBlock(block, testSigner(2).codeKey)];
  assert.notDeepEqual(one, other);
});
