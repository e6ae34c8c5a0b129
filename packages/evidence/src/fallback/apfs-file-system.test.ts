import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generatedBytes, plantInApfs, sealApfsObject, writeMbr, type ApfsFile } from '@kerbside/corpus';
import { displayPath } from '../display-name.ts';
import { findLayout } from '../find-volumes.ts';
import type { Item } from '../item.ts';
import { openSource } from '../open-source.ts';
import { readContent } from '../read-content.ts';
import type { OpenImage } from '../source-contract.ts';

const missing = ['mkapfs', 'apfsck', 'pstat', 'fls', 'istat', 'icat', 'bwrap', 'prlimit'].filter((tool) => spawnSync('which', [tool], { env: { PATH: '/usr/bin:/usr/sbin:/bin:/sbin' } }).status !== 0);
if (missing.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tools missing: ${missing.join(', ')}`);
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')} (apfsprogs, sleuthkit, bubblewrap, util-linux)` : false;

const folder = mkdtempSync(join(tmpdir(), 'kerbside-apfs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (seed: number, length: number): Buffer => Buffer.concat([...generatedBytes(seed, length).chunks()]);
const PACKED = Buffer.concat([Buffer.from('fpmc'), Buffer.from([3, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0xff]), Buffer.from('match')]);
const FILES: readonly ApfsFile[] = [
  { path: 'DCIM/IMG_0001.JPG', content: bytes(1, 10_000) },
  { path: 'DCIM/trip/IMG_0002.JPG', content: bytes(2, 50_000), fragments: 3 },
  { path: 'empty.txt', content: Buffer.alloc(0) },
  { path: 'sparse.bin', content: bytes(3, 5_000), holeBlocks: 4 },
  { path: 'packed.txt', content: PACKED, compressed: true },
];

const tools = { env: { PATH: '/usr/bin:/usr/sbin:/bin:/sbin' }, encoding: 'utf8' } as const;
const empty = join(folder, 'empty.apfs');
const filled = join(folder, 'filled.apfs');
if (skip === false) {
  writeFileSync(empty, '');
  truncateSync(empty, 256 * 1024 * 1024);
  execFileSync('mkapfs', ['-L', 'Match day', empty], tools);
  execFileSync('cp', ['--sparse=always', empty, filled], tools);
  plantInApfs(filled, FILES);
}

interface Listing {
  readonly items: Map<string, Item>;
  readonly codes: string[];
  readonly pauses: number;
  readonly image: OpenImage;
}

async function list(path: string): Promise<Listing> {
  const image = (await openSource(path)) as OpenImage;
  const surveyed = findLayout(image).volumes.find(({ content }) => content.state === 'file-system');
  assert.ok(surveyed?.content.state === 'file-system');
  assert.equal(surveyed.content.fileSystem.kind, 'APFS');
  const events = [...surveyed.content.fileSystem.walk()];
  return {
    items: new Map(events.flatMap((event) => (event.type === 'item' ? [[displayPath('', event.item).replace(/^\//, ''), event.item] as const] : []))),
    codes: events.flatMap((event) => (event.type === 'problem' ? [event.problem.code] : [])),
    pauses: events.filter((event) => event.type === 'pause').length,
    image,
  };
}

function contentOf(image: OpenImage, item: Item): Buffer {
  return Buffer.concat([...readContent(image.source, item, 'system')].map((chunk) => Buffer.from(chunk.bytes)));
}

/** All that can be wrong with the listing of FILES at any place. */
async function requireFiles(path: string): Promise<void> {
  const { items, codes, pauses, image } = await list(path);
  assert.deepEqual(codes, ['fallback-compressed']);
  assert.deepEqual([...items.keys()].toSorted(), ['DCIM', 'DCIM/trip', ...FILES.map((file) => file.path)].toSorted());
  assert.ok(pauses > 0);
  for (const file of FILES) {
    const item = items.get(file.path)!;
    if (file.compressed === true) {
      assert.deepEqual([item.content, item.sizeBytes, item.partial], [{ form: 'none', reason: 'unsupported' }, 5, true]);
      continue;
    }
    assert.ok(contentOf(image, item).equals(Buffer.concat([Buffer.alloc((file.holeBlocks ?? 0) * 4_096), file.content])), file.path);
    assert.deepEqual(item.times.modified, { seconds: 1_704_164_645, nanoseconds: 678_901_234, zone: 'utc' });
  }
  await image.close();
}

function changeVolume(path: string, change: (superblock: Buffer) => void): void {
  const block = Number(/APSB Block Number: (\d+)/.exec(execFileSync('pstat', [path], tools))![1]);
  const file = openSync(path, 'r+');
  const superblock = Buffer.alloc(4_096);
  readSync(file, superblock, 0, 4_096, block * 4_096);
  change(superblock);
  sealApfsObject(superblock);
  writeSync(file, superblock, 0, 4_096, block * 4_096);
  closeSync(file);
}

function copyOfFilled(name: string): string {
  const path = join(folder, name);
  execFileSync('cp', ['--sparse=always', filled, path], tools);
  return path;
}

test('the checker accepts what was planted', { skip }, () => {
  assert.equal(execFileSync('apfsck', ['-c', filled], tools), '');
});

test('a container without files lists nothing, and nothing is wrong with it', { skip }, async () => {
  const { items, codes, image } = await list(empty);
  assert.deepEqual([[...items.keys()], codes], [[], []]);
  await image.close();
});

test('items and content of a container are those that were planted', { skip }, () => requireFiles(filled));

test('a container in a partition', { skip }, async () => {
  const disk = join(folder, 'disk.raw');
  execFileSync('dd', [`if=${filled}`, `of=${disk}`, 'bs=1M', 'seek=1', 'conv=sparse', 'status=none'], tools);
  truncateSync(disk, 257 * 1024 * 1024);
  const file = openSync(disk, 'r+');
  writeMbr({ sink: { write: (part, offset) => void writeSync(file, part, 0, part.length, offset) }, signature: 7, partitions: [{ type: 0xaf, startSector: 2_048, sectors: 256 * 2_048 }] });
  closeSync(file);
  await requireFiles(disk);
  rmSync(disk);
});

test('a container on a block device', { skip: skip !== false ? skip : process.getuid?.() !== 0 ? 'loop devices need root' : false }, async (context) => {
  const made = spawnSync('losetup', ['-f', '--show', '-r', filled], tools);
  if (made.status !== 0) return context.skip('loop devices cannot be made here');
  const device = made.stdout.trim();
  try {
    await requireFiles(device);
  } finally {
    spawnSync('losetup', ['-d', device], tools);
  }
});

test('an encrypted volume, snapshots and files that are not listed are told', { skip }, async () => {
  const locked = copyOfFilled('locked.apfs');
  changeVolume(locked, (superblock) => superblock.writeBigUInt64LE(0n, 264));
  const first = await list(locked);
  assert.equal(first.items.size, 0);
  assert.ok(first.codes.includes('apfs-volume-encrypted') || first.codes.includes('apfs-volumes-missing'), first.codes.join());
  await first.image.close();
  const held = copyOfFilled('held.apfs');
  changeVolume(held, (superblock) => {
    superblock.writeBigUInt64LE(2n, 216);
    superblock.writeBigUInt64LE(9n, 184);
  });
  const second = await list(held);
  assert.deepEqual(second.codes, ['apfs-snapshots-not-read', 'fallback-compressed', 'apfs-listing-short']);
  assert.equal(second.items.size, FILES.length + 2);
  await second.image.close();
});

test('paths and identifiers tell the volumes of a container apart', { skip }, async () => {
  const path = copyOfFilled('two.apfs');
  const file = openSync(path, 'r+');
  const change = (block: number, edit: (bytes: Buffer) => void, to = block): void => {
    const object = Buffer.alloc(4_096);
    readSync(file, object, 0, 4_096, block * 4_096);
    edit(object);
    sealApfsObject(object);
    writeSync(file, object, 0, 4_096, to * 4_096);
  };
  const [volumeBlock, secondBlock, mapTree, secondId] = [20_002, 25_000, 20_001, 1_030n];
  // A second volume superblock with another name on the same trees.
  change(volumeBlock, (bytes) => {
    bytes.writeBigUInt64LE(secondId, 8);
    bytes.fill(0, 704, 960).write('Away: 2nd/half', 704);
  }, secondBlock);
  change(mapTree, (bytes) => {
    const table = 56 + bytes.readUInt16LE(40);
    const keys = table + bytes.readUInt16LE(42);
    bytes.writeUInt32LE(2, 36);
    bytes.writeUInt16LE(16, table + 4);
    bytes.writeUInt16LE(32, table + 6);
    bytes.writeBigUInt64LE(secondId, keys + 16);
    bytes.writeBigUInt64LE(1n, keys + 24);
    const value = 4_096 - 40 - 32;
    bytes.copy(bytes, value, value + 16, value + 32);
    bytes.writeBigUInt64LE(BigInt(secondBlock), value + 8);
    bytes.writeBigUInt64LE(2n, 4_096 - 40 + 24);
  });
  for (const block of [0, 2]) change(block, (bytes) => void bytes.writeBigUInt64LE(secondId, 192));
  closeSync(file);
  const { items, codes, image } = await list(path);
  assert.deepEqual(codes, ['fallback-compressed', 'fallback-compressed']);
  const expected = ['DCIM', 'DCIM/trip', ...FILES.map((each) => each.path)].flatMap((each) => [`Match day/${each}`, `Away: 2nd:half/${each}`]);
  assert.deepEqual([...items.keys()].toSorted(), expected.toSorted());
  assert.equal(new Set([...items.values()].map((item) => item.id)).size, expected.length);
  assert.ok(contentOf(image, items.get('Away: 2nd:half/DCIM/IMG_0001.JPG')!).equals(FILES[0]!.content));
  await image.close();
});

test('no damage to the metadata is taken for an empty volume', { skip }, async () => {
  const path = copyOfFilled('damaged.apfs');
  const file = openSync(path, 'r+');
  const blocks = [20_002, 20_003, 20_004, 20_005, 20_001, 20_000];
  for (const block of blocks) {
    const before = Buffer.alloc(4_096);
    readSync(file, before, 0, 4_096, block * 4_096);
    writeSync(file, Buffer.alloc(4_096, 0x5a), 0, 4_096, block * 4_096);
    const { items, codes, image } = await list(path);
    assert.ok(items.size === FILES.length + 2 || codes.length > 1, `block ${block}: ${items.size} items, ${codes.join()}`);
    await image.close();
    writeSync(file, before, 0, 4_096, block * 4_096);
  }
  closeSync(file);
});

test('damage to the space manager, where pstat gives up, costs no file', { skip }, async () => {
  const path = copyOfFilled('spaceman.apfs');
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4_096, 0x5a), 0, 4_096, 66 * 4_096);
  closeSync(file);
  const { items, codes, image } = await list(path);
  assert.deepEqual(codes, ['fallback-failed', 'fallback-compressed']);
  assert.equal(items.size, FILES.length + 2);
  await image.close();
});

test('changed metadata never makes the walk throw, nor points outside the source', { skip }, async () => {
  const path = copyOfFilled('mutated.apfs');
  const file = openSync(path, 'r+');
  for (let round = 0; round < 6; round += 1) {
    const places = [0, 1, 2].map((index) => ({ block: [20_005, 20_002, 20_004][index]!, at: 36 + ((round * 977 + index * 331) % 1_400), value: (round * 83 + index * 29 + 1) & 0xff }));
    const kept = places.map(({ block }) => {
      const before = Buffer.alloc(4_096);
      readSync(file, before, 0, 4_096, block * 4_096);
      return { block, before };
    });
    for (const { block, at, value } of places) writeSync(file, Buffer.from([value]), 0, 1, block * 4_096 + at);
    const { items, image } = await list(path);
    for (const item of items.values()) {
      if (item.content.form !== 'extents') continue;
      for (const extent of item.content.extents) assert.ok(extent.kind === 'hole' || (extent.sourceOffset >= 0 && extent.sourceOffset + extent.length <= 256 * 1024 * 1024));
    }
    await image.close();
    for (const { block, before } of kept.toReversed()) writeSync(file, before, 0, 4_096, block * 4_096);
  }
  closeSync(file);
});

test('in a virtual disk the reason why it is not read is told', { skip: skip === false && spawnSync('which', ['qemu-img']).status !== 0 ? 'not installed: qemu-img (qemu-utils)' : skip }, async () => {
  const path = join(folder, 'disk.qcow2');
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', filled, path]);
  const image = (await openSource(path)) as OpenImage;
  const { volumes, problems } = findLayout(image);
  assert.deepEqual(volumes.map(({ content }) => content.state), ['unsupported']);
  assert.deepEqual(problems.map(({ code }) => code), ['fallback-source-form']);
  await image.close();
});

