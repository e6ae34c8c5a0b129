import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteView } from '@kerbside/bytes';
import fc from 'fast-check';
import { parseBootRecord } from './boot-record.ts';

function bootRecord(edit: (bytes: Buffer) => void = () => {}): ByteView {
  const bytes = Buffer.alloc(512);
  bytes.write('NTFS    ', 3, 'latin1');
  bytes.writeUInt16LE(512, 0x0b);
  bytes[0x0d] = 8;
  bytes.writeBigUInt64LE(100_000n, 0x28);
  bytes.writeBigUInt64LE(4n, 0x30);
  bytes.writeBigUInt64LE(2n, 0x38);
  bytes[0x40] = 0xf6;
  bytes.writeUInt16LE(0xaa55, 0x1fe);
  edit(bytes);
  return new ByteView(bytes);
}

test('figures as Windows writes them', () => {
  assert.deepEqual(parseBootRecord(bootRecord()), {
    sectorSizeBytes: 512,
    clusterSizeBytes: 4096,
    claimedBytes: 51_200_000,
    mftCluster: 4,
    mirrorCluster: 2,
    recordSizeBytes: 1024,
  });
});

test('record and cluster sizes in both codings', () => {
  const sizes = (perCluster: number, perRecord: number, sector = 512) => {
    const read = parseBootRecord(bootRecord((bytes) => {
      bytes.writeUInt16LE(sector, 0x0b);
      bytes[0x0d] = perCluster;
      bytes[0x40] = perRecord;
    }));
    return read && [read.clusterSizeBytes, read.recordSizeBytes];
  };
  assert.deepEqual(sizes(1, 2), [512, 1024]);
  assert.deepEqual(sizes(1, 1, 4096), [4096, 4096]);
  assert.deepEqual(sizes(0xf4, 0xf4), [2 * 1024 * 1024, 4096]);
  for (const wrong of [sizes(0, 0xf6), sizes(3, 0xf6), sizes(0xf0, 0xf6), sizes(8, 0), sizes(8, 0xe0), sizes(8, 3), sizes(8, 0xf6, 100), sizes(8, 0xf6, 0)]) {
    assert.equal(wrong, null);
  }
});

test('any bytes at all: null or sane figures, never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 90, maxLength: 90 }), (noise) => {
      const read = parseBootRecord(bootRecord((bytes) => bytes.set(noise.subarray(11), 11)));
      assert.ok(read === null || (read.clusterSizeBytes >= 256 && read.recordSizeBytes >= 512 && read.recordSizeBytes <= 65_536));
    }),
  );
  assert.equal(parseBootRecord(new ByteView(Buffer.alloc(511))), null);
});
