import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRandom } from '../random.ts';
import type { ExfatFile } from './exfat-file.ts';
import { makeExfatVolume, writeExfatVolume } from './write-exfat-volume.ts';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const missing = spawnSync('fsck.exfat', ['-V'], { env }).error !== undefined;
const skip = missing && process.env.KERBSIDE_REQUIRE_TOOLS !== '1' ? 'fsck.exfat is not installed' : false;

const random = makeRandom(2);
function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  random.fill(bytes);
  return bytes;
}

const FILES: readonly ExfatFile[] = [
  { path: 'fixtures.txt', content: noise(700) },
  { path: 'empty', content: Buffer.alloc(0) },
  { path: 'ground/pitch.bin', content: noise(50_000), fragments: 6 },
  { path: 'ground/stand/seats.bin', content: noise(9_000), validBytes: 4_000 },
  { path: 'ground/gone.bin', content: noise(9_000), deleted: true, fragments: 2 },
  { path: 'ground/chained.bin', content: noise(9_000), chained: true },
  { path: 'left/gone too.bin', content: noise(2_000) },
  ...Array.from({ length: 70 }, (_, i): ExfatFile => ({ path: `many/a name of more than fifteen units ${i}`, content: noise(i) })),
];

for (const [clusterSizeBytes, sizeBytes, folderFragments] of [[512, 2 << 20, 1], [512, 2 << 20, 5], [4096, 4 << 20, 2], [131_072, 32 << 20, 1]] as const) {
  test(`fsck.exfat finds it clean: clusters of ${clusterSizeBytes}, folders in ${folderFragments}`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kerbside-corpus-exfat-'));
    try {
      const path = join(folder, 'volume.img');
      const file = openSync(path, 'w');
      ftruncateSync(file, sizeBytes);
      const options = { sizeBytes, clusterSizeBytes, label: 'CORPUS', seed: 9, tree: FILES, emptyFolders: ['void'], deletedFolders: ['left'], folderFragments };
      writeExfatVolume({ ...options, sink: { write: (bytes, offset) => void writeSync(file, bytes, 0, bytes.length, offset) } });
      closeSync(file);
      const check = spawnSync('fsck.exfat', ['-n', path], { env, encoding: 'utf8', timeout: 20_000 });
      assert.match(check.stdout, /clean\. directories 5, files 75/, check.stdout + check.stderr);
      assert.ok(readFileSync(path).equals(makeExfatVolume(options).image), 'the file and the buffer differ');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test('the same options give the same bytes, another seed another layout', () => {
  const make = (seed: number): Buffer => makeExfatVolume({ sizeBytes: 1 << 20, label: 'SAME', seed, tree: FILES }).image;
  assert.ok(make(1).equals(make(1)));
  assert.ok(!make(1).equals(make(2)));
});

test('what does not fit is refused', () => {
  const make = (sizeBytes: number, path: string): unknown => makeExfatVolume({ sizeBytes, label: 'FULL', seed: 1, tree: [{ path, content: noise(600_000) }] });
  assert.throws(() => make(512 << 10, 'a'), /volume full/);
  assert.throws(() => make(8 << 10, 'a'), /too small/);
  assert.throws(() => make(1 << 20, 'a//b'), /empty name/);
  assert.throws(() => make(1 << 20, 'x'.repeat(256)), /1 to 255 units/);
});
