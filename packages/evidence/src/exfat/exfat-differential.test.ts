/**
 * Our listing and content against The Sleuth Kit's, on volumes of our own writer that fsck.exfat
 * finds clean. Named exceptions:
 *   tsk-exfat-vdl    icat gives stale bytes past the valid data length: compared with our raw view
 *   tsk-hang         fsstat loops on a volume without label: every volume has one, every call a time limit
 *   tsk-orphan-set   deleted files in several pieces: The Sleuth Kit takes them as contiguous, ours follow the
 *                    FAT chain that is still there, and are compared with what was written
 *   tsk-exfat-odd-second  fls leaves out the odd second that the 10 ms byte holds: times are compared in steps of two
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { makeExfatVolume, makeRandom, type ExfatFile, type ExfatVolumeOptions } from '@kerbside/corpus';
import type { DirectoryNode, Item } from '../item.ts';
import { readContent } from '../read-content.ts';
import { exfatFormat } from './exfat-format.ts';

const TIMEOUT_MS = 20_000;
const TOOLS = ['fls', 'icat', 'fsck.exfat', 'mkfs.exfat'];
const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${tool}`]).status !== 0);
const skip = missing.length > 0 && process.env.KERBSIDE_REQUIRE_TOOLS !== '1' ? `not installed: ${missing.join(', ')}` : false;
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, TZ: 'UTC', LC_ALL: 'C.UTF-8' };

let folder = '';
before(() => void (folder = mkdtempSync(join(tmpdir(), 'kerbside-exfat-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

function runTool(tool: string, ...parameters: string[]): Buffer {
  return execFileSync(tool, parameters, { env, timeout: TIMEOUT_MS, maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'] });
}

const random = makeRandom(41);
function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  random.fill(bytes);
  return bytes;
}

const FILES: readonly ExfatFile[] = [
  { path: 'empty', content: Buffer.alloc(0) },
  { path: 'one byte', content: noise(1), modifiedAtSeconds: 1_500_000_001 },
  { path: 'whole.bin', content: noise(65_536) },
  { path: 'DCIM/100/IMG_0001.JPG', content: noise(70_001), fragments: 7 },
  { path: 'DCIM/100/gone.JPG', content: noise(50_000), deleted: true },
  { path: 'DCIM/100/gone in pieces.JPG', content: noise(50_000), deleted: true, fragments: 3 },
  { path: 'DCIM/100/clip.mp4', content: noise(30_000), validBytes: 9_001 },
  { path: 'DCIM/100/none valid.mp4', content: noise(5_000), validBytes: 0 },
  { path: 'DCIM/chained.bin', content: noise(30_000), chained: true, modifiedAtSeconds: 1_700_000_000 },
  { path: 'Ünï ⚽/中文 a name that is a good deal longer than fifteen units.txt', content: noise(500) },
  { path: 'old/season/table.txt', content: noise(9_000) },
  ...Array.from({ length: 24 }, (_, i): ExfatFile => ({ path: `many/match report number ${i}.txt`, content: noise(i * 1111) })),
];

const LAYOUTS: readonly (Partial<ExfatVolumeOptions> & { readonly name: string; readonly sizeBytes: number })[] = [
  { name: '512-byte clusters, folders in pieces', sizeBytes: 4 << 20, clusterSizeBytes: 512, folderFragments: 4 },
  { name: '4 KiB clusters', sizeBytes: 8 << 20, clusterSizeBytes: 4096 },
  { name: '32 KiB clusters', sizeBytes: 32 << 20, clusterSizeBytes: 32_768 },
];

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly deleted: boolean;
  readonly sizeBytes: number;
  readonly modified: string;
}

/** What `fls -r -p -l` lists, without the names it makes up and without the file system's own tables. */
function listWithTsk(image: string): Map<string, Listed> {
  const listed = new Map<string, Listed>();
  for (const line of runTool('fls', '-r', '-p', '-l', '-z', 'UTC', '-f', 'exfat', image).toString().split('\n')) {
    const match = /^([rdvV])\/([rdvV]) (\* )?(\d+):\t([^\t]*)\t([^\t]*)\t[^\t]*\t[^\t]*\t[^\t]*\t(\d+)\t/.exec(line);
    if (match === null || /^[vV]$/.test(match[1]!) || /^\$(?:ALLOC_BITMAP|UPCASE_TABLE)$|\(Volume Label Entry\)$/.test(match[5]!)) continue;
    listed.set(match[5]!, { kind: match[2] === 'd' ? 'directory' : 'file', deleted: match[3] !== undefined, id: match[4]!, modified: match[6]!.slice(0, 19), sizeBytes: Number(match[7]) });
  }
  return listed;
}

function rawPath(item: { readonly parent: DirectoryNode | null; readonly name: Item['name'] }): string {
  const name = Buffer.from(item.name.bytes).toString('utf16le');
  return item.parent === null ? name : `${rawPath(item.parent)}/${name}`;
}

function itemsOf(image: Buffer): Map<string, Item> {
  const volume = { id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none' as const, declaredType: '', source: new MemorySource(image) };
  const items = new Map<string, Item>();
  const fileSystem = exfatFormat.open(volume);
  for (const events of [fileSystem.walk(), fileSystem.walkOrphans()]) {
    for (const event of events) {
      if (event.type === 'pause') continue;
      assert.equal(event.type, 'item', JSON.stringify(event));
      if (event.type === 'item') items.set(rawPath(event.item), event.item);
    }
  }
  return items;
}

function sha1(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}

for (const layout of LAYOUTS) {
  test(`the same items, numbers, sizes, times and bytes as The Sleuth Kit: ${layout.name}`, { skip }, () => {
    const { name: _name, ...given } = layout;
    const { image } = makeExfatVolume({ ...given, label: 'KERBSIDE', seed: 7, tree: FILES, deletedFolders: ['old'], emptyFolders: ['void'] });
    const path = join(folder, 'volume.img');
    writeFileSync(path, image);
    const check = spawnSync('fsck.exfat', ['-n', path], { env, timeout: TIMEOUT_MS, encoding: 'utf8' });
    assert.match(check.stdout, /clean\. directories/, check.stdout + check.stderr);

    const ours = itemsOf(image);
    const listed = [...ours].map(([at, item]): [string, Listed] => [
      at,
      {
        kind: item.kind,
        deleted: item.state === 'deleted',
        id: item.id,
        modified: new Date(Math.floor(item.times.modified!.seconds / 2) * 2000).toISOString().slice(0, 19).replace('T', ' '),
        sizeBytes: item.sizeBytes,
      },
    ]);
    assert.deepEqual(new Map(listed), listWithTsk(path));

    const written = new Map(FILES.map((file) => [file.path, file]));
    for (const [at, item] of ours) {
      if (item.kind !== 'file') continue;
      const bytes = Buffer.concat([...readContent(new MemorySource(image), item, 'raw')].map((chunk) => Buffer.from(chunk.bytes)));
      const file = written.get(at)!;
      const inPieces = file.deleted === true && (file.fragments ?? 1) > 1;
      assert.equal(sha1(bytes), sha1(inPieces ? (file.content as Buffer) : runTool('icat', '-f', 'exfat', path, item.id)), at);
    }
    assert.deepEqual(readFileSync(path), image, 'the source has changed');
  });
}

test('a volume made by mkfs.exfat opens with its label and without a problem', { skip }, () => {
  const path = join(folder, 'empty.img');
  writeFileSync(path, '');
  truncateSync(path, 8 << 20);
  runTool('mkfs.exfat', '-L', 'Kerbside', path);
  const image = readFileSync(path);
  const volume = { id: 'p1', startOffset: 0, sizeBytes: image.length, scheme: 'none' as const, declaredType: '', source: new MemorySource(image) };
  assert.equal(exfatFormat.detect(volume), 'primary');
  const fileSystem = exfatFormat.open(volume);
  assert.deepEqual([fileSystem.label, [...fileSystem.walk()], [...fileSystem.walkOrphans()].filter((event) => event.type !== 'pause')], ['Kerbside', [], []]);
});
