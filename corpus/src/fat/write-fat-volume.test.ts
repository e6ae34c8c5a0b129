import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CorpusFile } from '../corpus-file.ts';
import { makeFatVolume, writeFatVolume } from './write-fat-volume.ts';

const TREE: readonly CorpusFile[] = [
  { path: 'A.TXT', content: Buffer.from('plain'), modifiedAtSeconds: 1_600_000_000 },
  { path: 'DCIM/a long name.jpeg', content: Buffer.alloc(5000, 7), fragments: 3 },
  { path: 'DCIM/gone.jpg', content: Buffer.alloc(2000, 8), deleted: true },
];
const OPTIONS = { fatBits: 16, sizeBytes: 3 << 20, clusterSizeBytes: 512, label: 'TEST', seed: 1, tree: TREE } as const;

test('the same options give the same bytes, another seed another serial number', () => {
  const first = makeFatVolume(OPTIONS).image;
  assert.ok(first.equals(makeFatVolume(OPTIONS).image));
  assert.ok(!first.equals(makeFatVolume({ ...OPTIONS, seed: 2 }).image));
});

test('fragments are apart and hold the content in order', () => {
  const { image, map } = makeFatVolume(OPTIONS);
  const clusters = map.clusters.get('DCIM/a long name.jpeg')!;
  assert.equal(clusters.length, 10);
  const breaks = clusters.filter((cluster, index) => index > 0 && cluster !== clusters[index - 1]! + 1).length;
  assert.equal(breaks, 2);
  for (const cluster of clusters.slice(0, 9)) {
    const at = map.layout.dataOffset + (cluster - 2) * 512;
    assert.ok(image.subarray(at, at + 512).every((byte) => byte === 7));
  }
});

test('a deleted file keeps its bytes and loses its chain', () => {
  const { image, map } = makeFatVolume(OPTIONS);
  const [first] = map.clusters.get('DCIM/gone.jpg')!;
  assert.equal(image[map.layout.dataOffset + (first! - 2) * 512], 8);
  assert.equal(image.readUInt16LE(map.layout.reservedSectors * 512 + first! * 2), 0);
});

test('a cluster count of another type, and too much content, are refused', () => {
  assert.throws(() => makeFatVolume({ ...OPTIONS, fatBits: 12 }), /that is FAT16/);
  assert.throws(() => makeFatVolume({ ...OPTIONS, tree: [{ path: 'big', content: Buffer.alloc(4 << 20) }] }), /do not fit/);
  assert.throws(() => makeFatVolume({ ...OPTIONS, clusterSizeBytes: 1536 }), /power of two/);
});

test('a large volume is streamed to a file at an offset, sparse, and passes the checker', (context) => {
  if (spawnSync('fsck.vfat', ['-V']).error !== undefined) {
    assert.notEqual(process.env['KERBSIDE_REQUIRE_TOOLS'], '1', 'fsck.vfat is missing');
    return context.skip('fsck.vfat is missing');
  }
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-corpus-fat-'));
  const path = join(folder, 'card.img');
  const sizeBytes = 4 * 2 ** 30;
  const chunk = new Uint8Array(1 << 20).fill(3);
  const tree: CorpusFile[] = [
    { path: 'film.mp4', content: { sizeBytes: 20 << 20, *chunks() { for (let n = 0; n < 20; n++) yield chunk; } } },
    ...TREE,
  ];
  try {
    const file = openSync(path, 'w');
    ftruncateSync(file, sizeBytes);
    writeFatVolume({ fatBits: 32, sizeBytes, clusterSizeBytes: 32768, label: 'BIG', seed: 1, tree, sink: { write: (bytes, offset) => void writeSync(file, bytes, 0, bytes.length, offset) } });
    closeSync(file);
    execFileSync('fsck.vfat', ['-n', path], { timeout: 60_000 });
    assert.ok(statSync(path).blocks * 512 < 64 << 20, 'free space is not written');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
