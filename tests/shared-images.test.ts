/*
 * Every disk image in ../shared/testdata/disk-images (made by others): our item list and every digest equal
 * The Sleuth Kit's, through the real command. Skips where that folder is absent.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { digestFile, listSource, makeFolder, SHARED_IMAGES, type ListedItem } from './support/run-kerbside.ts';

const absent = existsSync(SHARED_IMAGES) ? false : 'the shared test images are not beside this checkout';
const folder = makeFolder();
after(() => folder[Symbol.dispose]());

/** TSK 4.11.1 can hang (`tsk-hang`), so every call has an end. */
const TSK_TIMEOUT_MS = 60_000;

interface TskFile {
  readonly path: string;
  readonly isDirectory: boolean;
  readonly deleted: boolean;
  readonly sha1: string | null;
}

interface Image {
  /** Arguments that make TSK read the same bytes. */
  readonly tsk: readonly string[];
  /** Volume id → sector offset for TSK; 0 for an image without a partition table. */
  readonly volumes: Readonly<Record<string, number>>;
  readonly fileSystem: string;
}

const IMAGES: Readonly<Record<string, Image>> = {
  'dfvfs-ext2.E01': { tsk: ['dfvfs-ext2.E01'], volumes: { p1: 0 }, fileSystem: 'ext2' },
  'dfvfs-ext2.splitraw.000': { tsk: ['dfvfs-ext2.splitraw.000', 'dfvfs-ext2.splitraw.001'], volumes: { p1: 0 }, fileSystem: 'ext2' },
  'dfvfs-ext2.vhd': { tsk: ['dfvfs-ext2.vhd'], volumes: { p1: 0 }, fileSystem: 'ext2' },
  'dfvfs-hfsplus.raw': { tsk: ['dfvfs-hfsplus.raw'], volumes: { p1: 0 }, fileSystem: 'HFS+' },
  'dfvfs-iso9660.raw': { tsk: ['dfvfs-iso9660.raw'], volumes: { p1: 0 }, fileSystem: 'ISO 9660' },
  'plaso-image-split.E01': { tsk: ['plaso-image-split.E01', 'plaso-image-split.E02'], volumes: { p5: 352 }, fileSystem: 'ext2' },
  'velociraptor-test.ntfs.dd.E01': { tsk: ['velociraptor-test.ntfs.dd.E01'], volumes: { p1: 0 }, fileSystem: 'NTFS' },
  'velociraptor-fat_very_small.dd': { tsk: ['velociraptor-fat_very_small.dd'], volumes: { p1: 0 }, fileSystem: 'FAT12' },
  'bulk_extractor-1mb_fat32.dmg': { tsk: ['bulk_extractor-1mb_fat32.dmg'], volumes: { p1: 1 }, fileSystem: 'FAT12' },
};

test('every shared image is named here', { skip: absent }, () => {
  const present = readdirSync(SHARED_IMAGES).filter((name) => !/\.(E02|001)$/.test(name));
  assert.deepEqual(present.sort(), Object.keys(IMAGES).sort());
});

for (const [name, image] of Object.entries(IMAGES)) {
  test(`${name}: items and digests as The Sleuth Kit has them`, { skip: absent }, () => {
    const path = join(SHARED_IMAGES, name);
    const before = digestFile(path);
    const listing = listSource(path, 'sha1');
    assert.equal(listing.summary.complete, true);
    for (const [volume, sector] of Object.entries(image.volumes)) {
      const ours = listing.items.filter((item) => item.volume === volume);
      assert.ok(ours.every((item) => item.fileSystem === image.fileSystem), `the file system is ${[...new Set(ours.map((item) => item.fileSystem))].join(', ')}`);
      const theirs = listWithTsk(image, sector);
      assert.ok(theirs.length > 0 || ours.length > 0, 'neither lists anything: the comparison proves nothing');
      assert.deepEqual(describeOurs(ours, volume, false), describeTheirs(theirs, false));
      const { missing, extra } = compareDeleted(describeOurs(ours, volume, true), describeTheirs(theirs, true));
      assert.deepEqual({ missing, extra }, KNOWN_DELETED_DIFFERENCES[name] ?? { missing: [], extra: [] });
    }
    assert.equal(digestFile(path), before, 'the image was changed');
  });
}

function listWithTsk(image: Image, sector: number): TskFile[] {
  const paths = image.tsk.map((name) => join(SHARED_IMAGES, name));
  const fls = runTsk('fls', ['-r', '-p', '-o', String(sector), ...paths]).toString('utf8');
  return fls
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^(\S+) (\* )?([\d-]+)(\(realloc\))?:\t(.*)$/.exec(line);
      assert.ok(match, `fls line not understood: ${line}`);
      const [, type = '', star, inode = '', , path = ''] = match;
      const isDirectory = type.endsWith('d') || type.startsWith('d');
      const isContent = type.endsWith('r');
      return { path, isDirectory, deleted: star !== undefined, sha1: isContent && star === undefined ? createHash('sha1').update(runTsk('icat', ['-o', String(sector), ...paths, inode])).digest('hex') : null };
    })
    // `tsk-dot-entries`, and the virtual entries fls adds ($MBR, $FAT1, $OrphanFiles), which are no files of the volume.
    .filter((file) => !/(^|\/)\.\.?$/.test(file.path) && !/^\$(MBR|FAT1|FAT2|OrphanFiles)/.test(file.path) && !isVirtualHfs(file.path) && !file.path.endsWith('(Volume Label Entry)'));
}

function isVirtualHfs(path: string): boolean {
  return /^\$(ExtentsFile|CatalogFile|BadBlockFile|AllocationFile|StartupFile|AttributesFile)$/.test(path);
}

function runTsk(tool: string, argv: readonly string[]): Buffer {
  const run = spawnSync(tool, argv, { timeout: TSK_TIMEOUT_MS, maxBuffer: 256 * 1024 * 1024 });
  assert.equal(run.status, 0, `${tool} ${argv.join(' ')}: ${run.stderr.toString()}`);
  return run.stdout;
}

/**
 * Exceptions among deleted entries, by name:
 * `tsk-deleted-directory-twice`: a folder moved to the bin leaves entries that name the same cluster; TSK lists
 * its content below each of them, Kerbside below the one that the folder itself names as its parent.
 * `tsk-empty-deleted`: TSK leaves out a deleted entry of size 0.
 */
const KNOWN_DELETED_DIFFERENCES: Readonly<Record<string, { readonly missing: readonly string[]; readonly extra: readonly string[] }>> = {
  'bulk_extractor-1mb_fat32.dmg': {
    missing: ['Downloaded from github.com', '_NTITL~1'].flatMap((folder) => ['._ntfs-lastaccess.raw.gz', 'License.txt', 'ReadMe.md'].map((name) => `deleted ${folder}/${name}`)),
    extra: ['deleted .Trashes/505/Downloaded from github.com/ntfs-lastaccess.raw.gz'],
  },
};

function compareDeleted(ours: readonly string[], theirs: readonly string[]): { missing: string[]; extra: string[] } {
  return { missing: theirs.filter((text) => !ours.includes(text)), extra: ours.filter((text) => !theirs.includes(text)) };
}

/**
 * One text an item. `tsk-control-characters`: TSK shows a control character as `^`. `tsk-badclus`: TSK takes the
 * bad-cluster stream of NTFS for empty; it is a hole of the volume's size, and nothing is stored in it.
 * Deleted items go by path only: their content is a guess that both sides make differently.
 */
function describeOurs(items: readonly ListedItem[], volume: string, deleted: boolean): string[] {
  return items
    .filter((item) => item.allocated !== deleted && !isVirtualHfs(item.path.slice(volume.length + 1)) && !item.path.endsWith('$BadClus:$Bad'))
    .map((item) => {
      const path = item.path.slice(volume.length + 1).replaceAll(/\\u\{[0-9a-f]+\}/g, '^');
      if (deleted) return `deleted ${path.replaceAll('?', '_')}`;
      return item.kind === 'directory' ? `directory ${path}` : item.kind === 'other' ? `other ${path}` : `content ${path} ${item.sha1}`;
    })
    .sort();
}

function describeTheirs(files: readonly TskFile[], deleted: boolean): string[] {
  return files
    .filter((file) => file.deleted === deleted && !file.path.endsWith('$BadClus:$Bad'))
    .map((file) => (deleted ? `deleted ${file.path}` : file.isDirectory ? `directory ${file.path}` : file.sha1 === null ? `other ${file.path}` : `content ${file.path} ${file.sha1}`))
    .sort();
}

test('an image copied with one flipped bit in a chunk is told, and its other files stay', { skip: absent }, () => {
  const copy = join(folder.path, 'flipped.E01');
  const bytes = readFileSync(join(SHARED_IMAGES, 'velociraptor-test.ntfs.dd.E01'));
  bytes[Math.floor(bytes.length / 2)]! ^= 0x10;
  writeFileSync(copy, bytes);
  const listing = listSource(copy, 'sha1');
  assert.ok(listing.problems.length > 0, 'the flipped bit is not told');
  rmSync(copy);
});
