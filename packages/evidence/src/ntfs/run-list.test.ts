import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { appendRuns, NOWHERE, RunTable, SPARSE } from './run-list.ts';

function decode(bytes: readonly number[]) {
  const table = new RunTable();
  const sound = appendRuns(table, Uint8Array.from(bytes), 0, bytes.length);
  return { sound, runs: Array.from({ length: table.count }, (_, i) => [table.clusterAt[i], table.length[i]]), clusters: table.clusters };
}

/** A plain writer of run lists for the round trip. */
function encode(runs: readonly (readonly [number | null, number])[]): number[] {
  const out: number[] = [];
  let before = 0;
  for (const [cluster, length] of runs) {
    const lengthBytes = littleEndian(BigInt(length), false);
    const offsetBytes = cluster === null ? [] : littleEndian(BigInt(cluster - before), true);
    out.push(lengthBytes.length | (offsetBytes.length << 4), ...lengthBytes, ...offsetBytes);
    before = cluster ?? before;
  }
  return [...out, 0];
}

function littleEndian(value: bigint, signed: boolean): number[] {
  for (let bytes = 1; ; bytes++) {
    const bits = BigInt(bytes * 8);
    const fits = signed ? BigInt.asIntN(Number(bits), value) === value : BigInt.asUintN(Number(bits), value) === value;
    if (fits) return Array.from({ length: bytes }, (_, i) => Number((BigInt.asUintN(64, value) >> BigInt(i * 8)) & 0xffn));
  }
}

test('the list of the NTFS documentation: forward, back, sparse', () => {
  assert.deepEqual(decode([0x21, 0x18, 0x34, 0x56, 0x11, 0x08, 0xf0, 0x01, 0x05, 0x00]), {
    sound: true,
    runs: [[0x5634, 0x18], [0x5624, 8], [SPARSE, 5]],
    clusters: 0x18 + 8 + 5,
  });
});

test('any runs come back', () => {
  const run = fc.tuple(fc.option(fc.nat(2 ** 40)), fc.integer({ min: 1, max: 2 ** 36 }));
  fc.assert(
    fc.property(fc.array(run, { maxLength: 40 }), (runs) => {
      const read = decode(encode(runs));
      assert.deepEqual(read.runs, runs.map(([cluster, length]) => [cluster ?? SPARSE, length]));
      assert.ok(read.sound);
    }),
  );
});

test('eight-byte fields keep small negative steps exact', () => {
  const bytes = [0x81, 4, 0x64, 0, 0, 0, 0, 0, 0, 0, 0x81, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];
  assert.deepEqual(decode(bytes).runs, [[100, 4], [99, 4]]);
});

test('what makes no sense ends the list and keeps what stood before', () => {
  for (const bad of [[0xf1, 1], [0x10, 5], [0x11, 0, 1], [0x19, 1], [0x18, 255, 255, 255, 255, 255, 255, 255, 127, 1], [0x13, 1]]) {
    const read = decode([0x11, 2, 10, ...bad]);
    assert.deepEqual([read.sound, read.runs], [false, [[10, 2]]]);
  }
  assert.deepEqual(decode([0x11, 2, 0x80, 0]).runs, [[NOWHERE, 2]]);
});

test('any bytes at all: no throw, no more runs than bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { maxLength: 300 }), (bytes) => {
      const read = decode(bytes);
      assert.ok(read.runs.length <= bytes.length / 2 && Number.isSafeInteger(read.clusters));
    }),
    { numRuns: 500 },
  );
});
