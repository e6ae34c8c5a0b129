/**
 * Our item list and every content against The Sleuth Kit's. Differences are allowed only for:
 * - `tsk-dot-entries`, and its virtual files ($MBR, $FAT1, $FAT2) and the volume label, which are no items
 * - `tsk-deleted-name`: `_` for the lost letter of a deleted short name, ours is `?`
 * - `tsk-orphan-set`: what it lists under $OrphanFiles, among them what stands past the first cluster of a
 *   deleted directory, which we list in its place
 * - `tsk-fat-case`: it lowers only A to Z and shows other OEM letters as `^`
 * - a deleted file whose first cluster now belongs to another: it gives one cluster, we give the guess and its share
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { makeFatVolume, makeRandom, type CorpusFile } from '@kerbside/corpus';
import { displayName } from '../display-name.ts';
import type { EvidenceName } from '../evidence-name.ts';
import type { DirectoryNode, Item } from '../item.ts';
import { contentOf, listImage } from './listing-for-tests.ts';

const MADE_BY_OTHERS = new URL('../../../../../shared/testdata/disk-images/velociraptor-fat_very_small.dd', import.meta.url);
const ORPHANS = '$OrphanFiles/';
const TOOLS = ['fls', 'icat', 'mkfs.vfat', 'fsck.vfat', 'mcopy', 'mdel', 'mdeltree'];

/** True when a tool is missing and the test was skipped for it; fails instead where tools are required. */
function lacks(context: TestContext, tools: readonly string[]): boolean {
  const missing = tools.filter((tool) => spawnSync(tool, ['-V'], { timeout: 10_000 }).error !== undefined);
  if (missing.length === 0) return false;
  assert.notEqual(process.env['KERBSIDE_REQUIRE_TOOLS'], '1', `missing: ${missing.join(', ')}`);
  context.skip(`missing: ${missing.join(', ')}`);
  return true;
}

interface TskEntry {
  readonly path: string;
  readonly isDirectory: boolean;
  readonly isDeleted: boolean;
}

function tskListing(image: string): Map<string, TskEntry> {
  const entries = new Map<string, TskEntry>();
  const text = execFileSync('fls', ['-r', '-p', '-f', 'fat', image], { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 28 });
  for (const line of text.split('\n')) {
    const match = /^(\S)\/(\S) (\* )?(\d+)(?:\(realloc\))?:\t(.*)$/.exec(line);
    if (match === null) continue;
    const [, , type, deleted, inode, path] = match;
    if (type === 'v' || type === 'V' || path!.endsWith('(Volume Label Entry)')) continue;
    entries.set(inode!, { path: path!, isDirectory: type === 'd', isDeleted: deleted !== undefined });
  }
  return entries;
}

/** A name as TSK would write it. */
function tskName(name: EvidenceName): string {
  if (name.encoding === 'utf-16le') return Buffer.from(name.bytes).toString('utf16le');
  const text = [...name.bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : '^')).join('');
  return text.replace(/^\?/, '_');
}

function tskPath(item: Item): string {
  const names = [tskName(item.name)];
  for (let node: DirectoryNode | null = item.parent; node !== null; node = node.parent) names.push(tskName(node.name));
  return names.reverse().join('/');
}

function compareWithTsk(path: string): { readonly files: number; readonly deleted: number } {
  const image = readFileSync(path);
  const listing = listImage(image);
  const theirs = tskListing(path);
  let files = 0;
  let deleted = 0;
  for (const item of listing.items) {
    const other = theirs.get(item.id);
    assert.ok(other !== undefined, `TSK does not list ${item.id} ${displayName(item.name)}`);
    theirs.delete(item.id);
    if (!other.path.startsWith(ORPHANS)) assert.equal(tskPath(item), other.path);
    assert.equal(item.kind === 'directory', other.isDirectory, other.path);
    assert.equal(item.state !== 'allocated', other.isDeleted, other.path);
    if (item.state !== 'allocated') deleted++;
    if (item.kind !== 'file') continue;
    files++;
    const content = spawnSync('icat', ['-f', 'fat', path, item.id], { timeout: 60_000, maxBuffer: 1 << 28 }).stdout;
    const ours = contentOf(image, item);
    if (item.recovery?.basis === 'clusters-reused' && content.length < ours.length) continue;
    assert.ok(content.equals(ours), `content of ${other.path}`);
  }
  assert.deepEqual([...theirs.values()].filter((entry) => !entry.path.startsWith(ORPHANS)), [], 'listed by TSK only');
  return { files, deleted };
}

/** A tree with names of all kinds, deleted and fragmented files. */
function mixedTree(seed: number): CorpusFile[] {
  const random = makeRandom(seed);
  return Array.from({ length: 40 }, (_, number) => {
    const content = Buffer.alloc(random.below(9000));
    random.fill(content);
    const path = random.pick([
      `DCIM/100MEDIA/IMG_${number}.JPG`,
      `documents/Straße und Brücke, number ${number}.txt`,
      `lower${number}.txt`,
      `Mixed${number}.Txt`,
      `a/b/c/d/${number}`,
      `gone/old ${number}.bin`,
      `☃ ${'long '.repeat(20)}${number}.md`,
    ]);
    return { path, content, deleted: random.chance(0.25), fragments: 1 + random.below(4), modifiedAtSeconds: 1_600_000_000 + number * 86_461 };
  });
}

describe('FAT against The Sleuth Kit', () => {
  let folder = '';
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'kerbside-fat-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [fatBits, sizeBytes, clusterSizeBytes] of [[12, 1 << 20, 1024], [16, 8 << 20, 1024], [32, 36 << 20, 512]] as const) {
    test(`a FAT${fatBits} volume by our writer passes fsck.vfat and reads equal`, (context) => {
      if (lacks(context, ['fls', 'icat', 'fsck.vfat'])) return;
      const path = join(folder, `writer-${fatBits}.img`);
      const tree = mixedTree(fatBits);
      const { image } = makeFatVolume({ fatBits, sizeBytes, clusterSizeBytes, label: 'CARD 7', seed: 3, tree, folders: ['empty'], deletedFolders: ['gone'] });
      writeFileSync(path, image);
      execFileSync('fsck.vfat', ['-n', path], { timeout: 60_000 });
      const listing = listImage(image);
      assert.deepEqual(listing.problems, []);
      assert.equal(listing.fileSystem.kind, `FAT${fatBits}`);
      assert.equal(listing.fileSystem.label, 'CARD 7');
      const compared = compareWithTsk(path);
      assert.equal(compared.files, tree.length);
      assert.ok(compared.deleted > 5);
      for (const file of tree) {
        if (file.deleted === true || file.path.startsWith('gone/')) continue;
        const item = listing.byPath.get(file.path);
        assert.ok(item !== undefined && Buffer.isBuffer(file.content) && contentOf(image, item).equals(file.content), file.path);
      }
    });
  }

  for (const bits of [12, 16, 32] as const) {
    test(`a FAT${bits} volume by mkfs.vfat, mcopy and mdel reads equal`, (context) => {
      if (lacks(context, TOOLS)) return;
      const path = join(folder, `mtools-${bits}.img`);
      const kibibytes = bits === 12 ? 2000 : bits === 16 ? 12_000 : 40_000;
      execFileSync('mkfs.vfat', ['-C', '-F', String(bits), '-n', 'DISK', '-s', bits === 32 ? '1' : '2', path, String(kibibytes)], { timeout: 60_000 });
      const source = mkdtempSync(join(folder, 'source-'));
      const random = makeRandom(bits);
      const run = (tool: string, ...args: string[]): void => void execFileSync(tool, ['-i', path, ...args], { env: { ...process.env, MTOOLS_SKIP_CHECK: '1', LC_ALL: 'C.UTF-8' }, timeout: 60_000 });
      run('mmd', '::/Photos of bridges');
      for (let number = 0; number < 20; number++) {
        const bytes = Buffer.alloc(random.below(6000));
        random.fill(bytes);
        const file = join(source, number % 3 === 0 ? `short${number}.bin` : `a longer name ${number} é.jpeg`);
        writeFileSync(file, bytes);
        run('mcopy', file, number % 2 === 0 ? '::/' : '::/Photos of bridges/');
      }
      run('mdel', '::/short0.bin', '::/a longer name 2 é.jpeg', '::/a longer name 8 é.jpeg', '::/Photos of bridges/a longer name 7 é.jpeg');
      run('mcopy', join(source, 'short15.bin'), '::/new file.bin');
      run('mmd', '::/passing', '::/passing/inner');
      run('mcopy', join(source, 'short3.bin'), '::/passing/inner/');
      run('mdeltree', '::/passing');
      const compared = compareWithTsk(path);
      assert.ok(compared.files >= 20 && compared.deleted >= 4, JSON.stringify(compared));
    });
  }

  test('the small FAT12 image made by others reads equal', (context) => {
    if (!existsSync(MADE_BY_OTHERS)) return context.skip('shared test data is not here');
    if (lacks(context, ['fls', 'icat'])) return;
    assert.deepEqual(compareWithTsk(MADE_BY_OTHERS.pathname), { files: 1, deleted: 0 });
  });
});
