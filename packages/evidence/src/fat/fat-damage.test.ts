import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeFatVolume, makeRandom, type CorpusFile } from '@kerbside/corpus';
import { fatFormat } from './fat-format.ts';
import { codesOf, contentOf, entryOffsetOf, listImage, volumeOf, type Listing } from './listing-for-tests.ts';

const CLUSTER_BYTES = 512;
const PICTURES: readonly CorpusFile[] = Array.from({ length: 600 }, (_, number) => {
  const content = Buffer.alloc(200 + number * 3);
  makeRandom(number).fill(content);
  return { path: `DCIM/10${number % 3}CANON/IMG_${1000 + number}.JPG`, content, modifiedAtSeconds: 1_700_000_000 + number * 60 };
});
const OTHERS: readonly CorpusFile[] = [{ path: 'MISC/readme first.txt', content: Buffer.from('offside') }];
const { image: SOUND, map: MAP } = makeFatVolume({
  fatBits: 32,
  sizeBytes: 40 << 20,
  clusterSizeBytes: CLUSTER_BYTES,
  label: 'CAMERA',
  seed: 1,
  tree: [...PICTURES, ...OTHERS],
});
const { layout } = MAP;
const FAT_OFFSET = layout.reservedSectors * 512;

function offsetOfCluster(cluster: number): number {
  return layout.dataOffset + (cluster - 2) * CLUSTER_BYTES;
}

/** Makes the entry of a folder lead to another cluster. */
function pointFolderAt(image: Buffer, path: string, cluster: number): void {
  const item = listImage(SOUND).byPath.get(path);
  assert.ok(item !== undefined);
  const at = entryOffsetOf(item, layout.dataOffset);
  image.writeUInt16LE(cluster >>> 16, at + 20);
  image.writeUInt16LE(cluster & 0xffff, at + 26);
}

function assertAllPictures(image: Buffer, listing: Listing): void {
  let found = 0;
  for (const file of PICTURES) {
    const item = listing.byPath.get(file.path);
    assert.ok(item !== undefined, `${file.path} is missing`);
    assert.equal(item.state, 'allocated');
    assert.ok(Buffer.isBuffer(file.content) && contentOf(image, item).equals(file.content), `content of ${file.path}`);
    found++;
  }
  assert.equal(found, 600);
  assert.equal(listing.items.filter((item) => item.kind === 'file').length, 601, 'nothing is listed twice');
}

describe('FAT32: all 600 pictures with their paths after', () => {
  test('no damage', () => {
    const listing = listImage(SOUND);
    assertAllPictures(SOUND, listing);
    assert.deepEqual(listing.problems, []);
  });

  test('the first sector of FAT #1 zeroed', () => {
    const image = Buffer.from(SOUND);
    image.fill(0, FAT_OFFSET, FAT_OFFSET + 512);
    const listing = listImage(image);
    assertAllPictures(image, listing);
    assert.deepEqual(codesOf(listing), ['fat-first-copy-damaged']);
  });

  test('all of FAT #1 overwritten', () => {
    const image = Buffer.from(SOUND);
    makeRandom(4).fill(image.subarray(FAT_OFFSET, FAT_OFFSET + layout.fatSectors * 512));
    const listing = listImage(image);
    assertAllPictures(image, listing);
    assert.deepEqual(codesOf(listing), ['fat-first-copy-damaged']);
  });

  const folder = (path: string): number => MAP.clusters.get(path)![0]!;
  for (const [what, path, target] of [
    ['a folder of the root pointing at the root', 'DCIM', 2],
    ['a folder pointing at the folder that holds it', 'DCIM/101CANON', folder('DCIM')],
    ['a folder pointing at the root from below', 'DCIM/101CANON', 2],
    ['a folder pointing at another one read before', 'DCIM/102CANON', folder('DCIM/100CANON')],
    ['a folder pointing past the volume', 'DCIM', 0xfffff],
    ['a folder pointing at cluster 0', 'DCIM/100CANON', 0],
    ['a folder pointing into a picture', 'DCIM', MAP.clusters.get('DCIM/100CANON/IMG_1006.JPG')![0]!],
  ] as const) {
    test(what, () => {
      const image = Buffer.from(SOUND);
      pointFolderAt(image, path, target);
      const listing = listImage(image);
      assertAllPictures(image, listing);
      assert.ok(codesOf(listing).some((code) => code.startsWith('fat-directory-')), codesOf(listing).join());
      assert.ok(!codesOf(listing).includes('fat-lost-clusters'), codesOf(listing).join());
    });
  }

  test('two folder entries pointing at the root, told apart by their times', () => {
    const image = Buffer.from(SOUND);
    pointFolderAt(image, 'DCIM/100CANON', folder('DCIM'));
    pointFolderAt(image, 'DCIM/101CANON', folder('DCIM'));
    for (const [path, time] of [['DCIM/100CANON', 0x1234], ['DCIM/101CANON', 0x2345]] as const) {
      const item = listImage(SOUND).byPath.get(path);
      image.writeUInt16LE(time, entryOffsetOf(item!, layout.dataOffset) + 14);
      image.writeUInt16LE(time, offsetOfCluster(folder(path)) + 14);
    }
    assertAllPictures(image, listImage(image));
  });

  test('the boot sector zeroed', () => {
    const image = Buffer.from(SOUND);
    image.fill(0, 0, 512);
    assert.equal(fatFormat.detect(volumeOf(image)), 'backup');
    const listing = listImage(image);
    assertAllPictures(image, listing);
    assert.deepEqual(codesOf(listing), ['fat-boot-sector-damaged']);
  });
});

test('with the root directory wiped, pictures come under folders named after their clusters', () => {
  const image = Buffer.from(SOUND);
  image.fill(0, offsetOfCluster(2), offsetOfCluster(3));
  const listing = listImage(image);
  const unnamed = `unnamed-directory-${MAP.clusters.get('DCIM')![0]}`;
  for (const file of PICTURES) {
    const item = listing.byPath.get(file.path.replace('DCIM', unnamed));
    assert.ok(item !== undefined && Buffer.isBuffer(file.content) && contentOf(image, item).equals(file.content), file.path);
    assert.equal(item.state, 'orphan');
    assert.deepEqual(item.recovery, { basis: 'runs-survive' });
  }
  assert.ok(codesOf(listing).includes('fat-directory-unnamed'));
});

test('the rest of a directory whose chain is broken is listed, though nothing says where it belongs', () => {
  const image = Buffer.from(SOUND);
  const clusters = MAP.clusters.get('DCIM/100CANON')!;
  assert.ok(clusters.length > 8);
  for (let copy = 0; copy < 2; copy++) image.writeUInt32LE(0x0fffffff, FAT_OFFSET + copy * layout.fatSectors * 512 + clusters[3]! * 4);
  const listing = listImage(image);
  const found = new Set(listing.items.map((item) => contentOf(image, item).toString('latin1')));
  for (const file of PICTURES) assert.ok(Buffer.isBuffer(file.content) && found.has(file.content.toString('latin1')), file.path);
  assert.ok(listing.byPath.has(`unnamed-directory-${clusters[4]}`));
  assert.ok(codesOf(listing).includes('fat-directory-unnamed'));
});

test('with both tables wiped every file is still listed and nothing is passed over in silence', () => {
  const image = Buffer.from(SOUND);
  image.fill(0, FAT_OFFSET, FAT_OFFSET + 2 * layout.fatSectors * 512);
  const listing = listImage(image);
  assert.ok(codesOf(listing).includes('fat-table-start-damaged'));
  assert.ok(codesOf(listing).includes('fat-chain-broken'));
});

test('a volume cut short keeps its list; what lies outside is partial and told', () => {
  const cut = SOUND.subarray(0, offsetOfCluster(MAP.clusters.get('DCIM/102CANON/IMG_1500.JPG')![0]!));
  const listing = listImage(cut);
  assert.ok(codesOf(listing).includes('fat-volume-truncated'));
  assert.ok(codesOf(listing).includes('extent-outside-source'));
});
