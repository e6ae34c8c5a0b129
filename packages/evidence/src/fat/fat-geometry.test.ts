import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteView } from '@kerbside/bytes';
import { parseBootSector } from './fat-geometry.ts';

const GIB = 2 ** 30;

/** A boot sector with sectors of 512 bytes, one per cluster, and exactly `clusters` clusters. */
function bootSectorOf(clusters: number, wide: boolean): Buffer {
  const boot = Buffer.alloc(512);
  boot[0] = 0xeb;
  boot.writeUInt16LE(512, 11);
  boot[13] = 1;
  boot.writeUInt16LE(1, 14);
  boot[16] = 2;
  boot[21] = 0xf8;
  const fatSectors = 600;
  if (wide) boot.writeUInt32LE(fatSectors, 36);
  else {
    boot.writeUInt16LE(512, 17);
    boot.writeUInt16LE(fatSectors, 22);
  }
  boot.writeUInt32LE(1 + 2 * fatSectors + (wide ? 0 : 32) + clusters, 32);
  boot.writeUInt16LE(0xaa55, 510);
  return boot;
}

test('the type follows from the cluster count alone', () => {
  const kind = (clusters: number): string | undefined => parseBootSector(new ByteView(bootSectorOf(clusters, false)), GIB)?.kind;
  assert.equal(kind(4084), 'FAT12');
  assert.equal(kind(4085), 'FAT16');
  assert.equal(kind(65524), 'FAT16');
  // The text at 54, which some drivers believe, says nothing here.
  const misleading = bootSectorOf(4085, false);
  misleading.write('FAT12   ', 54, 'latin1');
  assert.equal(parseBootSector(new ByteView(misleading), GIB)?.kind, 'FAT16');
  assert.equal(parseBootSector(new ByteView(bootSectorOf(65525, true)), GIB)?.kind, 'FAT32');
});

test('a small volume without a fixed root can only be FAT32', () => {
  assert.equal(parseBootSector(new ByteView(bootSectorOf(3000, true)), GIB)?.kind, 'FAT32');
});

test('clusters without an entry in the table or the source are not counted on', () => {
  const boot = bootSectorOf(60000, false);
  boot.writeUInt16LE(10, 22);
  const geometry = parseBootSector(new ByteView(boot), GIB);
  assert.equal(geometry?.lastCluster, (10 * 512) / 2 - 1);
  const cut = parseBootSector(new ByteView(bootSectorOf(65524, false)), 512 + 1024);
  assert.equal(cut?.lastCluster, 511);
});

test('every impossible field is refused', () => {
  const spoil: [string, (boot: Buffer) => void][] = [
    ['sector size 0', (boot) => boot.writeUInt16LE(0, 11)],
    ['sector size 513', (boot) => boot.writeUInt16LE(513, 11)],
    ['sector size 8192', (boot) => boot.writeUInt16LE(8192, 11)],
    ['cluster of 3 sectors', (boot) => (boot[13] = 3)],
    ['cluster of 0 sectors', (boot) => (boot[13] = 0)],
    ['no reserved sector', (boot) => boot.writeUInt16LE(0, 14)],
    ['no table', (boot) => (boot[16] = 0)],
    ['media byte', (boot) => (boot[21] = 0x12)],
    ['no sectors', (boot) => boot.writeUInt32LE(0, 32)],
    ['neither jump nor signature', (boot) => boot.fill(0, 510).fill(0, 0, 3)],
    ['no root entries', (boot) => boot.writeUInt16LE(0, 17)],
  ];
  for (const [what, change] of spoil) {
    const boot = bootSectorOf(5000, false);
    change(boot);
    assert.equal(parseBootSector(new ByteView(boot), GIB), null, what);
  }
});
