/** Volumes of our own writer read the same here and in The Sleuth Kit, deleted names included. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeRandom, writeExtVolume, type CorpusFile } from '@kerbside/corpus';
import { contentOf, listTsk, missingTools, rawPath, readVolume, withTemporaryFolder } from './ext-test-images.ts';

const MIB = 1024 * 1024;

function tree(seed: number): CorpusFile[] {
  const random = makeRandom(seed);
  return Array.from({ length: 400 }, (_, i) => {
    const content = Buffer.alloc(random.below(20_000));
    random.fill(content);
    return {
      path: `${'folder/'.repeat(i % 4)}${i % 13}/picture-${i}.jpg`, content, fragments: 1 + random.below(8), deleted: i % 10 === 3, modifiedAtSeconds: 1_600_000_000 + i,
    };
  });
}

for (const variant of ['ext2', 'ext4'] as const) {
  for (const blockSizeBytes of [1024, 4096] as const) {
    test(`ext corpus: ${variant} with ${blockSizeBytes}-byte blocks`, { skip: missingTools('fls') }, () => {
      withTemporaryFolder((folder) => {
        const image = Buffer.alloc(20 * MIB);
        const files = tree(blockSizeBytes);
        writeExtVolume({ variant, blockSizeBytes, label: 'corpus', seed: 2, tree: files, sizeBytes: image.length, sink: { write: (bytes, offset) => image.set(bytes, offset) } });
        const { items, problems, kind } = readVolume(image);
        assert.equal(kind, variant);
        assert.deepEqual(problems, []);
        const byPath = new Map(items.map((item) => [rawPath(item), item]));
        for (const file of files) {
          const item = byPath.get(file.path)!;
          assert.equal(item.state, file.deleted === true ? 'deleted' : 'allocated');
          assert.equal(item.times.modified?.seconds, file.modifiedAtSeconds);
          if (variant === 'ext2' || file.deleted !== true) assert.ok(contentOf(image, item).equals(file.content as Buffer), file.path);
        }
        const imagePath = path.join(folder, 'image');
        fs.writeFileSync(imagePath, image);
        const { live, deleted } = listTsk(imagePath);
        const ours = (isLive: boolean): string[] => items.filter((item) => (item.state === 'allocated') === isLive).map((item) => `${rawPath(item)} ${item.id} ${item.sizeBytes}`).sort();
        assert.deepEqual(ours(true), live.map((item) => `${item.path} ${item.inode} ${item.size}`).sort());
        assert.deepEqual(ours(false), deleted.map((item) => `${item.path} ${item.inode} ${item.size}`).sort());
      });
    });
  }
}
