/**
 * Replay in memory against `e2fsck -fy` on a copy. debugfs writes the transactions: the blocks in which
 * a volume with more files differs from its earlier self.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { contentOf, debugfs, makeImage, missingTools, rawPath, readVolume, run, withTemporaryFolder } from './ext-test-images.ts';
import type { Item } from '../item.ts';

const skip = missingTools('mke2fs', 'debugfs', 'e2fsck');
const BLOCK = 1024;
const MIB = 1024 * 1024;

/** Number of blocks that one `jw` command takes without its line growing too long. */
const BLOCKS_PER_COMMAND = 60;

function makeFiles(folder: string, count: number): string {
  const tree = path.join(folder, `tree-${count}`);
  fs.mkdirSync(path.join(tree, 'pictures'), { recursive: true });
  for (let i = 0; i < count; i++) fs.writeFileSync(path.join(tree, 'pictures', `picture-${String(i).padStart(4, '0')}.jpg`), Buffer.alloc(3000, i));
  return tree;
}

/** Journals into `image` every block in which `later` differs, `revoked` blocks excepted, which are revoked afterwards. */
function journalDifferences(image: string, later: Buffer, options: { readonly checksum: string; readonly journal: readonly number[]; readonly revoke?: readonly number[] }): number[] {
  const before = fs.readFileSync(image);
  const kept = new Set(options.journal);
  const changed: number[] = [];
  for (let block = 2; block < later.length / BLOCK; block++) {
    const at = block * BLOCK;
    if (!kept.has(block) && !before.subarray(at, at + BLOCK).equals(later.subarray(at, at + BLOCK))) changed.push(block);
  }
  const commands = [options.checksum === '' ? 'jo' : `jo ${options.checksum}`];
  for (let i = 0; i < changed.length; i += BLOCKS_PER_COMMAND) {
    const blocks = changed.slice(i, i + BLOCKS_PER_COMMAND);
    const file = `${image}.blocks-${i}`;
    fs.writeFileSync(file, Buffer.concat(blocks.map((block) => later.subarray(block * BLOCK, (block + 1) * BLOCK))));
    commands.push(`jw -b ${blocks.join(',')} ${file}`);
  }
  if (options.revoke !== undefined) commands.push(`jw -r ${options.revoke.join(',')}`);
  commands.push('jc');
  debugfs(image, commands);
  return changed;
}

/** Blocks of the journal itself, which must not be journalled. */
function journalBlocks(image: string): number[] {
  const text = run('debugfs', ['-R', 'blocks <8>', image]).toString();
  return text.split(/\s+/).filter((word) => /^\d+$/.test(word)).map(Number);
}

/** Folders without their size: e2fsck repacks them once it has replayed the journal. */
function summary(items: readonly Item[], bytes: Buffer): string[] {
  return items.filter((item) => item.state === 'allocated').map((item) => `${rawPath(item)} ${item.id} ${item.kind === 'file' ? `${item.sizeBytes} ${contentOf(bytes, item).toString('latin1').slice(0, 40)}` : ''}`).sort();
}

for (const checksum of ['', '-c', '-c -v 2', '-c -v 3']) {
  test(`ext journal: replayed as e2fsck does it (jo ${checksum})`, { skip }, () => {
    withTemporaryFolder((folder) => {
      const options = ['-t', 'ext4', '-b', '1024', '-O', checksum === '' ? '^metadata_csum' : 'metadata_csum'];
      const image = path.join(folder, 'image');
      const later = path.join(folder, 'later');
      makeImage(image, 8 * MIB, options, makeFiles(folder, 60));
      makeImage(later, 8 * MIB, options, makeFiles(folder, 120));
      journalDifferences(image, fs.readFileSync(later), { checksum, journal: journalBlocks(image) });
      const dirty = fs.readFileSync(image);
      const digest = Buffer.from(dirty);
      const ours = readVolume(dirty);
      run('e2fsck', ['-fy', image], [0, 1]);
      const replayed = fs.readFileSync(image);
      const expected = readVolume(replayed);
      assert.deepEqual(ours.problems, []);
      assert.ok(expected.items.length > 120);
      assert.deepEqual(summary(ours.items, dirty), summary(expected.items, replayed));
      assert.ok(dirty.equals(digest), 'the evidence must not change');
    });
  });
}

test('ext journal: items that only the volume as it stands shows come out as deleted, with their content', { skip }, () => {
  withTemporaryFolder((folder) => {
    const options = ['-t', 'ext4', '-b', '1024', '-O', '^metadata_csum'];
    const image = path.join(folder, 'image');
    const later = path.join(folder, 'later');
    makeImage(image, 8 * MIB, options, makeFiles(folder, 60));
    fs.copyFileSync(image, later);
    debugfs(later, ['rm /pictures/picture-0007.jpg']);
    journalDifferences(image, fs.readFileSync(later), { checksum: '', journal: journalBlocks(image) });
    const bytes = fs.readFileSync(image);
    const { items } = readVolume(bytes);
    const named = items.filter((item) => rawPath(item) === 'pictures/picture-0007.jpg');
    assert.deepEqual([...new Set(named.map((item) => item.state))], ['deleted']);
    assert.ok(named.some((item) => contentOf(bytes, item).equals(Buffer.alloc(3000, 7))));
    assert.equal(items.filter((item) => item.state === 'allocated' && item.kind === 'file').length, 59);
  });
});

test('ext journal: a revoked block is not replayed', { skip }, () => {
  withTemporaryFolder((folder) => {
    const options = ['-t', 'ext4', '-b', '1024', '-O', '^metadata_csum'];
    const image = path.join(folder, 'image');
    makeImage(image, 8 * MIB, options, makeFiles(folder, 10));
    const { items } = readVolume(fs.readFileSync(image));
    const file = items.find((item) => rawPath(item) === 'pictures/picture-0003.jpg')!;
    assert.equal(file.content.form, 'extents');
    const block = file.content.form === 'extents' && file.content.extents[0]!.kind === 'data' ? file.content.extents[0]!.sourceOffset / BLOCK : 0;
    fs.writeFileSync(path.join(folder, 'block'), Buffer.alloc(BLOCK, 0xaa));
    debugfs(image, ['jo', `jw -b ${block} ${path.join(folder, 'block')}`, `jw -r ${block}`, 'jc']);
    const dirty = fs.readFileSync(image);
    const after = readVolume(dirty).items.find((item) => rawPath(item) === 'pictures/picture-0003.jpg')!;
    assert.ok(contentOf(dirty, after).equals(Buffer.alloc(3000, 3)));
  });
});

test('ext journal: file data that only the journal holds is read from there, and an escaped block is told', { skip }, () => {
  withTemporaryFolder((folder) => {
    const image = path.join(folder, 'image');
    makeImage(image, 8 * MIB, ['-t', 'ext4', '-b', '1024', '-O', '^metadata_csum'], makeFiles(folder, 10));
    const dataBlock = (bytes: Buffer, name: string): number => {
      const item = readVolume(bytes).items.find((one) => rawPath(one) === name)!;
      assert.ok(item.content.form === 'extents' && item.content.extents[0]!.kind === 'data');
      return item.content.extents[0]!.sourceOffset / BLOCK;
    };
    const clean = fs.readFileSync(image);
    const escaped = Buffer.alloc(BLOCK, 0x55);
    escaped.writeUInt32BE(0xc03b3998, 0);
    fs.writeFileSync(path.join(folder, 'a'), Buffer.alloc(BLOCK, 0xaa));
    fs.writeFileSync(path.join(folder, 'b'), escaped);
    debugfs(image, ['jo', `jw -b ${dataBlock(clean, 'pictures/picture-0003.jpg')} ${path.join(folder, 'a')}`, `jw -b ${dataBlock(clean, 'pictures/picture-0004.jpg')} ${path.join(folder, 'b')}`, 'jc']);
    const dirty = fs.readFileSync(image);
    const { items, problems } = readVolume(dirty);
    const current = (name: string): Item => items.find((one) => rawPath(one) === name && one.state === 'allocated')!;
    assert.ok(contentOf(dirty, current('pictures/picture-0003.jpg')).equals(Buffer.concat([Buffer.alloc(BLOCK, 0xaa), Buffer.alloc(3000 - BLOCK, 3)])));
    assert.ok(contentOf(dirty, current('pictures/picture-0004.jpg')).equals(Buffer.concat([escaped, Buffer.alloc(3000 - BLOCK, 4)])));
    assert.deepEqual(problems, []);
    // the old content is still to be had, under the same name
    const old = items.find((one) => rawPath(one) === 'pictures/picture-0003.jpg' && one.state === 'deleted')!;
    assert.ok(contentOf(dirty, old).equals(Buffer.alloc(3000, 3)));
  });
});

test('ext journal: an external journal is told', { skip }, () => {
  withTemporaryFolder((folder) => {
    const image = path.join(folder, 'image');
    makeImage(image, 8 * MIB, ['-t', 'ext4', '-b', '1024', '-O', '^metadata_csum'], makeFiles(folder, 3));
    const bytes = fs.readFileSync(image);
    bytes.writeUInt32LE(0, 1024 + 0xe0);
    bytes.writeUInt32LE(bytes.readUInt32LE(1024 + 0x60) | 4, 1024 + 0x60);
    assert.deepEqual(readVolume(bytes).problems.map((problem) => problem.code), ['ext-journal-external']);
  });
});
