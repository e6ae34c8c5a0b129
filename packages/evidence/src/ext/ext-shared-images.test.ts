/** Images that others made, where they are at hand: our listing and content equal The Sleuth Kit's. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { contentOf, listTsk, missingTools, rawPath, readVolume, run, withTemporaryFolder } from './ext-test-images.ts';

const IMAGES = path.resolve(import.meta.dirname, '../../../../../shared/testdata/disk-images');
const skip = fs.existsSync(IMAGES) ? missingTools('fls', 'icat', 'ewfexport') : 'the shared test images are not beside the checkout';

/** Compares an image with one volume at its start. */
function assertEqualsTsk(image: string, least: number): void {
  const bytes = fs.readFileSync(image);
  const { items, problems } = readVolume(bytes);
  assert.deepEqual(problems, []);
  const { live, deleted } = listTsk(image);
  const ours = (state: string): string[] => items.filter((item) => item.state === state).map((item) => `${rawPath(item)} ${item.id} ${item.sizeBytes} ${item.times.modified?.seconds ?? 0}`).sort();
  const theirs = (list: typeof live): string[] => list.map((item) => `${item.path} ${item.inode} ${item.size} ${item.modified}`).sort();
  assert.deepEqual(ours('allocated'), theirs(live));
  assert.deepEqual(ours('deleted'), theirs(deleted));
  assert.ok(items.length >= least);
  for (const item of items.filter((one) => one.kind === 'file' && one.state === 'allocated')) {
    assert.ok(contentOf(bytes, item).equals(run('icat', [image, item.id])), rawPath(item));
  }
}

/** Bytes of an E01 as a raw file. */
function exportRaw(first: string, target: string): string {
  run('ewfexport', ['-u', '-q', '-f', 'raw', '-t', target, first]);
  return `${target}.raw`;
}

test('ext shared images: split raw', { skip }, () => {
  withTemporaryFolder((folder) => {
    const image = path.join(folder, 'joined');
    fs.writeFileSync(image, Buffer.concat(['000', '001'].map((part) => fs.readFileSync(path.join(IMAGES, `dfvfs-ext2.splitraw.${part}`)))));
    assertEqualsTsk(image, 5);
  });
});

test('ext shared images: E01', { skip }, () => {
  withTemporaryFolder((folder) => assertEqualsTsk(exportRaw(path.join(IMAGES, 'dfvfs-ext2.E01'), path.join(folder, 'image')), 5));
});

test('ext shared images: logical volume of a partitioned split E01', { skip }, () => {
  withTemporaryFolder((folder) => {
    const disk = exportRaw(path.join(IMAGES, 'plaso-image-split.E01'), path.join(folder, 'disk'));
    const lines = run('mmls', [disk]).toString().split('\n').filter((line) => /001:000.*Linux/.test(line));
    assert.equal(lines.length, 1);
    for (const [index, line] of lines.entries()) {
      const [, , start, , length] = line.trim().split(/\s+/);
      const image = path.join(folder, `volume-${index}`);
      fs.writeFileSync(image, fs.readFileSync(disk).subarray(Number(start) * 512, (Number(start) + Number(length)) * 512));
      assertEqualsTsk(image, 1);
    }
  });
});
