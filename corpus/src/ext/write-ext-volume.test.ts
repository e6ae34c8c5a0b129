import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { CorpusFile } from '../corpus-file.ts';
import { writeExtVolume, type ExtVolumeOptions } from './write-ext-volume.ts';

const MIB = 1024 * 1024;

function missing(program: string): string | false {
  const found = ['/usr/sbin', '/usr/bin', '/sbin'].some((folder) => fs.existsSync(path.join(folder, program)));
  return found || process.env['KERBSIDE_REQUIRE_TOOLS'] === '1' ? false : `not installed: ${program}`;
}

function tree(): CorpusFile[] {
  const files: CorpusFile[] = [{ path: 'empty', content: Buffer.alloc(0) }];
  for (let i = 0; i < 200; i++) {
    files.push({ path: `pictures/${i % 7}/picture-${i}.jpg`, content: Buffer.alloc(i * 61, i), fragments: 1 + (i % 3), deleted: i % 11 === 5 });
  }
  files.push({ path: 'many-pieces', content: Buffer.alloc(900 * 1024, 'abc'), fragments: 400 });
  files.push({ path: 'large', content: { sizeBytes: 3 * MIB + 5, chunks: () => [Buffer.alloc(2 * MIB, 1), Buffer.alloc(MIB + 5, 2)] } });
  return files;
}

function write(options: Omit<ExtVolumeOptions, 'sink' | 'label' | 'seed' | 'tree'>): Buffer {
  const image = Buffer.alloc(options.sizeBytes);
  writeExtVolume({ ...options, label: 'made', seed: 7, tree: tree(), sink: { write: (bytes, offset) => image.set(bytes, offset) } });
  return image;
}

for (const variant of ['ext2', 'ext4'] as const) {
  for (const blockSizeBytes of [1024, 2048, 4096] as const) {
    test(`writeExtVolume: ${variant} with ${blockSizeBytes}-byte blocks passes e2fsck`, { skip: missing('e2fsck') }, () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kerbside-ext-'));
      try {
        const image = path.join(folder, 'image');
        fs.writeFileSync(image, write({ variant, blockSizeBytes, sizeBytes: 20 * MIB }));
        const check = spawnSync('/usr/sbin/e2fsck', ['-fn', image], { encoding: 'utf8' });
        assert.equal(check.status, 0, check.stdout);
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    });
  }
}

test('writeExtVolume: the same seed gives the same bytes', () => {
  const options = { variant: 'ext4', blockSizeBytes: 1024, sizeBytes: 12 * MIB } as const;
  assert.ok(write(options).equals(write(options)));
});

test('writeExtVolume: a volume that is too small is refused', () => {
  assert.throws(() => write({ variant: 'ext2', blockSizeBytes: 1024, sizeBytes: 2 * MIB }), RangeError);
});
