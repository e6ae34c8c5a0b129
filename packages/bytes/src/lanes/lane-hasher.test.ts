import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLaneHasher, isKernelTrue, MAX_LANE_INPUT_BYTES } from './create-lane-hasher.ts';
import { CODE_BYTES, CODE_PURPOSE, keyedCode } from './keyed-code.ts';
import type { LaneHasher } from './lane-hasher.ts';
import { createLaneKernel } from './lane-kernel.ts';
import { KEY_SLOTS, LAYOUT, WINDOW_BLOCKS } from './lane-layout.ts';
import { createScalarHasher } from './scalar-hasher.ts';

const CAPACITY = 300_000;
const content = randomBytes(CAPACITY);
const simd = createLaneHasher(CAPACITY);
const scalar = createScalarHasher(CAPACITY);
simd.input.set(content);
scalar.input.set(content);

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

/** What `md5Blocks` must give. */
function plainBlocks(at: number, strideBytes: number, blockBytes: number, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => md5(content.subarray(at + i * strideBytes, at + i * strideBytes + blockBytes))));
}

function assertSame(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(Buffer.from(actual).toString('hex'), Buffer.from(expected).toString('hex'), what);
}

test('lanes run here, and the input is as large as asked', () => {
  assert.equal(simd.kind, 'simd');
  assert.equal(simd.input.byteLength, CAPACITY);
  assert.equal(scalar.kind, 'scalar');
});

test('every count of blocks from 0 to 40, at every offset of a sixteen-byte line', () => {
  for (let count = 0; count <= 40; count++) {
    assertSame(simd.md5Blocks(count % 17, 4096, 4096, count), plainBlocks(count % 17, 4096, 4096, count), `${count} blocks`);
    assertSame(simd.md5Blocks(count * 3 + 1, 512, 512, count), plainBlocks(count * 3 + 1, 512, 512, count), `${count} sectors`);
  }
});

test('blocks of every length of whole steps to 4 KiB', () => {
  for (let blockBytes = 64; blockBytes <= 4096; blockBytes += 64) {
    assertSame(simd.md5Blocks(5, blockBytes + 1, blockBytes, 19), plainBlocks(5, blockBytes + 1, blockBytes, 19), `${blockBytes} bytes`);
  }
});

test('law: any place, stride, length and count give what node:crypto gives, and so do the codes', () => {
  const call = fc.record({ at: fc.nat(1000), strideBytes: fc.nat(6000), steps: fc.integer({ min: 1, max: 70 }), count: fc.integer({ min: 1, max: 45 }), key: fc.uint8Array({ minLength: 32, maxLength: 32 }) });
  fc.assert(
    fc.property(call, ({ at, strideBytes, steps, count, key }) => {
      const blockBytes = steps * 64;
      for (const hasher of [simd, scalar]) {
        const digests = hasher.md5Blocks(at, strideBytes, blockBytes, count);
        assertSame(digests, plainBlocks(at, strideBytes, blockBytes, count), hasher.kind);
        assertSame(hasher.codesOfBlocks(key, count), codesOf(key, digests), hasher.kind);
      }
    }),
    { numRuns: 150 },
  );
});

function codesOf(key: Uint8Array, digests: Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: digests.byteLength / 16 }, (_, i) => keyedCode(key, CODE_PURPOSE.blockMd5, digests.subarray(i * 16, i * 16 + 16))));
}

test('codes of every count up to 40, and of fewer digests than there are', () => {
  const key = randomBytes(32);
  const digests = Uint8Array.from(simd.md5Blocks(1, 100, 64, 40));
  for (let count = 0; count <= 40; count++) assertSame(simd.codesOfBlocks(key, count), codesOf(key, digests.subarray(0, count * 16)), `${count} codes`);
  assertSame(digests, simd.md5Blocks(1, 100, 64, 40), 'digests are left as they were');
});

test('more keys than are kept, in any order, and a key whose array is written over', () => {
  const keys = Array.from({ length: KEY_SLOTS * 2 + 3 }, () => randomBytes(32));
  const digests = Uint8Array.from(simd.md5Blocks(0, 64, 64, 9));
  for (const key of [...keys, ...keys.toReversed(), ...keys]) assertSame(simd.codesOfBlocks(key, 9), codesOf(key, digests), 'key');
  const reused = randomBytes(32);
  simd.codesOfBlocks(reused, 9);
  reused[31]! ^= 1;
  assertSame(simd.codesOfBlocks(reused, 9), codesOf(reused, digests), 'changed key');
});

test('more blocks than a window holds: digests and codes', () => {
  const count = WINDOW_BLOCKS * 2 + 21;
  const key = randomBytes(32);
  const digests = simd.md5Blocks(7, 65, 128, count);
  assertSame(digests, plainBlocks(7, 65, 128, count), 'digests');
  assertSame(simd.codesOfBlocks(key, count), codesOf(key, digests), 'codes');
  assert.equal(simd.codesOfBlocks(key, count).byteLength, count * CODE_BYTES);
});

for (const hasher of [simd, scalar]) {
  test(`${hasher.kind}: a block or content outside the input, a part of a step, and too many codes are refused`, () => {
    const refused = (call: (hasher: LaneHasher) => void): void => assert.throws(() => call(hasher), RangeError);
    hasher.md5Blocks(CAPACITY - 4096, 0, 4096, 3);
    refused((h) => h.md5Blocks(CAPACITY - 4095, 0, 4096, 1));
    refused((h) => h.md5Blocks(0, 4096, 4096, 74));
    refused((h) => h.md5Blocks(-64, 64, 64, 1));
    refused((h) => h.md5Blocks(0, -64, 64, 2));
    refused((h) => h.md5Blocks(0, 64, 100, 2));
    refused((h) => h.md5Blocks(0, 64, 0, 2));
    refused((h) => h.md5Blocks(0.5, 64, 64, 2));
    refused((h) => h.codesOfBlocks(randomBytes(32), 4));
    refused((h) => h.codesOfBlocks(randomBytes(31), 1));
    refused((h) => h.md5Contents([0, CAPACITY - 5], [1, 6], 2));
    refused((h) => h.md5Contents([0], [1], 2));
    refused((h) => h.md5Contents([-1], [1], 1));
  });
}

test('a capacity that is no whole number of bytes, or beyond the bound, is refused', () => {
  for (const capacity of [0, -1, 1.5, Number.NaN, MAX_LANE_INPUT_BYTES + 1]) assert.throws(() => createLaneHasher(capacity), RangeError);
  assert.equal(createLaneHasher(1).input.byteLength, 1);
});

test('the self-test passes a good kernel and sees one wrong bit in any constant', () => {
  assert.ok(isKernelTrue(createLaneKernel(32 * 1024)));
  const faults = [LAYOUT.md5Constants, LAYOUT.md5Constants + 63 * 16 + 12, LAYOUT.md5Start + 16, LAYOUT.sha256Constants + 40 * 16, LAYOUT.innerWords + 15 * 16 + 4, LAYOUT.outerWords + 8 * 16];
  for (const at of faults) {
    const kernel = createLaneKernel(32 * 1024);
    kernel.words[at / 4]! ^= 1 << (at % 31);
    assert.ok(!isKernelTrue(kernel), `a wrong bit at ${at} passed`);
  }
});
