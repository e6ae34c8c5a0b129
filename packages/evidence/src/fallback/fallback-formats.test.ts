import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { generatedBytes } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import { findLayout } from '../find-volumes.ts';
import type { Item } from '../item.ts';
import { openSource } from '../open-source.ts';
import { readContent } from '../read-content.ts';
import type { OpenImage } from '../source-contract.ts';
import { parseDfxml, type DfxmlFile } from './dfxml.ts';
import { itemsOf } from './tsk-items.ts';

const shared = resolve(import.meta.dirname, '../../../../../shared/testdata/disk-images');
const missing = ['fiwalk', 'fls', 'icat', 'bwrap', 'prlimit'].filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tools missing: ${missing.join(', ')}`);
const noTools = missing.length > 0 ? `not installed: ${missing.join(', ')} (sleuthkit, bubblewrap, util-linux)` : false;
const skip = noTools === false && !existsSync(shared) ? 'the shared test images are not beside the checkout' : noTools;

/** Lists and reads an image through us, and compares with fls and icat. */
async function requireSameAsTsk(path: string, segments: readonly string[], kind: string): Promise<void> {
  const image = (await openSource(path)) as OpenImage;
  const { content } = findLayout(image).volumes[0]!;
  assert.equal(content.state, 'file-system');
  if (content.state !== 'file-system') return;
  assert.equal(content.fileSystem.kind, kind);
  const events = [...content.fileSystem.walk()];
  assert.deepEqual(events.filter((event) => event.type === 'problem'), []);
  const items = events.flatMap((event) => (event.type === 'item' ? [event.item] : []));
  const listed = execFileSync('fls', ['-r', '-p', ...segments], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('V/V'))
    .map((line) => line.replace(/^\S+ (?:\* )?(\d+)\S*:\t/, '$1 '));
  assert.ok(listed.length > 3);
  // fls shows a control as `^`.
  assert.deepEqual(items.map((item) => `${item.id} ${displayPath('', item).replace('\\u{d}', '^')}`).toSorted(), listed.toSorted());
  for (const item of items.filter((each) => each.kind === 'file')) {
    const bytes = Buffer.concat([...readContent(image.source, item, 'system')].map((chunk) => {
      assert.deepEqual([chunk.unreadable, chunk.problems], [[], []]);
      return Buffer.from(chunk.bytes);
    }));
    assert.ok(bytes.equals(execFileSync('icat', [...segments, item.id], { maxBuffer: 64 * 1024 * 1024 })), displayPath('', item));
  }
  await image.close();
}

for (const [name, kind] of [['dfvfs-hfsplus.raw', 'HFS+'], ['dfvfs-iso9660.raw', 'ISO 9660']] as const) {
  test(`items and content as fls and icat give them: ${name}`, { skip }, () => requireSameAsTsk(join(shared, name), [join(shared, name)], kind));
}

const folder = mkdtempSync(join(tmpdir(), 'kerbside-fallback-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const hasTool = (tool: string): boolean => spawnSync('which', [tool], { env: { PATH: '/usr/bin:/usr/sbin' } }).status === 0;
const withTool = (tool: string, name: string): string | false => {
  if (!hasTool(tool) && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tool missing: ${tool}`);
  return noTools !== false ? noTools : hasTool(tool) ? false : `not installed: ${tool} (${name})`;
};

/** A small UFS image with an indirect block, a hole and an empty file. */
function makeUfs(version: 1 | 2): string {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'season'), { recursive: true });
  writeFileSync(join(tree, 'season', 'table.bin'), Buffer.concat([...generatedBytes(5, 300_000).chunks()]));
  writeFileSync(join(tree, 'line-up.txt'), 'eleven names\n');
  writeFileSync(join(tree, 'empty'), '');
  const path = join(folder, `ufs${version}.img`);
  execFileSync('/usr/sbin/makefs', ['-t', 'ffs', '-o', `version=${version}`, '-s', '8m', path, tree], { stdio: 'ignore' });
  return path;
}

test('items and content as fls and icat give them: UFS', { skip: withTool('makefs', 'makefs') }, () => {
  const path = makeUfs(1);
  return requireSameAsTsk(path, [path], 'UFS');
});

test('a volume that The Sleuth Kit passes over is told', { skip: withTool('makefs', 'makefs') }, async () => {
  // UFS2 with its superblock at 8 KiB, as NetBSD makes it.
  const image = (await openSource(makeUfs(2))) as OpenImage;
  const { content } = findLayout(image).volumes[0]!;
  assert.ok(content.state === 'file-system');
  const events = [...content.fileSystem.walk()].filter((event) => event.type !== 'pause');
  assert.deepEqual(events.map((event) => (event.type === 'problem' ? event.problem.code : event.type)), ['fallback-volume-not-listed']);
  await image.close();
});

test('out of E01 and split segments', { skip: withTool('makefs', 'makefs') || withTool('ewfacquire', 'ewf-tools') }, async () => {
  const path = makeUfs(1);
  execFileSync('ewfacquire', ['-u', '-q', '-t', join(folder, 'evidence'), '-f', 'encase6', '-c', 'deflate:none', '-S', '3MiB', path], { stdio: 'ignore' });
  assert.ok(existsSync(join(folder, 'evidence.E03')));
  await requireSameAsTsk(join(folder, 'evidence.E01'), [join(folder, 'evidence.E01')], 'UFS');
  execFileSync('split', ['-b', '3M', '-d', '-a', '3', '--numeric-suffixes=1', path, join(folder, 'segment.')]);
  assert.equal(statSync(join(folder, 'segment.003')).size, 2 * 1024 * 1024);
  await requireSameAsTsk(join(folder, 'segment.001'), ['001', '002', '003'].map((number) => join(folder, `segment.${number}`)), 'UFS');
});

test('out of a block device that the kernel keeps read-only', { skip: withTool('makefs', 'makefs') || (process.getuid?.() !== 0 ? 'loop devices need root' : false) }, async (context) => {
  const path = makeUfs(1);
  const made = spawnSync('losetup', ['-f', '--show', '-r', path], { encoding: 'utf8', env: { PATH: '/usr/bin:/usr/sbin:/sbin' } });
  if (made.status !== 0) return context.skip('loop devices cannot be made here');
  try {
    await requireSameAsTsk(made.stdout.trim(), [path], 'UFS');
  } finally {
    spawnSync('losetup', ['-d', made.stdout.trim()], { env: { PATH: '/usr/bin:/usr/sbin:/sbin' } });
  }
});

const VOLUME = { id: 'p1', startOffset: 1_000, sizeBytes: 10_000, scheme: 'mbr', declaredType: '', source: new MemorySource(Buffer.alloc(0)) } as const;
const FILE: DfxmlFile = { path: 'a/b.txt', nameType: 'r', metaType: '1', sizeBytes: 100, isAllocated: true, inode: '5', times: { mtime: 0, atime: null, ctime: null, crtime: null }, runs: [{ fileOffset: 0, imageOffset: 2_000, length: 100 }] };

function itemOf(change: Partial<DfxmlFile>): { item: Item; codes: string[] } {
  const events = [...itemsOf(VOLUME, [{ ...FILE, ...change }])];
  return { item: events.flatMap((event) => (event.type === 'item' ? [event.item] : []))[0]!, codes: events.flatMap((event) => (event.type === 'problem' ? [event.problem.code] : [])) };
}

test('runs that a listing claims are believed only inside the volume and only when they make up the size', () => {
  assert.deepEqual(itemOf({}).item.content, { form: 'extents', extents: [{ kind: 'data', sourceOffset: 2_000, length: 100 }] });
  assert.deepEqual(itemOf({ runs: [{ fileOffset: 40, imageOffset: 2_000, length: 60 }] }).item.content, { form: 'extents', extents: [{ kind: 'hole', sourceOffset: -1, length: 40 }, { kind: 'data', sourceOffset: 2_000, length: 60 }] });
  for (const runs of [
    [{ fileOffset: 0, imageOffset: 500, length: 100 }],
    [{ fileOffset: 0, imageOffset: 10_950, length: 100 }],
    [{ fileOffset: 0, imageOffset: 2_000, length: 99 }],
    [{ fileOffset: 0, imageOffset: null, length: 100 }],
    [{ fileOffset: 0, imageOffset: Number.NaN, length: 100 }],
    [{ fileOffset: 0, imageOffset: 2_000, length: 60 }, { fileOffset: 50, imageOffset: 3_000, length: 50 }],
    [],
  ]) {
    const { item, codes } = itemOf({ runs });
    assert.equal(item.content.form, 'none');
    assert.equal(item.partial, true);
    assert.equal(codes.length, 1);
  }
});

test('bytes that fiwalk escapes come back as they are', () => {
  assert.deepEqual(Buffer.from(itemOf({ path: 'a/l\\xFFm\\x5Cn\\x0A%25' }).item.name.bytes), Buffer.from('l\xffm\\n\n%25', 'latin1'));
});

test('names cannot climb, and an entry that is cut off is told', () => {
  assert.equal(displayPath('p1', itemOf({ path: '../../a' }).item), 'p1/\\../\\../a');
  const text = `<partition_offset>0</partition_offset><fileobject><parent_object><inode>2</inode></parent_object><filename>a&lt;b&amp;c</filename><filesize>0</filesize><alloc>1</alloc><inode>7</inode><meta_type>1</meta_type></fileobject><fileobject><filename>cut`;
  for (const size of [1, 7, 1_000]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
    const parsed = [...parseDfxml(pieces, 0)];
    assert.equal(parsed.length, 2);
    assert.deepEqual(parsed[0], { path: 'a<b&c', nameType: '', metaType: '1', sizeBytes: 0, isAllocated: true, inode: '7', times: { mtime: null, atime: null, ctime: null, crtime: null }, runs: [] });
    assert.ok('fault' in parsed[1]!);
    assert.deepEqual([...parseDfxml(pieces, 512)].filter((each) => !('fault' in each)), []);
  }
});
