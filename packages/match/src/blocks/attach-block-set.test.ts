import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeTestFolder } from '../test-folder.ts';
import { attachBlockSet } from './attach-block-set.ts';
import type { BlockLookup } from './block-set.ts';
import { buildFromCodes } from './build-block-set.ts';
import { openBlockSet } from './open-block-set.ts';
import { IN_USE, keyOf, MADE_AT, testSigner } from './test-block-set.ts';

interface Known {
  readonly file: number;
  readonly position: number;
}

/** Builds a set of the codes of each file in order and attaches it. */
async function setOfCodes(files: readonly (readonly bigint[])[]): Promise<BlockLookup> {
  using folder = makeTestFolder();
  const { path } = await buildFromCodes({ out: folder.at('out'), name: 'codes', signer: testSigner(), createdAt: MADE_AT }, (collector) => {
    for (const [number, codes] of files.entries()) {
      collector.startFile();
      for (const [position, code] of codes.entries()) collector.addCode(bytesOf([code]), 0, position);
      collector.endFile({
        code: createHash('sha256').update(`file ${number}`).digest().subarray(0, 8), kind: 'sha1',
        sizeBytes: codes.length * 4096 + number, blocks: codes.length, sparse: false, leftOut: {},
      });
    }
  });
  return attachBlockSet(openBlockSet(path, [keyOf(testSigner())], IN_USE).shared);
}

function bytesOf(codes: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(codes.length * 8);
  for (const [i, code] of codes.entries()) bytes.writeBigUInt64BE(code, i * 8);
  return bytes;
}

/** Codes that crowd together as honest codes never do, so that every step of a look-up is walked. */
const crowdedCode = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 300n }).map((n) => n << 12n),
  fc.bigInt({ min: 0n, max: 300n }).map((n) => (0xabcn << 52n) | (n << 20n)),
  fc.bigInt({ min: 0n, max: 300n }).map((n) => (0xabcn << 52n) | (0x1234_5678n << 20n) | (n << 12n)),
  fc.constantFrom(0n, 2n ** 64n - 1n, 1n << 12n, 2n ** 64n - (1n << 12n)),
);

/** What an entry compares with 12 bucket bits: the first 52 bits. */
const compared = (code: bigint): bigint => code >> 12n;

test('look-up agrees with a search through all codes, for any codes, hits and misses alike', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(crowdedCode, { minLength: 1, maxLength: 400, selector: compared }),
      fc.array(crowdedCode, { maxLength: 200 }),
      fc.integer({ min: 1, max: 7 }),
      async (codes, others, fileCount) => {
        const files: bigint[][] = Array.from({ length: fileCount }, () => []);
        const known = new Map<bigint, Known>();
        for (const [i, code] of codes.entries()) {
          const file = (i * i) % fileCount;
          known.set(compared(code), { file, position: files[file]!.length });
          files[file]!.push(code);
        }
        const lookup = await setOfCodes(files);
        const asked = [...codes, ...others, ...codes.slice(0, 5)];
        const numbers = new Uint32Array(asked.length);
        const entries = new Uint32Array(asked.length);
        const found = lookup.find(bytesOf(asked), asked.length, numbers, entries);
        const expected = asked.flatMap((code, number) => (known.has(compared(code)) ? [number] : []));
        assert.deepEqual([...numbers.subarray(0, found)], expected);
        for (let i = 0; i < found; i++) {
          const { file, position } = known.get(compared(asked[numbers[i]!]!))!;
          assert.equal(lookup.positionOf(entries[i]!), position % 128);
          const anchor = lookup.anchorOf(entries[i]!);
          assert.equal(anchor !== null, position % 64 === 0);
          if (anchor === null) continue;
          assert.equal(anchor.position, position);
          assert.equal(lookup.file(anchor.file).sizeBytes, files[file]!.length * 4096 + file);
          assert.deepEqual(lookup.file(anchor.file), { sizeBytes: files[file]!.length * 4096 + file, blocks: files[file]!.length, indexedBlocks: files[file]!.length });
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a set of 300,000 codes finds each of them at its place, and none of as many others', async () => {
  const code = (text: string): bigint => createHash('sha256').update(text).digest().readBigUInt64BE(0);
  const files = Array.from({ length: 1000 }, (_, file) => Array.from({ length: 300 }, (_unused, position) => code(`${file} ${position}`)));
  const lookup = await setOfCodes(files);
  assert.equal(lookup.facts.blocks, 300_000);
  const numbers = new Uint32Array(300);
  const entries = new Uint32Array(300);
  let anchors = 0;
  for (const [file, codes] of files.entries()) {
    assert.equal(lookup.find(bytesOf(codes), 300, numbers, entries), 300);
    for (let position = 0; position < 300; position++) {
      assert.equal(lookup.positionOf(entries[position]!), position % 128);
      const anchor = lookup.anchorOf(entries[position]!);
      if (anchor === null) continue;
      anchors++;
      assert.equal(anchor.position, position);
      assert.equal(lookup.file(anchor.file).sizeBytes, 300 * 4096 + file);
    }
    assert.equal(lookup.find(bytesOf(codes.map((one) => one ^ 0x1_0000_0000n)), 300, numbers, entries), 0);
  }
  assert.equal(anchors, 5000);
  assert.throws(() => lookup.file(1000), { code: 'block-set-no-such-file' });
});

test('an empty table answers every look-up with nothing', async () => {
  const lookup = await setOfCodes([[]]);
  assert.equal(lookup.find(bytesOf([0n, 5n, 2n ** 64n - 1n]), 3, new Uint32Array(3), new Uint32Array(3)), 0);
});
