/*
 * The seven injuries: on six of them The Sleuth Kit 4.11.1 lists none of the 600 pictures. Each must
 * give all 600 with their paths and contents through the real command, tell the damage, and never end
 * in "nothing known found".
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, closeSync, constants, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { createImageFile, makePicture, writeExtVolume, writeFatVolume, writeNtfsVolume, type CorpusFile } from '@kerbside/corpus';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, listSource, makeFolder, readReport } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());

const PICTURES = 600;
const MIB = 1024 * 1024;

/** Twenty pictures' bytes, told apart by a number at the end, so that 600 different contents are made quickly. */
const scenes = Array.from({ length: 20 }, (_, seed) => makePicture({ kind: 'jpeg', seed, widthPx: 160, heightPx: 120 }));
const tree: CorpusFile[] = Array.from({ length: PICTURES }, (_, n) => ({
  path: `DCIM/${100 + Math.floor(n / 100)}CANON/IMG_${String(n).padStart(4, '0')}.JPG`,
  content: Buffer.concat([scenes[n % scenes.length]!, Buffer.from(`picture ${n}`)]),
}));
const expected = new Map(tree.map((file) => [`p1/${file.path}`, createHash('sha1').update(file.content as Buffer).digest('hex')]));

type Kind = 'ntfs' | 'ext4' | 'fat32';

function makeVolume(kind: Kind): string {
  const path = join(folder.path, `${kind}.img`);
  // ext4 needs a second block group for its first backup: 128 MiB with 4 KiB blocks.
  const sizeBytes = (kind === 'ext4' ? 200 : 64) * MIB;
  const sink = createImageFile(path, sizeBytes);
  const common = { sizeBytes, label: 'CARD', seed: 5, tree, sink };
  if (kind === 'ntfs') writeNtfsVolume(common);
  else if (kind === 'ext4') writeExtVolume({ ...common, variant: 'ext4', blockSizeBytes: 4096 });
  else writeFatVolume({ ...common, fatBits: 32, clusterSizeBytes: 512 });
  sink.close();
  return path;
}

const intact: Readonly<Record<Kind, string>> = { ntfs: makeVolume('ntfs'), ext4: makeVolume('ext4'), fat32: makeVolume('fat32') };

/** Reads `length` bytes at `offset`. */
function peek(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, offset);
  closeSync(file);
  return bytes;
}

function poke(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

const INJURIES: Readonly<Record<string, { readonly kind: Kind; readonly injure: (path: string) => void }>> = {
  'NTFS boot sector zeroed': { kind: 'ntfs', injure: (path) => poke(path, 0, Buffer.alloc(512)) },
  'NTFS first MFT record zeroed': {
    kind: 'ntfs',
    injure: (path) => {
      const boot = peek(path, 0, 512);
      const clusterBytes = boot.readUInt16LE(11) * boot.readUInt8(13);
      poke(path, Number(boot.readBigUInt64LE(48)) * clusterBytes, Buffer.alloc(1024));
    },
  },
  'ext4 primary superblock zeroed': { kind: 'ext4', injure: (path) => poke(path, 1024, Buffer.alloc(1024)) },
  'ext4 first MiB zeroed': { kind: 'ext4', injure: (path) => poke(path, 0, Buffer.alloc(MIB)) },
  'FAT32 first sector of FAT #1 zeroed': { kind: 'fat32', injure: (path) => poke(path, peek(path, 0, 512).readUInt16LE(14) * 512, Buffer.alloc(512)) },
  'FAT32 directory entry pointing at itself': {
    kind: 'fat32',
    injure: (path) => {
      const boot = peek(path, 0, 512);
      const dataStart = (boot.readUInt16LE(14) + boot.readUInt8(16) * boot.readUInt32LE(36)) * 512;
      const clusterBytes = boot.readUInt8(13) * 512;
      const rootOffset = dataStart + (boot.readUInt32LE(44) - 2) * clusterBytes;
      const root = peek(path, rootOffset, clusterBytes);
      const entry = root.indexOf('DCIM       ');
      assert.ok(entry >= 0 && entry % 32 === 0, 'the root directory holds no DCIM');
      root.writeUInt16LE(boot.readUInt32LE(44) >>> 16, entry + 20);
      root.writeUInt16LE(boot.readUInt32LE(44) & 0xffff, entry + 26);
      poke(path, rootOffset, root);
    },
  },
  'FAT32 boot sector zeroed': { kind: 'fat32', injure: (path) => poke(path, 0, Buffer.alloc(512)) },
};

/** A set that knows none of the pictures, so that only the damage decides the verdict. */
const strangersSet = join(folder.path, 'strangers.kset');

test('make a set that knows none of the pictures', () => {
  const list = join(folder.path, 'strangers.sha1');
  writeFileSync(list, `${createHash('sha1').update('a stranger').digest('hex')}  stranger.jpg\n`);
  const run = kerbside(['set', 'build', strangersSet, '--from', list, '--meaning', 'alert', '--name', 'Strangers']);
  assert.equal(run.status, 0, run.stderr);
});

for (const [kind, path] of Object.entries(intact)) {
  test(`intact ${kind}: 600 pictures, no problem`, () => {
    const listing = listSource(path, 'sha1', kerbside);
    assert.deepEqual(picturesOf(listing.items), expected);
    assert.deepEqual(listing.problems, []);
  });
}

for (const [name, { kind, injure }] of Object.entries(INJURIES)) {
  test(`${name}: 600 of 600 with their paths, and the damage is told`, () => {
    const path = join(folder.path, 'injured.img');
    copyFileSync(intact[kind], path, constants.COPYFILE_FICLONE);
    injure(path);
    assert.notEqual(digestFile(path), digestFile(intact[kind]), 'the injury changed nothing');
    const before = digestFile(path);

    const listing = listSource(path, 'sha1', kerbside);
    assert.deepEqual(picturesOf(listing.items), expected);
    assert.ok(listing.problems.length > 0, 'the damage is not told');

    const out = join(folder.path, `run-${name.replaceAll(' ', '-')}`.replaceAll('#', ''));
    const run = kerbside(['triage', path, '--set', strangersSet, '--out', out]);
    assert.equal(run.status, 20, run.stderr);
    const report = readReport(out);
    assert.equal(report.verdict, 'needs-examination');
    assert.ok(report.problems.length > 0);
    assert.equal(digestFile(path), before, 'the source was changed');
    assert.ok(readFileSync(join(out, 'report.html'), 'utf8').includes('Needs examination'));
  });
}

/** Path → SHA-1 of every allocated picture; a path listed twice with another content would show as a difference. */
function picturesOf(items: ReturnType<typeof listSource>['items']): Map<string, string> {
  const found = new Map<string, string>();
  for (const item of items) {
    if (item.kind !== 'file' || !item.allocated || !/IMG_\d{4}\.JPG$/.test(item.path)) continue;
    assert.ok(!found.has(item.path) || found.get(item.path) === item.sha1, `${item.path} is listed twice with two contents`);
    found.set(item.path, item.sha1 ?? '');
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
