import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemorySource, type ByteRange } from '@kerbside/bytes';
import type { FatGeometry } from './fat-geometry.ts';
import { BAD_CLUSTER, END_OF_CHAIN, FREE_CLUSTER, openFatTable } from './fat-table.ts';

const FAT_BYTES = 4096;

function geometryOf(entryBits: 12 | 16 | 32, lastCluster: number): FatGeometry {
  return {
    kind: `FAT${entryBits}`,
    entryBits,
    sectorSizeBytes: 512,
    clusterSizeBytes: 512,
    mediaByte: 0xf8,
    fatOffset: 512,
    fatSizeBytes: FAT_BYTES,
    fatCount: 2,
    onlyFat: null,
    inodeBaseOffset: 512 + 2 * FAT_BYTES,
    fixedRootBytes: 0,
    rootCluster: 2,
    dataOffset: 512 + 2 * FAT_BYTES,
    declaredLastCluster: lastCluster,
    lastCluster,
    declaredBytes: 1 << 20,
    bootLabel: null,
    backupSector: 0,
  };
}

/** Both copies of a table with these values, in an image. */
function imageOf(entryBits: 12 | 16 | 32, values: readonly number[]): Buffer {
  const image = Buffer.alloc(512 + 2 * FAT_BYTES);
  const all = [entryBits === 12 ? 0xff8 : entryBits === 16 ? 0xfff8 : 0x0ffffff8, 0x0fffffff, ...values];
  all.forEach((value, index) => {
    if (entryBits === 32) image.writeUInt32LE(value, 512 + index * 4);
    else if (entryBits === 16) image.writeUInt16LE(value & 0xffff, 512 + index * 2);
    else {
      const at = 512 + ((index * 3) >> 1);
      const pair = image.readUInt16LE(at);
      image.writeUInt16LE(index % 2 === 0 ? (pair & 0xf000) | (value & 0xfff) : (pair & 0x000f) | ((value & 0xfff) << 4), at);
    }
  });
  image.copyWithin(512 + FAT_BYTES, 512, 512 + FAT_BYTES);
  return image;
}

test('12-bit entries are read right, also where one crosses the edge of a sector', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xff6 }), { minLength: 700, maxLength: 1000 }), (values) => {
      const table = openFatTable(new MemorySource(imageOf(12, values)), geometryOf(12, values.length + 1));
      values.forEach((value, index) => assert.equal(table.entry(index + 2), value));
    }),
    { numRuns: 30 },
  );
});

test('free, bad and end marks are the same for all widths', () => {
  for (const [bits, bad, end] of [[12, 0xff7, 0xff8], [16, 0xfff7, 0xffff], [32, 0x0ffffff7, 0x0ffffff8]] as const) {
    const table = openFatTable(new MemorySource(imageOf(bits, [0, bad, end, 5])), geometryOf(bits, 5));
    assert.deepEqual([2, 3, 4, 5].map((cluster) => table.entry(cluster)), [FREE_CLUSTER, BAD_CLUSTER, END_OF_CHAIN, 5]);
  }
});

test('the upper four bits of a 32-bit entry do not count', () => {
  const table = openFatTable(new MemorySource(imageOf(32, [0xf0000003])), geometryOf(32, 5));
  assert.equal(table.entry(2), 3);
});

test('a wiped or garbled sector of the first copy is taken from the second, and counted', () => {
  const values = Array.from({ length: 900 }, (_, index) => index + 3);
  for (const fill of [0x00, 0xaa]) {
    const image = imageOf(32, values);
    image.fill(fill, 512, 1024);
    const table = openFatTable(new MemorySource(image), geometryOf(32, values.length + 2));
    assert.equal(table.entry(10), 11);
    assert.deepEqual(table.damage(), { replacedSectors: 1, differingSectors: 0, unreadableBytes: 0 });
  }
});

test('where both copies look sound the first is kept and the difference counted', () => {
  const image = imageOf(32, Array.from({ length: 900 }, (_, index) => index + 3));
  image.writeUInt32LE(77, 512 + FAT_BYTES + 40);
  const table = openFatTable(new MemorySource(image), geometryOf(32, 902));
  assert.equal(table.entry(10), 11);
  assert.deepEqual(table.damage(), { replacedSectors: 0, differingSectors: 1, unreadableBytes: 0 });
});

test('sectors that cannot be read come from the other copy, or count as unreadable', () => {
  const image = imageOf(16, Array.from({ length: 900 }, (_, index) => index + 3));
  const source = (bad: readonly ByteRange[]) => {
    const memory = new MemorySource(image);
    return {
      sizeBytes: memory.sizeBytes,
      originOffset: 0,
      readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
        memory.readInto(target, offset);
        return bad.filter((range) => range.offset < offset + target.length && range.offset + range.length > offset);
      },
      close() {},
    };
  };
  const first = { offset: 512, length: 512 };
  const healed = openFatTable(source([first]), geometryOf(16, 901));
  assert.equal(healed.entry(10), 11);
  assert.equal(healed.damage().replacedSectors, 1);
  const lost = openFatTable(source([first, { offset: 512 + FAT_BYTES, length: 512 }]), geometryOf(16, 901));
  lost.entry(10);
  assert.equal(lost.damage().unreadableBytes, 512);
});
