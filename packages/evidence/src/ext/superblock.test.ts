import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeExtVolume } from '@kerbside/corpus';
import fc from 'fast-check';
import { extKind, unsupportedFeatures } from './feature-flags.ts';
import { firstBlockOfGroup, groupHasSuperblock, parseSuperblock } from './superblock.ts';

const SIZE = 24 * 1024 * 1024;

function superblockBytes(): Buffer {
  const image = Buffer.alloc(SIZE);
  writeExtVolume({ variant: 'ext4', blockSizeBytes: 1024, label: 'Holiday', seed: 1, tree: [], sizeBytes: SIZE, sink: { write: (bytes, offset) => image.set(bytes, offset) } });
  return Buffer.from(image.subarray(1024, 2048));
}

test('parseSuperblock: the fields of a sound one', () => {
  const superblock = parseSuperblock(superblockBytes(), SIZE)!;
  assert.equal(superblock.blockSizeBytes, 1024);
  assert.equal(superblock.groupCount, 3);
  assert.equal(superblock.inodeSizeBytes, 256);
  assert.equal(Buffer.from(superblock.labelBytes).toString(), 'Holiday');
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 25, 27, 49].map((group) => groupHasSuperblock(superblock, group)), [true, true, false, true, false, true, false, true, false, true, true, true, true]);
  assert.equal(firstBlockOfGroup(superblock, 2), 16_385);
});

test('parseSuperblock: what cannot be is refused', () => {
  const changed = (at: number, value: number): Buffer => {
    const bytes = superblockBytes();
    bytes.writeUInt32LE(value, at);
    return bytes;
  };
  for (const [at, value] of [[0x38, 0], [0x18, 7], [0x20, 0], [0x20, 0xffff], [0x28, 0], [0x28, 0xffff_ffff], [0x14, 2], [0x58, 100], [0x58, 2048]] as const) {
    assert.equal(parseSuperblock(changed(at, value), SIZE), null, `0x${at.toString(16)} = ${value}`);
  }
});

test('parseSuperblock: any change leaves counts that the volume can hold', () => {
  const sound = superblockBytes();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1020), fc.nat(0xffff_ffff)), { maxLength: 4 }), (changes) => {
      const bytes = Buffer.from(sound);
      for (const [at, value] of changes) bytes.writeUInt32LE(value, at);
      const superblock = parseSuperblock(bytes, SIZE);
      if (superblock === null) return;
      assert.ok(superblock.groupCount >= 1 && superblock.inodeCount >= 1);
      assert.ok(superblock.groupCount === 1 || superblock.inodeCount * superblock.inodeSizeBytes <= SIZE);
    }),
    { numRuns: 300 },
  );
});

test('extKind and unsupportedFeatures', () => {
  assert.equal(extKind(0, 2, 1), 'ext2');
  assert.equal(extKind(4, 6, 3), 'ext3');
  assert.equal(extKind(4, 0x242, 0x7b), 'ext4');
  assert.deepEqual(unsupportedFeatures(0x3_e7d6), []);
  assert.deepEqual(unsupportedFeatures(0x8000_0008), ['external journal device', 'unknown feature bits 0x80000000']);
});
