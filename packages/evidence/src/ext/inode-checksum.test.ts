import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeImage, missingTools, readVolume, withTemporaryFolder } from './ext-test-images.ts';

const MIB = 1024 * 1024;

/** Offset of the inode of a file, found by its size; the only one in the image. */
function inodeBySize(image: Buffer, sizeBytes: number): number {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(sizeBytes);
  for (let at = image.indexOf(size); at >= 0; at = image.indexOf(size, at + 1)) {
    if (at % 128 === 4 && image.readUInt16LE(at - 4) >> 12 === 8) return at - 4;
  }
  throw new Error('no such inode');
}

for (const [name, options] of [
  ['inodes of 128 bytes', ['-I', '128']],
  ['inodes of 256 bytes', ['-I', '256']],
  ['a seed of its own', ['-I', '512', '-O', 'metadata_csum_seed']],
] as const) {
  test(`an inode that fails its checksum is told, and a sound one is not: ${name}`, { skip: missingTools('mke2fs') }, () => {
    withTemporaryFolder((folder) => {
      const tree = path.join(folder, 'tree');
      fs.mkdirSync(tree);
      fs.writeFileSync(path.join(tree, 'goal.jpg'), Buffer.alloc(54_321, 'goal'));
      fs.symlinkSync('goal.jpg', path.join(tree, 'link'));
      const imagePath = path.join(folder, 'image');
      makeImage(imagePath, 8 * MIB, ['-t', 'ext4', '-O', 'metadata_csum', ...options], tree);
      const image = fs.readFileSync(imagePath);
      assert.deepEqual(readVolume(image).problems, []);
      const at = inodeBySize(image, 54_321);
      // Its size, its generation, the place of its first extent.
      for (const byte of [4, 0x64, 0x28 + 20]) {
        const changed = Buffer.from(image);
        changed[at + byte]! ^= 1;
        const { problems } = readVolume(changed);
        assert.deepEqual(problems.filter(({ code }) => code === 'ext-inode-checksum').map(({ where }) => where.path), ['p1/goal.jpg'], `byte ${byte}`);
      }
    });
  });
}
