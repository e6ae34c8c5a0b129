/*
 * Block devices, as loop devices over an image: writable and mounted ones are refused with what to
 * do, a read-only one gives what the image gives, and nothing on it changes: not even a dirty ext4 journal.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test, { after } from 'node:test';
import type { Report } from '@kerbside/triage';
import { compileSet, makeDevice } from './support/make-device.ts';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, listSource, makeFolder, readReport } from './support/run-kerbside.ts';

const folder = makeFolder();
const attached: string[] = [];
const mounted: string[] = [];
after(() => {
  for (const place of mounted) spawnSync('umount', ['-l', place]);
  for (const device of attached) spawnSync('losetup', ['-d', device]);
  folder[Symbol.dispose]();
});

const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Attaches an image to a loop device; null where this machine does not allow it. */
function attach(image: string, ...options: string[]): string | null {
  const made = spawnSync('losetup', ['-f', '--show', ...options, image], { encoding: 'utf8', env });
  if (made.status !== 0) return null;
  attached.push(made.stdout.trim());
  return made.stdout.trim();
}

const MIB = 1024 * 1024;
const device = makeDevice({ folder: folder.path, filesPerVolume: 25, fileSizeBytes: 20_000, seed: 71 });
const sourceDigest = digestFile(device.imagePath);
const readOnly = attach(device.imagePath, '-r', '-P');
const skip = readOnly === null ? 'loop devices need root and a kernel that has them' : false;

function triage(source: string, out: string, set = device.setPath): ReturnType<typeof kerbside> {
  return kerbside(['triage', source, '--set', set, '--out', join(folder.path, out)]);
}

test('a writable device is refused, with the very command that makes it read-only', { skip }, (t) => {
  const writable = attach(device.imagePath);
  if (writable === null) return t.skip('no second loop device');
  for (const run of [triage(writable, 'writable'), kerbside(['list', writable, '--json']), kerbside(['verify-image', writable])]) {
    assert.equal(run.status, 2, run.stderr);
    assert.match(run.stderr, /\(device-writable\)/);
    assert.ok(run.stderr.includes(`blockdev --setro ${writable}`), run.stderr);
    assert.match(run.stderr, /write blocker/);
  }
  const set = spawnSync('blockdev', ['--setro', writable], { env });
  assert.equal(set.status, 0);
  const run = triage(writable, 'set-read-only');
  assert.equal(run.status, 10, run.stderr);
  assert.equal(spawnSync('blockdev', ['--setrw', writable], { env }).status, 0);
  const declared = kerbside(['triage', writable, '--set', device.setPath, '--out', join(folder.path, 'declared'), '--write-blocker', 'Bridge 5 serial 123']);
  assert.equal(declared.status, 10, declared.stderr);
  assert.match(JSON.stringify(readReport(join(folder.path, 'declared')).source), /Bridge 5 serial 123/);
});

/** Coverage without the survey: its places are drawn anew for each run, and on a device its chunks follow the measured speed. */
function withoutSurvey({ coverage }: Report): unknown {
  return { ...coverage, stages: coverage.stages.filter(({ name }) => name !== 'survey') };
}

test('a read-only device gives the same list and the same hits as its image', { skip }, () => {
  const ofImage = listSource(device.imagePath, 'sha1');
  const ofDevice = listSource(readOnly!, 'sha1');
  assert.deepEqual(ofDevice.items, ofImage.items);
  assert.deepEqual(ofDevice.problems, ofImage.problems);
  assert.equal(triage(readOnly!, 'device').status, 10);
  assert.equal(triage(device.imagePath, 'image').status, 10);
  const [onDevice, onImage] = ['device', 'image'].map((out) => readReport(join(folder.path, out)));
  assert.equal(onDevice!.source.kind, 'block-device');
  assert.deepEqual(onDevice!.hits, onImage!.hits);
  assert.deepEqual(withoutSurvey(onDevice!), withoutSurvey(onImage!));
  assert.deepEqual([onDevice!, onImage!].map(({ coverage }) => coverage.stages.find(({ name }) => name === 'survey')?.finished), [true, true]);
  assert.deepEqual(onDevice!.hits.map((hit) => hit.path).sort(), device.knownPaths);
  assert.equal(digestFile(device.imagePath), sourceDigest, 'the source was changed');
});

test('one partition of a device is a source too', { skip }, (t) => {
  const name = `${basename(readOnly!)}p1`;
  let partition = `/dev/${name}`;
  if (!existsSync(partition)) {
    // In a container the kernel knows the partition and nothing makes its device file.
    partition = join(folder.path, name);
    const number = existsSync(`/sys/class/block/${name}/dev`) ? readFileSync(`/sys/class/block/${name}/dev`, 'utf8').trim().split(':') : [];
    if (number.length !== 2 || spawnSync('mknod', [partition, 'b', ...number]).status !== 0) return t.skip('the kernel makes no partitions of loop devices here');
  }
  const run = triage(partition, 'partition');
  assert.equal(run.status, 10, run.stderr);
  assert.deepEqual(
    readReport(join(folder.path, 'partition')).hits.map((hit) => hit.path).sort(),
    device.knownPaths.filter((path) => path.startsWith('p1/')),
  );
});

test('a mounted device is refused: read-only alone is not enough', { skip }, (t) => {
  const image = join(folder.path, 'mounted.img');
  const file = openSync(image, 'w');
  ftruncateSync(file, 16 * MIB);
  closeSync(file);
  if (spawnSync('mkfs.ext4', ['-q', '-F', image], { env }).status !== 0) return t.skip('mkfs.ext4 not installed (e2fsprogs)');
  const loop = attach(image, '-r');
  const place = join(folder.path, 'place');
  mkdirSync(place);
  if (loop === null || spawnSync('mount', ['-t', 'ext4', '-o', 'ro,noload', loop, place], { env }).status !== 0) return t.skip('ext4 cannot be mounted here');
  mounted.push(place);
  const run = triage(loop, 'in-use');
  assert.equal(run.status, 2, run.stderr);
  assert.match(run.stderr, /\(device-in-use\)/);
  assert.ok(run.stderr.includes('umount') && run.stderr.includes(place), run.stderr);
  spawnSync('umount', [place]);
  mounted.pop();
  assert.notEqual(triage(loop, 'no-longer-in-use').status, 2);
});

test('an ext4 volume with a dirty journal stays as it is, bit for bit, as file and as device', (t) => {
  const image = join(folder.path, 'dirty.img');
  const file = openSync(image, 'w');
  ftruncateSync(file, 16 * MIB);
  closeSync(file);
  const text = join(folder.path, 'text.txt');
  writeFileSync(text, 'Away win. '.repeat(2000));
  if (spawnSync('mkfs.ext4', ['-q', '-F', image], { env }).status !== 0) return t.skip('mkfs.ext4 not installed (e2fsprogs)');
  // Writes into the journal of the volume what would go to block 900, and leaves it to be replayed.
  const wrote = spawnSync('debugfs', ['-w', '-R', `write ${text} text.txt`, image], { env });
  const script = join(folder.path, 'journal.debugfs');
  writeFileSync(script, `jo\njw -b 900 ${text}\njc\n`);
  const journalled = spawnSync('debugfs', ['-w', '-f', script, image], { env, encoding: 'utf8' });
  if (wrote.status !== 0 || journalled.status !== 0) return t.skip('debugfs cannot write a journal here');
  const superblock = Buffer.alloc(1024);
  const opened = openSync(image, 'r');
  readSync(opened, superblock, 0, 1024, 1024);
  closeSync(opened);
  assert.equal(superblock.readUInt32LE(0x60) & 4, 4, 'the volume does not need recovery: nothing is tested');

  const before = digestFile(image);
  const strangers = compileSet(join(folder.path, 'strangers.kset'), []);
  const asFile = triage(image, 'dirty-file', strangers);
  assert.ok([0, 20].includes(asFile.status ?? -1), asFile.stderr);
  assert.equal(digestFile(image), before, 'the image was changed');
  const ofFile = listSource(image, 'sha1');
  assert.ok(ofFile.items.some((item) => item.path === 'p1/text.txt'));
  assert.equal(digestFile(image), before, 'listing changed the image');
  const loop = attach(image, '-r');
  if (loop === null) return t.diagnostic('no loop device: tested as a file only');
  const asDevice = triage(loop, 'dirty-device', strangers);
  assert.equal(asDevice.status, asFile.status, asDevice.stderr);
  assert.deepEqual(withoutSurvey(readReport(join(folder.path, 'dirty-device'))), withoutSurvey(readReport(join(folder.path, 'dirty-file'))));
  assert.deepEqual(listSource(loop, 'sha1').items, ofFile.items);
  assert.equal(digestFile(image), before, 'the device was changed');
});
