import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { MalformedError } from '@kerbside/bytes';
import { proveInclusion, verifyInclusion } from './inclusion-proof.ts';
import { emptyTreeRoot, hashLeaf, hashNode, merkleRoot, MerkleFrontier, splitPoint, TREE_HASH_BYTES } from './merkle-tree.ts';

/** The eight leaves that implementations of Certificate Transparency (RFC 6962) share for their tests, and the root after each. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) => Buffer.from(hex, 'hex'));
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The RFC's own recursive definition, written down as it stands there. */
function rootByDefinition(data: readonly Uint8Array[]): Buffer {
  if (data.length === 0) return createHash('sha256').digest();
  if (data.length === 1) return createHash('sha256').update(Uint8Array.of(0)).update(data[0]!).digest();
  let k = 1;
  while (k * 2 < data.length) k *= 2;
  return createHash('sha256').update(Uint8Array.of(1)).update(rootByDefinition(data.slice(0, k))).update(rootByDefinition(data.slice(k))).digest();
}

const dataList = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 });

test('published vectors: the root after each of the eight leaves, and of no leaf', () => {
  assert.equal(emptyTreeRoot().toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const frontier = new MerkleFrontier();
  for (const [index, leaf] of LEAVES.entries()) {
    frontier.append(hashLeaf(leaf));
    assert.equal(frontier.root().toString('hex'), ROOTS[index]);
    assert.equal(merkleRoot(LEAVES.slice(0, index + 1).map(hashLeaf)).toString('hex'), ROOTS[index]);
  }
});

test('published vectors: proofs of inclusion of leaf 0 of 8 and leaf 5 of 8', () => {
  const hashes = LEAVES.map(hashLeaf);
  const hex = (proof: readonly Buffer[]): string[] => proof.map((one) => one.toString('hex'));
  assert.deepEqual(hex(proveInclusion(hashes, 0)), [
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ]);
  assert.deepEqual(hex(proveInclusion(hashes, 5)), [
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ]);
});

test('the root of any list is the one of the definition', () => {
  fc.assert(fc.property(dataList, (data) => assert.deepEqual(merkleRoot(data.map(hashLeaf)), rootByDefinition(data))), { seed: 3, numRuns: 300 });
});

test('a frontier that is written down at any place and restored gives the same root', () => {
  fc.assert(
    fc.property(dataList, fc.nat(70), (data, at) => {
      const cut = Math.min(at, data.length);
      const first = new MerkleFrontier();
      first.appendAll(Buffer.concat(data.slice(0, cut).map(hashLeaf)));
      const second = MerkleFrontier.restore(first.serialise());
      assert.equal(second.leaves, cut);
      for (const one of data.slice(cut)) second.append(hashLeaf(one));
      assert.deepEqual(second.root(), rootByDefinition(data));
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('memory grows with the logarithm of the leaves', () => {
  const frontier = new MerkleFrontier();
  for (let leaf = 0; leaf < 4095; leaf++) frontier.append(hashLeaf(Buffer.from(String(leaf))));
  assert.equal(frontier.serialise().byteLength, 8 + 12 * TREE_HASH_BYTES);
});

test('what is no frontier is refused', () => {
  const frontier = new MerkleFrontier();
  for (const leaf of LEAVES.slice(0, 5)) frontier.append(hashLeaf(leaf));
  const whole = frontier.serialise();
  const refused = (bytes: Uint8Array): void => assert.throws(() => MerkleFrontier.restore(bytes), (error) => error instanceof MalformedError && error.code === 'frontier-damaged');
  refused(Buffer.alloc(0));
  refused(whole.subarray(0, 7));
  refused(whole.subarray(0, whole.length - 1));
  refused(Buffer.concat([whole, Buffer.alloc(32)]));
  refused(Buffer.alloc(8, 0xff));
});

test('a leaf hash that is not 32 bytes is refused', () => {
  assert.throws(() => new MerkleFrontier().append(Buffer.alloc(31)), RangeError);
  assert.throws(() => new MerkleFrontier().appendAll(Buffer.alloc(33)), RangeError);
});

test('the caller may use its leaf memory again', () => {
  const frontier = new MerkleFrontier();
  const memory = Buffer.from(hashLeaf(LEAVES[0]!));
  frontier.append(memory);
  memory.set(hashLeaf(LEAVES[1]!));
  frontier.append(memory);
  assert.equal(frontier.root().toString('hex'), ROOTS[1]);
});

test('every leaf of every tree up to 40 leaves is proved, with its own proof alone', () => {
  for (let leaves = 1; leaves <= 40; leaves++) {
    const hashes = Array.from({ length: leaves }, (_, leaf) => hashLeaf(Buffer.from([leaf])));
    const root = merkleRoot(hashes);
    for (let index = 0; index < leaves; index++) {
      const proof = proveInclusion(hashes, index);
      assert.ok(proof.length <= Math.ceil(Math.log2(leaves)));
      assert.ok(verifyInclusion(hashes[index]!, index, leaves, proof, root), `${index} of ${leaves}`);
      if (leaves > 1) {
        assert.ok(!verifyInclusion(hashes[(index + 1) % leaves]!, index, leaves, proof, root), 'another leaf');
        assert.ok(!verifyInclusion(hashes[index]!, (index + 1) % leaves, leaves, proof, root), 'another place');
        assert.ok(!verifyInclusion(hashes[index]!, index, leaves, proof.slice(1), root), 'a shorter proof');
      }
      assert.ok(!verifyInclusion(hashes[index]!, index, leaves, [...proof, root], root), 'a longer proof');
      assert.ok(!verifyInclusion(hashes[index]!, index, leaves, proof, hashNode(root, root)), 'another root');
    }
  }
});

test('a proof that ends below the root proves nothing, though the hash it reaches is given as the root', () => {
  const hashes = LEAVES.map(hashLeaf);
  const below = merkleRoot(hashes.slice(0, 4));
  assert.ok(!verifyInclusion(hashes[1]!, 1, 8, proveInclusion(hashes.slice(0, 4), 1), below));
  assert.ok(verifyInclusion(hashes[1]!, 1, 4, proveInclusion(hashes.slice(0, 4), 1), below));
});

test('a proof with any bit changed fails', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), fc.nat(), (leaves, at, bit) => {
      const hashes = Array.from({ length: leaves }, (_, leaf) => hashLeaf(Buffer.from([leaf])));
      const index = at % leaves;
      const joined = Buffer.concat(proveInclusion(hashes, index));
      joined[(bit >> 3) % joined.length]! ^= 1 << (bit & 7);
      const proof = Array.from({ length: joined.length / 32 }, (_, one) => joined.subarray(one * 32, one * 32 + 32));
      assert.ok(!verifyInclusion(hashes[index]!, index, leaves, proof, merkleRoot(hashes)));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('no proof for a leaf that is not there', () => {
  const hashes = LEAVES.map(hashLeaf);
  for (const index of [-1, 8, 0.5, Number.NaN]) {
    assert.throws(() => proveInclusion(hashes, index), RangeError);
    assert.ok(!verifyInclusion(hashes[0]!, index, 8, [], merkleRoot(hashes)));
  }
});

test('the split is the largest power of two below the number of leaves', () => {
  assert.deepEqual([2, 3, 4, 5, 8, 9, 1024, 1025].map(splitPoint), [1, 2, 2, 4, 4, 8, 512, 1024]);
});
