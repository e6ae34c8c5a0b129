/** Structures made to hang, crash or mislead a reader, and seeded mutations of small volumes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeRandom, mutate, writeExtVolume, type CorpusFile } from '@kerbside/corpus';
import { extFormat } from './ext-format.ts';
import { contentOf, debugfs, makeImage, missingTools, rawPath, readVolume, shownPath, volumeOf, withTemporaryFolder } from './ext-test-images.ts';

const KIB = 1024;
const INODE_BYTES = { ext2: 128, ext4: 256 } as const;
const LONG = process.env['KERBSIDE_LONG'] === '1';

function writeImage(variant: 'ext2' | 'ext4', tree: readonly CorpusFile[], sizeBytes = 512 * KIB): Buffer {
  const image = Buffer.alloc(sizeBytes);
  writeExtVolume({ variant, blockSizeBytes: 1024, label: 'hostile', seed: 5, tree, sizeBytes, sink: { write: (bytes, offset) => image.set(bytes, offset) } });
  return image;
}

function smallTree(): CorpusFile[] {
  const random = makeRandom(11);
  return Array.from({ length: 40 }, (_, i) => ({
    path: `${['', 'a/', 'a/b/', 'c/'][i % 4]}file-${i}.jpg`, content: Buffer.alloc(random.below(9000), i), fragments: 1 + (i % 9), deleted: i % 7 === 3,
  }));
}

/** Offset of an inode in an image of one group. */
function inodeAt(image: Buffer, variant: 'ext2' | 'ext4', inode: number): number {
  return image.readUInt32LE(2048 + 8) * 1024 + (inode - 1) * INODE_BYTES[variant];
}

/** Offset of the record of a name in a directory block. */
function recordOf(image: Buffer, name: string): number {
  const at = image.indexOf(Buffer.from(name));
  assert.ok(at > 0);
  return at - 8;
}

test('ext hostile: a folder that holds itself and its parent is listed once, and told', () => {
  const image = writeImage('ext4', [{ path: 'loop/inner/x', content: Buffer.from('x') }, { path: 'loop/inner/yyyy', content: Buffer.from('y') }]);
  const record = recordOf(image, 'yyyy');
  const loop = image.readUInt32LE(recordOf(image, 'loop'));
  image.writeUInt32LE(loop, record);
  const { items, problems } = readVolume(image);
  assert.deepEqual(items.filter((item) => item.state === 'allocated').map(rawPath).sort(), ['loop', 'loop/inner', 'loop/inner/x', 'loop/inner/yyyy', 'lost+found']);
  assert.deepEqual(problems.map(({ code, where }) => `${code} ${where.path}`), ['ext-directory-cycle p1/loop/inner/yyyy']);
});

for (const variant of ['ext2', 'ext4'] as const) {
  test(`ext hostile: content is not hidden by an inode's type or by a size of 0 (${variant})`, () => {
    const content = Buffer.alloc(5000, 'goal');
    const made = writeImage(variant, [{ path: 'hidden-file', content }]);
    const at = inodeAt(made, variant, made.readUInt32LE(recordOf(made, 'hidden-file')));
    const withType = (type: number): Buffer => {
      const image = Buffer.from(made);
      image.writeUInt16LE((type << 12) | 0o644, at);
      return image;
    };
    // A pipe, a device, a number that means nothing, a link, a socket.
    for (const type of [1, 2, 5, 10, 12, 15]) {
      const image = withType(type);
      const { items, problems } = readVolume(image);
      const item = items.find((one) => one.sizeBytes === content.length)!;
      assert.equal(item.kind, 'file', `type ${type}`);
      assert.ok(contentOf(image, item).equals(content));
      assert.ok(problems.some(({ code }) => code === 'ext-type-wrong'), `type ${type}`);
    }
    const empty = Buffer.from(made);
    empty.writeUInt32LE(0, at + 4);
    assert.ok(readVolume(empty).problems.some(({ code }) => code === 'ext-blocks-beyond-size'));
  });
}

test('ext hostile: names that are dots, absolute, NUL, right-to-left or not UTF-8 stay names', () => {
  const names = ['aa', 'bbbb', 'cccc', 'ddddddd', 'eeee'];
  const image = writeImage('ext2', names.map((path) => ({ path, content: Buffer.from(path) })));
  const put = (name: string, bytes: Buffer): void => {
    bytes.copy(image, recordOf(image, name) + 8);
  };
  put('aa', Buffer.from('..'));
  put('bbbb', Buffer.from('/etc'));
  put('cccc', Buffer.from([0x61, 0, 0x62, 0]));
  put('ddddddd', Buffer.from('a‮bcd'));
  put('eeee', Buffer.from([0xff, 0xfe, 0xc3, 0x28]));
  const { items } = readVolume(image);
  const shown = items.map(shownPath).filter((name) => name !== 'lost+found');
  assert.deepEqual(shown, ['\\..', '\\u{2f}etc', 'a\\u{0}b\\u{0}', 'a\\u{202e}bcd', '\\xff\\xfe\\xc3(']);
  assert.deepEqual(items.filter((item) => item.kind === 'file').map((item) => contentOf(image, item).toString()), names);
});

test('ext hostile: 300 folders deep is read, 600 deep ends at the limit and says so', () => {
  const deep = (levels: number): CorpusFile[] => [{ path: `${'d/'.repeat(levels)}bottom`, content: Buffer.from('b') }];
  assert.ok(readVolume(writeImage('ext4', deep(300), 2048 * KIB)).items.some((item) => rawPath(item).endsWith('/bottom')));
  const beyond = readVolume(writeImage('ext4', deep(600), 2048 * KIB));
  assert.ok(beyond.problems.some((problem) => problem.code === 'ext-path-too-deep'));
  // what no name leads to is still listed by its inode
  assert.ok(beyond.items.some((item) => item.state === 'orphan' && item.kind === 'file'));
});

for (const variant of ['ext2', 'ext4'] as const) {
  test(`ext hostile: sizes up to 2^64 on ${variant}`, () => {
    for (const high of [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 0x10_0000]) {
      const image = writeImage(variant, [{ path: 'big', content: Buffer.from('content') }]);
      image.writeUInt32LE(high, inodeAt(image, variant, image.readUInt32LE(recordOf(image, 'big'))) + 0x6c);
      const { items, problems } = readVolume(image);
      const item = items.find((one) => rawPath(one) === 'big')!;
      assert.ok(item.partial);
      assert.ok(Number.isSafeInteger(item.sizeBytes));
      assert.ok(problems.some((problem) => problem.code === 'ext-size-implausible'));
      assert.ok(item.content.form === 'extents');
      assert.equal(item.content.extents.reduce((sum, extent) => sum + extent.length, 0), item.sizeBytes);
    }
  });
}

test('ext hostile: an extent tree that points at itself, too deep, overlapping or outside', () => {
  const tree: CorpusFile[] = [{ path: 'pieces', content: Buffer.alloc(40 * KIB, 1), fragments: 20 }];
  const inodeOf = (image: Buffer): number => inodeAt(image, 'ext4', image.readUInt32LE(recordOf(image, 'pieces')));
  const codesAfter = (change: (image: Buffer, root: number, leaf: number) => void): string[] => {
    const image = writeImage('ext4', tree);
    const root = inodeOf(image) + 0x28;
    change(image, root, image.readUInt32LE(root + 16) * KIB);
    const { items, problems } = readVolume(image);
    const item = items.find((one) => rawPath(one) === 'pieces')!;
    assert.ok(item.partial);
    assert.ok(item.content.form === 'extents');
    assert.equal(item.content.extents.reduce((sum, extent) => sum + extent.length, 0), item.sizeBytes);
    return problems.map((problem) => problem.code);
  };
  assert.deepEqual(codesAfter((image, root, leaf) => {
    // a node of depth 1 whose only child is itself
    image.writeUInt16LE(2, root + 6);
    image.writeUInt16LE(1, leaf + 6);
    image.writeUInt16LE(1, leaf + 2);
    image.writeUInt32LE(leaf / KIB, leaf + 16);
    image.writeUInt16LE(0, leaf + 20);
  }), ['ext-map-loop']);
  assert.deepEqual(codesAfter((image, root) => image.writeUInt16LE(9, root + 6)), ['ext-extent-node-damaged']);
  assert.deepEqual(codesAfter((image, _root, leaf) => image.writeUInt32LE(0, leaf + 12 + 3 * 12)), ['ext-extents-overlap']);
  assert.deepEqual(codesAfter((image, _root, leaf) => image.writeUInt32LE(0x7fff_ffff, leaf + 12 + 5 * 12 + 8)), ['ext-content-outside']);
});

test('ext hostile: a triple indirect block that points at itself ends', () => {
  const image = writeImage('ext2', [{ path: 'map', content: Buffer.alloc(300 * KIB, 1) }]);
  const at = inodeAt(image, 'ext2', image.readUInt32LE(recordOf(image, 'map')));
  const block = image.readUInt32LE(at + 0x28 + 13 * 4);
  image.writeUInt32LE(block, at + 0x28 + 14 * 4);
  image.fill(0, block * KIB, (block + 1) * KIB);
  for (let i = 0; i < 256; i++) image.writeUInt32LE(block, block * KIB + i * 4);
  image.writeUInt32LE(0xffff_ffff, at + 4);
  const started = performance.now();
  const { items, problems } = readVolume(image);
  assert.ok(performance.now() - started < 5000);
  assert.ok(items.find((item) => rawPath(item) === 'map')!.partial);
  assert.ok(problems.some((problem) => problem.code === 'ext-map-loop'));
});

test('ext hostile: every folder claims every block of the volume', () => {
  const image = writeImage('ext4', Array.from({ length: 300 }, (_, i) => ({ path: `folder-${i}/file`, content: Buffer.from('f') })), 2048 * KIB);
  const count = image.readUInt32LE(1024);
  for (let inode = 11; inode <= count; inode++) {
    const at = inodeAt(image, 'ext4', inode);
    if (at + 256 > image.length || image.readUInt16LE(at) >> 12 !== 4) continue;
    image.writeUInt32LE(image.length, at + 4);
    image.writeUInt16LE(2047, at + 0x28 + 16);
    image.writeUInt32LE(1, at + 0x28 + 20);
  }
  const { items, problems } = readVolume(image);
  assert.ok(items.length <= image.length / 2);
  assert.ok(problems.some((problem) => problem.code === 'ext-directory-cross-linked'));
});

test('ext hostile: a superblock that claims millions of groups', () => {
  const image = writeImage('ext4', smallTree());
  image.writeUInt32LE(0xffff_ffff, 1024 + 4);
  image.writeUInt32LE(8, 1024 + 0x20);
  const { items } = readVolume(image);
  assert.ok(items.length <= image.length / 2);
});

/** What a mutated volume may at most cost. */
const MOST_MS = 10_000;

/** Reads a mutated volume to the end: no throw but a refusal to open, no endless walk, sane items. */
function assertBounded(image: Buffer, label: string): void {
  const volume = volumeOf(image);
  const started = performance.now();
  if (extFormat.detect(volume) === null) return;
  let fileSystem;
  try {
    fileSystem = extFormat.open(volume);
  } catch (error) {
    assert.match(String((error as { code?: unknown }).code), /^[a-z0-9-]+$/, `${label}: ${String(error)}`);
    return;
  }
  let items = 0;
  for (const event of fileSystem.walk()) {
    if (event.type === 'problem') {
      assert.notEqual(event.problem.kind, 'internal', `${label}: ${event.problem.message}`);
      continue;
    }
    if (event.type === 'pause') continue;
    items += 1;
    const { item } = event;
    assert.ok(Number.isSafeInteger(item.sizeBytes) && item.sizeBytes >= 0, label);
    if (item.content.form === 'extents') {
      let sum = 0;
      for (const extent of item.content.extents) {
        sum += extent.length;
        assert.ok(extent.kind === 'hole' || (extent.sourceOffset >= 0 && extent.sourceOffset + extent.length <= image.length), `${label}: extent outside`);
      }
      assert.equal(sum, item.sizeBytes, label);
    }
  }
  for (const range of fileSystem.freeRanges()) assert.ok(range.offset >= 0 && range.offset + range.length <= image.length, label);
  // The stated budget: a name takes 12 bytes and an inode 128, each counted once in each of two views.
  assert.ok(items <= image.length / 2, `${label}: ${items} items`);
  assert.ok(performance.now() - started < MOST_MS, `${label}: ${performance.now() - started} ms`);
}

const MUTANTS = LONG ? 20_000 : 1000;

for (const variant of ['ext2', 'ext4'] as const) {
  test(`ext hostile: ${MUTANTS} mutated ${variant} volumes`, () => {
    const image = writeImage(variant, smallTree());
    for (let seed = 0; seed < MUTANTS; seed++) assertBounded(mutate(image, seed), `${variant} seed ${seed}`);
  });
}

test(`ext hostile: ${MUTANTS / 2} mutated ext4 volumes with inline data and a journal to replay`, { skip: missingTools('mke2fs', 'debugfs') }, () => {
  withTemporaryFolder((folder) => {
    const tree = path.join(folder, 'tree');
    fs.mkdirSync(path.join(tree, 'folder'), { recursive: true });
    for (let i = 0; i < 30; i++) fs.writeFileSync(path.join(tree, 'folder', `file-${i}`), Buffer.alloc(i * 20, i));
    const image = path.join(folder, 'image');
    makeImage(image, 3072 * KIB, ['-t', 'ext4', '-b', '1024', '-N', '64', '-J', 'size=1', '-O', 'inline_data,^metadata_csum,^resize_inode'], tree);
    const directory = Buffer.from(fs.readFileSync(image).subarray(50 * KIB, 51 * KIB));
    fs.writeFileSync(path.join(folder, 'block'), directory);
    debugfs(image, ['rm /folder/file-29', 'jo', `jw -b 50,51 ${path.join(folder, 'block')}`, 'jc']);
    const bytes = fs.readFileSync(image);
    assert.equal(bytes.readUInt32LE(1024 + 0x60) & 4, 4, 'the volume needs recovery');
    for (let seed = 0; seed < MUTANTS / 2; seed++) assertBounded(mutate(bytes, seed), `inline seed ${seed}`);
  });
});
