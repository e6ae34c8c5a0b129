import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { NtfsFile } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import type { Item } from '../item.ts';
import { readContent } from '../read-content.ts';
import { MemorySource } from '@kerbside/bytes';
import { makeImage, md5, missingTools, noise, readImage, run } from './ntfs-images.test.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kerbside-ntfs-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** One line of `fls -r -p`. */
interface Listed {
  readonly id: string;
  readonly path: string;
  readonly deleted: boolean;
}

function listWithTsk(imagePath: string): Listed[] {
  const listed = new Map<string, Listed>();
  for (const line of run('fls', ['-r', '-p', imagePath]).toString('utf8').split('\n')) {
    const match = /^(.)\/(.) (\* )?([0-9-]+)(\(realloc\))?:\t(.*)$/u.exec(line);
    if (match === null || match[1] === 'V') continue;
    // Exception tsk-slack-names: old index entries in directory slack, whose record now is another file's.
    if (match[1] === 'r' && match[2] === '-') continue;
    const one = { id: match[4]!, path: match[6]!, deleted: match[3] !== undefined };
    listed.set(`${one.id} ${one.path}`, one);
  }
  return [...listed.values()];
}

/** Exception tsk-orphan-set: The Sleuth Kit lists records that were never used as nameless orphans. */
function isEmptyOrphan(listed: Listed): boolean {
  return /^\$OrphanFiles\/OrphanFile-\d+$/.test(listed.path) && /^\d+$/.test(listed.id);
}

/**
 * Compares our list and every content with fls and icat.
 *
 * @param listedFiles paths of files with an attribute list: exception tsk-attribute-list-id, as The
 *   Sleuth Kit gives their attributes numbers of its own
 */
function compare(bytes: Buffer, imagePath: string, listedFiles: readonly string[] = []): number {
  fs.writeFileSync(imagePath, bytes);
  const read = readImage(bytes);
  const numbered = (id: string, of: string) => (listedFiles.some((one) => of === one || of.startsWith(`${one}:`)) ? id.split('-')[0]! : id);
  const key = (id: string, of: string) => `${numbered(id, of)} ${of}`;
  const theirs = new Map(listWithTsk(imagePath).filter((listed) => !isEmptyOrphan(listed)).map((listed) => [key(listed.id, listed.path), listed]));
  const ours = new Map(read.items.map((item) => [key(item.id, displayPath('', item)), item]));
  assert.deepEqual([...ours.keys()].sort(), [...theirs.keys()].sort());
  const source = new MemorySource(bytes);
  let compared = 0;
  for (const [name, item] of ours) {
    const { deleted, id } = theirs.get(name)!;
    assert.equal(deleted, item.state !== 'allocated', name);
    if (!isComparable(item, name)) continue;
    const content = Buffer.concat([...readContent(source, item, 'system')].map((chunk) => Buffer.from(chunk.bytes)));
    assert.equal(md5(content), md5(run('icat', [...(deleted ? ['-r'] : []), imagePath, id])), name);
    compared++;
  }
  return compared;
}

function isComparable(item: Item, name: string): boolean {
  if (item.kind === 'directory' || item.kind === 'other') return false;
  // Exception tsk-badclus: no content for a stream that is one hole as long as the volume; nor has ours.
  if (name.endsWith('$BadClus:$Bad')) return item.content.form !== 'none';
  // Exception tsk-efs: icat gives the cipher text; ours says that nobody can read it.
  return !(item.content.form === 'none' && item.content.reason === 'encrypted');
}

const skip = missingTools('fls', 'icat');
const big = noise(150_000, 1);

test('a generated volume: the same items, the same contents', { skip }, () => {
  const text = Buffer.from('Second half, no change in the score. '.repeat(6000));
  const tree: NtfsFile[] = [
    { path: 'resident.txt', content: Buffer.from('goal') },
    { path: 'empty.txt', content: Buffer.alloc(0) },
    { path: 'Folder/é日本 name.bin', content: big },
    { path: 'Folder/pieces.bin', content: big, fragments: 20 },
    { path: 'Folder/sparse.bin', content: big, holes: [{ offsetBytes: 65_536, lengthBytes: 65_536 }] },
    { path: 'Folder/packed.txt', content: text, compressed: true },
    { path: 'Folder/packed pieces.bin', content: Buffer.concat([text, big, Buffer.alloc(100_000)]), compressed: true, fragments: 7 },
    { path: 'valid length.bin', content: big, initialisedBytes: 100_000 },
    { path: 'streams.txt', content: Buffer.from('main'), streams: [{ name: 'small', content: Buffer.from('side') }, { name: 'large', content: big }] },
    { path: 'listed.bin', content: big, attributeList: true, fragments: 30, streams: [{ name: 's', content: noise(5000, 3) }] },
    { path: 'listed outside.bin', content: big, attributeList: true, nonResidentAttributeList: true, fragments: 12 },
    { path: 'linked.txt', content: Buffer.from('one file'), hardLinks: ['Folder/second name.txt', 'third.txt'] },
    { path: 'long name for windows.txt', content: Buffer.from('w'), shortName: 'LONGNA~1.TXT' },
    { path: 'secret.bin', content: big, efs: true },
    { path: 'Folder/deleted.bin', content: noise(30_000, 4), deleted: true },
    { path: 'Folder/deleted small.txt', content: Buffer.from('gone'), deleted: true },
    { path: 'lost/orphan.bin', content: noise(9000, 5), deleted: true, orphan: true },
    { path: 'gone/below.bin', content: noise(9000, 6), deleted: true },
    ...Array.from({ length: 150 }, (_, i) => ({ path: `many/file number ${i}.txt`, content: noise(i * 20, i) })),
  ];
  const image = makeImage(tree, { sizeBytes: 4 * 1024 * 1024, deletedFolders: ['gone'], emptyFolders: ['Empty'], mftFragments: 3 });
  assert.ok(compare(image.bytes, path.join(folder, 'generated.img'), ['listed.bin', 'listed outside.bin', '$MFT']) > 170);
});

test('small and large clusters', { skip }, () => {
  const tree: NtfsFile[] = [
    { path: 'a/b/file.bin', content: big, fragments: 4 },
    { path: 'a/small.txt', content: Buffer.from('s') },
  ];
  for (const clusterSizeBytes of [512, 2048, 8192]) {
    const image = makeImage(tree, { clusterSizeBytes, sizeBytes: 4 * 1024 * 1024 });
    assert.ok(compare(image.bytes, path.join(folder, `clusters-${clusterSizeBytes}.img`)) > 8);
  }
});

test('a volume made by mkntfs and ntfscp', { skip: skip || missingTools('mkntfs', 'ntfscp') }, () => {
  const imagePath = path.join(folder, 'mkntfs.img');
  for (const sectorBytes of ['512', '4096']) {
    fs.writeFileSync(imagePath, '');
    fs.truncateSync(imagePath, 12 * 1024 * 1024);
    run('mkntfs', ['-F', '-Q', '-q', '-s', sectorBytes, '-c', '4096', '-L', 'Made here', imagePath]);
    const hostFile = path.join(folder, 'content');
    for (const [name, length] of [['resident.txt', 300], ['larger.bin', 70_000]] as const) {
      fs.writeFileSync(hostFile, noise(length, length));
      run('ntfscp', ['-f', imagePath, hostFile, `/${name}`]);
    }
    run('ntfscp', ['-f', '-N', 'side', imagePath, hostFile, '/resident.txt']);
    const bytes = fs.readFileSync(imagePath);
    assert.equal(readImage(bytes).label, 'Made here');
    assert.ok(readImage(bytes).content('larger.bin').equals(noise(70_000, 70_000)));
    assert.ok(readImage(bytes).content('resident.txt:side').equals(noise(70_000, 70_000)));
    assert.ok(compare(bytes, imagePath) > 10);
  }
});

const shared = path.resolve(import.meta.dirname, '../../../../../shared/testdata/disk-images/velociraptor-test.ntfs.dd.E01');
const sharedSkip = skip || missingTools('img_cat') || (fs.existsSync(shared) ? false : 'no ../shared/testdata beside the checkout');

test('a volume made by Windows', { skip: sharedSkip }, () => {
  assert.ok(compare(run('img_cat', [shared]), path.join(folder, 'windows.img'), ['ones.bin']) > 25);
});
