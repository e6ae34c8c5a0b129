import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { MemorySource, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import fc from 'fast-check';
import type { Extent, ItemContent } from './item.ts';
import { openItemSource } from './item-source.ts';
import { readContent } from './read-content.ts';

const DISK = Uint8Array.from({ length: 20_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);

/** Three stored literals and a back-reference: unpacks to 4,096 bytes or less, padded with zeros. */
const LZNT1 = Uint8Array.from([0x05, 0xb0, 0x08, 0x61, 0x62, 0x63, 0xfc, 0x0f]);

const extentArb: fc.Arbitrary<Extent> = fc.oneof(
  fc.record({ kind: fc.constant('data' as const), sourceOffset: fc.nat(19_000), length: fc.integer({ min: 1, max: 900 }) }),
  fc.record({ kind: fc.constant('hole' as const), sourceOffset: fc.constant(-1), length: fc.integer({ min: 1, max: 900 }) }),
  fc.record({ kind: fc.constant('uninitialised' as const), sourceOffset: fc.nat(19_000), length: fc.integer({ min: 1, max: 900 }) }),
  fc.constant({ kind: 'compressed-unit' as const, sourceOffset: 100, length: 4096, stored: [{ sourceOffset: 100, length: LZNT1.length }] }),
);

test('any range of any item gives the bytes that a reading in order gives', () => {
  const disk = Uint8Array.from(DISK);
  disk.set(LZNT1, 100);
  const source = new MemorySource(disk);
  fc.assert(
    fc.property(fc.array(extentArb, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(), (extents, from, count) => {
      const sizeBytes = extents.reduce((sum, { length }) => sum + length, 0);
      const content: ItemContent = { form: 'extents', extents };
      const whole = Buffer.concat([...readContent(source, { content, sizeBytes }, 'system')].map(({ bytes }) => Buffer.from(bytes)));
      const item = openItemSource(source, { content, sizeBytes });
      const offset = from % sizeBytes;
      const target = new Uint8Array(Math.min(count % 3000, sizeBytes - offset));
      item.readInto(target, offset);
      assert.deepEqual(Buffer.from(target), whole.subarray(offset, offset + target.byteLength));
    }),
  );
});

test('what the medium cannot give is named by its place in the item', () => {
  const failing: RandomAccessSource = {
    sizeBytes: 10_000,
    originOffset: 0,
    readInto(target, offset): readonly ByteRange[] {
      target.fill(1);
      const from = Math.max(offset, 4096);
      const to = Math.min(offset + target.byteLength, 4608);
      return to > from ? [{ offset: from, length: to - from }] : [];
    },
    close: () => undefined,
  };
  const item = openItemSource(failing, { content: { form: 'extents', extents: [{ kind: 'hole', sourceOffset: -1, length: 100 }, { kind: 'data', sourceOffset: 4000, length: 1000 }] }, sizeBytes: 1100 });
  assert.deepEqual(item.readInto(new Uint8Array(1100), 0), [{ offset: 196, length: 512 }]);
  assert.deepEqual(item.readInto(new Uint8Array(50), 300), [{ offset: 300, length: 50 }]);
  const outside = openItemSource(failing, { content: { form: 'extents', extents: [{ kind: 'data', sourceOffset: 9_990, length: 20 }] }, sizeBytes: 20 });
  assert.deepEqual(outside.readInto(new Uint8Array(20), 0), [{ offset: 10, length: 10 }]);
  assert.throws(() => outside.readInto(new Uint8Array(2), 19), { code: 'read-outside-source' });
});

test('a file of a folder: its bytes; another length than listed, or gone, is refused with its reason', () => {
  const folder = mkdtempSync(join(tmpdir(), 'item-source-'));
  try {
    const path = join(folder, 'a.bin');
    writeFileSync(path, DISK);
    const content: ItemContent = { form: 'host-file', hostPath: Buffer.from(path) };
    const item = openItemSource(null, { content, sizeBytes: DISK.length });
    const target = new Uint8Array(500);
    assert.deepEqual(item.readInto(target, 1234), []);
    assert.deepEqual(target, DISK.subarray(1234, 1734));
    item.close();
    item.close();
    assert.throws(() => openItemSource(null, { content, sizeBytes: 5 }), { code: 'host-file-changed' });
    assert.throws(() => openItemSource(null, { content: { form: 'host-file', hostPath: Buffer.from(join(folder, 'b')) }, sizeBytes: 5 }), { code: 'host-file-not-opened' });
    assert.throws(() => openItemSource(null, { content: { form: 'host-file', hostPath: Buffer.from(folder) }, sizeBytes: 5 }), { code: 'host-file-not-regular' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
