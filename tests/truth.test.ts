/*
 * The answer is true, from the disk to the exit code: "nothing known found" only where everything was
 * read by an intact file system; each thing that was not read is a reason by name; a hit wherever the
 * known bytes are; and in every report the counts add up.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import {
  createImageFile,
  generatedBytes,
  makeDocument,
  makePicture,
  makeRandom,
  readFileChunks,
  writeDisk,
  writeE01,
  writeExfatVolume,
  writeExtVolume,
  writeFatVolume,
  writeNtfsVolume,
  type CorpusFile,
  type ExfatFile,
  type ImageSink,
  type NtfsFile,
} from '@kerbside/corpus';
import type { Report } from '@kerbside/triage';
import { compileSet, makeDevice } from './support/make-device.ts';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, makeFolder, readReport } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());

const MIB = 1024 * 1024;
const at = (...names: string[]): string => join(folder.path, ...names);
const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
const strangers = compileSet(at('strangers.kset'), []);

/** Administrators' folders are not in everyone's PATH. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

let runs = 0;

/** Triage through the command; asserts what must hold of every run: counts add up, exit code and verdict agree, the source is untouched. */
function triage(path: string, sets: readonly string[] = [strangers]): { status: number | null; report: Report; stdout: string } {
  const before = digestFile(path);
  runs += 1;
  const out = at(`run-${runs}`);
  const run = kerbside(['triage', path, ...sets.flatMap((set) => ['--set', set]), '--out', out]);
  assert.ok([0, 10, 20].includes(run.status ?? -1), `${run.status}: ${run.stderr}`);
  const report = readReport(out);
  const { seen, read, gated, skippedByPlan, problems, skipped } = report.coverage.items;
  assert.equal(seen, read + gated + skippedByPlan + problems, JSON.stringify(report.coverage.items));
  assert.equal(skippedByPlan, Object.values(skipped).reduce((sum, count) => sum + count, 0));
  assert.equal(report.verdict, { 0: 'nothing-known-found', 10: 'known-material-found', 20: 'needs-examination' }[run.status!]);
  assert.ok(report.reasons.length > 0 && report.coverage.bytesRead <= report.coverage.sourceBytes);
  if (report.verdict === 'nothing-known-found') {
    assert.deepEqual(report.problems, []);
    assert.equal(problems + skipped['not-reached'] + report.coverage.unreadableBytes, 0);
    assert.ok(report.volumes.every((volume) => (volume.state === 'file-system' && volume.basis === 'primary') || (volume.state === 'unrecognised' && volume.appears === 'empty')));
    assert.ok(report.coverage.stages.every((stage) => stage.finished));
  }
  assert.equal(digestFile(path), before, 'the source was changed');
  return { status: run.status, report, stdout: run.stdout };
}

function reasonCodes(report: Report): string[] {
  return report.reasons.map((reason) => reason.code);
}

/** Writes an image file through its sink. */
function makeImage(name: string, sizeBytes: number, write: (sink: ImageSink) => void): string {
  const image = createImageFile(at(name), sizeBytes);
  write(image);
  image.close();
  return at(name);
}

const picture = (seed: number): Buffer => makePicture({ kind: 'jpeg', seed, widthPx: 200, heightPx: 150 });
const holidayTree: CorpusFile[] = [
  ...Array.from({ length: 12 }, (_, n): CorpusFile => ({ path: `DCIM/IMG_${n}.JPG`, content: picture(n) })),
  { path: 'notes.txt', content: makeDocument('text', 4, 900) },
  { path: 'empty.txt', content: Buffer.alloc(0) },
];

const CLEAN: Readonly<Record<string, (sink: ImageSink) => void>> = {
  ntfs: (sink) => writeNtfsVolume({ sizeBytes: 24 * MIB, label: 'DISK', seed: 1, tree: holidayTree, sink }),
  ext4: (sink) => writeExtVolume({ variant: 'ext4', sizeBytes: 24 * MIB, blockSizeBytes: 1024, label: 'HOME', seed: 1, tree: holidayTree, sink }),
  ext2: (sink) => writeExtVolume({ variant: 'ext2', sizeBytes: 24 * MIB, blockSizeBytes: 1024, label: 'HOME', seed: 1, tree: holidayTree, sink }),
  fat32: (sink) => writeFatVolume({ fatBits: 32, sizeBytes: 40 * MIB, clusterSizeBytes: 512, seed: 1, tree: holidayTree, sink }),
  fat16: (sink) => writeFatVolume({ fatBits: 16, sizeBytes: 24 * MIB, clusterSizeBytes: 2048, seed: 1, tree: holidayTree, sink }),
  exfat: (sink) => writeExfatVolume({ sizeBytes: 24 * MIB, clusterSizeBytes: 4096, label: 'CARD', seed: 1, tree: holidayTree, sink }),
};

for (const [kind, write] of Object.entries(CLEAN)) {
  test(`a clean ${kind} volume with nothing known on it: exit 0`, () => {
    const path = makeImage(`clean-${kind}.img`, (kind === 'fat32' ? 40 : 24) * MIB, write);
    const { status, report } = triage(path);
    assert.equal(status, 0, JSON.stringify(report.reasons));
    assert.ok(report.coverage.items.read >= 13);
    assert.ok(report.coverage.items.skipped.empty >= 1);
  });
}

/** Runs a stock tool to its end. */
function runTool(command: string, args: readonly string[]): void {
  const run = spawnSync(command, args, { env, encoding: 'utf8' });
  assert.equal(run.status, 0, `${command}: ${run.stderr}`);
}

function missing(...tools: string[]): string | false {
  const lost = tools.filter((tool) => spawnSync('which', [tool], { env }).status !== 0);
  if (lost.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`not installed: ${lost.join(', ')}`);
  return lost.length > 0 ? `not installed: ${lost.join(', ')}` : false;
}

mkdirSync(at('tree', 'DCIM'), { recursive: true });
for (const file of holidayTree) if (file.path !== 'empty.txt') writeFileSync(at('tree', file.path), file.content as Buffer);

const STOCK: Readonly<Record<string, { readonly tools: readonly string[]; readonly make: (path: string) => void }>> = {
  ext4: { tools: ['mkfs.ext4'], make: (path) => runTool('mkfs.ext4', ['-q', '-F', '-d', at('tree'), path]) },
  ext2: { tools: ['mkfs.ext2'], make: (path) => runTool('mkfs.ext2', ['-q', '-F', '-d', at('tree'), path]) },
  fat32: {
    tools: ['mkfs.vfat', 'mcopy'],
    make: (path) => {
      runTool('mkfs.vfat', ['-F', '32', path]);
      runTool('mcopy', ['-s', '-i', path, at('tree', 'DCIM'), at('tree', 'notes.txt'), '::/']);
    },
  },
  ntfs: {
    tools: ['mkfs.ntfs', 'ntfscp'],
    make: (path) => {
      runTool('mkfs.ntfs', ['-q', '-F', '-f', path]);
      runTool('ntfscp', ['-f', path, at('tree', 'DCIM', 'IMG_1.JPG'), 'IMG_1.JPG']);
    },
  },
};

/** A file of zeros. */
function makeEmptyFile(path: string, sizeBytes: number): string {
  const file = openSync(path, 'w');
  ftruncateSync(file, sizeBytes);
  closeSync(file);
  return path;
}

for (const [kind, { tools, make }] of Object.entries(STOCK)) {
  const skip = missing(...tools);
  test(`a clean ${kind} volume of the stock tools: exit 0, and 10 once a file on it is known`, { skip }, () => {
    const path = makeEmptyFile(at(`stock-${kind}.img`), 40 * MIB);
    make(path);
    const { status, report } = triage(path);
    assert.equal(status, 0, JSON.stringify(report.reasons));
    const found = triage(path, [compileSet(at('one.kset'), [sha1(picture(1))])]);
    assert.equal(found.status, 10);
    assert.deepEqual(found.report.hits.map((hit) => hit.path.split('/').at(-1)), ['IMG_1.JPG']);
  });
}

test('an exFAT volume just formatted: nothing was seen, and nothing seen is no answer', { skip: missing('mkfs.exfat') }, () => {
  const path = makeEmptyFile(at('stock-exfat.img'), 16 * MIB);
  runTool('mkfs.exfat', [path]);
  const { status, report } = triage(path);
  assert.equal(status, 20);
  assert.deepEqual(reasonCodes(report), ['no-items']);
});

/** A disk with a clean FAT volume and a second volume of chosen bytes. */
function diskWithSecond(name: string, sizeBytes: number, write: (sink: ImageSink) => void): string {
  writeDisk({
    path: at(name),
    scheme: 'mbr',
    seed: 2,
    volumes: [
      { fileSystem: 'fat', sizeBytes: 8 * MIB, write: (sink) => writeFatVolume({ fatBits: 16, sizeBytes: 8 * MIB, clusterSizeBytes: 1024, seed: 2, tree: holidayTree, sink }) },
      { fileSystem: 'ntfs', sizeBytes, write },
    ],
  });
  return at(name);
}

const LOCKED: Readonly<Record<string, { readonly at: number; readonly bytes: Buffer; readonly name: RegExp }>> = {
  LUKS1: { at: 0, bytes: Buffer.from('LUKS\xba\xbe\0\x01', 'latin1'), name: /LUKS1/ },
  LUKS2: { at: 0, bytes: Buffer.from('LUKS\xba\xbe\0\x02', 'latin1'), name: /LUKS2/ },
  BitLocker: { at: 0, bytes: Buffer.from('\xebX\x90-FVE-FS-\0\x02\x08', 'latin1'), name: /BitLocker/ },
};

for (const [kind, { at: offset, bytes, name }] of Object.entries(LOCKED)) {
  test(`a ${kind} volume beside a clean one: exit 20, and the lock is named`, () => {
    const path = diskWithSecond(`locked-${kind}.img`, 6 * MIB, (sink) => {
      const noise = Buffer.alloc(6 * MIB);
      makeRandom(8).fill(noise);
      bytes.copy(noise, offset);
      noise.writeUInt16LE(512, 11);
      if (kind === 'BitLocker') noise.writeUInt16LE(0xaa55, 510);
      sink.write(noise, 0);
    });
    const { status, report, stdout } = triage(path);
    assert.equal(status, 20, JSON.stringify(report.reasons));
    const reason = report.reasons.find(({ code }) => code === 'encrypted-volume');
    assert.match(reason?.message ?? '', name);
    assert.match(stdout, name);
    assert.match(readFileSync(at(`run-${runs}`, 'report.html'), 'utf8'), name);
    assert.equal(report.volumes[1]?.state, 'encrypted');
  });
}

test('noise without any sign: possibly encrypted; text without a file system: not recognised; zeros read whole: nothing to miss', () => {
  const cases: readonly [string, (bytes: Buffer) => void, string][] = [
    ['noise', (bytes) => makeRandom(9).fill(bytes), 'encrypted-volume'],
    ['text', (bytes) => bytes.fill('Extra time. '), 'unrecognised-volume'],
  ];
  for (const [name, fill, code] of cases) {
    const bytes = Buffer.alloc(6 * MIB);
    fill(bytes);
    const { status, report } = triage(diskWithSecond(`unknown-${name}.img`, bytes.length, (sink) => sink.write(bytes, 0)));
    assert.equal(status, 20, name);
    assert.ok(reasonCodes(report).includes(code), `${name}: ${JSON.stringify(report.reasons)}`);
  }
  const zeros = (name: string, sizeBytes: number): string => diskWithSecond(name, sizeBytes, (sink) => sink.write(Buffer.alloc(512), 0));
  assert.equal(triage(zeros('reserved.img', 6 * MIB)).status, 0);
  const { status, report } = triage(zeros('large-reserved.img', 80 * MIB));
  assert.equal(status, 20);
  assert.ok(reasonCodes(report).includes('unrecognised-volume'), 'a sample is not a reading');
});

test('a gap with data is a doubt; an empty one read whole is not; an empty one too large to read whole is', () => {
  const disk = (name: string, gapBytes: number): string => {
    const volume = (sizeBytes: number): { fileSystem: 'fat'; sizeBytes: number; write: (sink: ImageSink) => void } => ({
      fileSystem: 'fat',
      sizeBytes,
      write: (sink) => writeFatVolume({ fatBits: 16, sizeBytes, clusterSizeBytes: 1024, seed: 2, tree: holidayTree, sink }),
    });
    writeDisk({ path: at(name), scheme: 'mbr', seed: 4, volumes: [volume(8 * MIB), { ...volume(8 * MIB), gapBeforeBytes: gapBytes }] });
    return at(name);
  };
  const path = disk('gap.img', 40 * MIB);
  assert.equal(triage(path).status, 0);
  const file = openSync(path, 'r+');
  // Four bytes far from anything that a sample of a megabyte would have to meet.
  writeSync(file, Buffer.from('goal'), 0, 4, 30 * MIB + 1234 * 7);
  closeSync(file);
  const found = triage(path);
  assert.equal(found.status, 20);
  assert.deepEqual(reasonCodes(found.report), ['unread-gap']);
  const boot = disk('boot-gap.img', 0);
  const sectors = openSync(boot, 'r+');
  writeSync(sectors, Buffer.from('boot code, or so it seems'), 0, 25, 200);
  assert.equal(triage(boot).status, 0);
  writeSync(sectors, picture(70), 0, 2048, 100 * 512);
  closeSync(sectors);
  assert.deepEqual(reasonCodes(triage(boot).report), ['unread-gap'], 'a picture before the first volume');
  const large = triage(disk('large-gap.img', 100 * MIB));
  assert.equal(large.status, 20);
  assert.match(large.report.reasons[0]!.message, /sample/);
});

/** HFS Plus volume header (TN1150): enough of it to be known for what it is. */
function makeHfsPlus(): string {
  return makeImage('hfsplus.img', 8 * MIB, (sink) => {
    const header = Buffer.alloc(512);
    header.write('H+', 0, 'latin1');
    header.writeUInt16BE(4, 2);
    header.writeUInt32BE(0x100, 4);
    header.write('10.0', 8, 'latin1');
    header.writeUInt32BE(4096, 40);
    header.writeUInt32BE((8 * MIB) / 4096, 44);
    sink.write(header, 1024);
    sink.write(header, 8 * MIB - 1024);
  });
}

// An empty file in the program's place: as if its package were not installed.
const hideFiwalk = ['--dev-bind', '/', '/', '--ro-bind', '/dev/null', '/usr/bin/fiwalk'];
const canHide = spawnSync('bwrap', [...hideFiwalk, 'true']).status === 0;

test('HFS+ where The Sleuth Kit is not installed: exit 20, with the package to install', { skip: canHide ? false : 'bwrap cannot hide a program here' }, () => {
  const path = makeHfsPlus();
  const out = at('run-hfsplus');
  const run = spawnSync('bwrap', [...hideFiwalk, join(import.meta.dirname, '..', 'kerbside'), 'triage', path, '--set', strangers, '--out', out], { encoding: 'utf8', env });
  assert.equal(run.status, 20, run.stderr);
  const report = readReport(out);
  assert.match(JSON.stringify([report.reasons, report.problems]), /sleuthkit/);
  assert.match(JSON.stringify(report.reasons), /HFS/);
});

test('sectors that could not be read when the image was made: unread, told, and never the third verdict', () => {
  const content = generatedBytes(71, 200_000);
  const tree: CorpusFile[] = [{ path: 'SCENE.BMP', content }, ...holidayTree];
  const path = makeImage('unread.img', 8 * MIB, (sink) => writeFatVolume({ fatBits: 16, sizeBytes: 8 * MIB, clusterSizeBytes: 1024, seed: 2, tree, sink }));
  const bytes = readFileSync(path);
  const [first] = content.chunks();
  const sector = Math.floor(bytes.indexOf(first!.subarray(0, 512)) / 512) + 20;
  const image = writeE01({ source: readFileChunks(path), sizeBytes: 8 * MIB, outBasePath: at('unread'), unreadSectors: [{ startSector: sector, sectors: 4 }] });
  const { status, report } = triage(image.segmentPaths[0]!);
  assert.equal(status, 20);
  assert.equal(report.coverage.unreadableBytes, 2048);
  assert.ok(reasonCodes(report).includes('unreadable-bytes'), JSON.stringify(report.reasons));
  assert.equal(report.coverage.items.problems, 1);
  assert.ok(report.problems.some((problem) => problem.where.path?.endsWith('SCENE.BMP')), JSON.stringify(report.problems));
});

test('known material that is only there deleted: found, and said to be deleted', () => {
  const known = picture(40);
  const tree: CorpusFile[] = [...holidayTree, { path: 'DCIM/GONE.JPG', content: known, deleted: true }];
  const set = compileSet(at('gone.kset'), [sha1(known)]);
  const volumes: readonly (readonly [string, (sink: ImageSink) => void])[] = [
    ['fat', (sink) => writeFatVolume({ fatBits: 16, sizeBytes: 24 * MIB, clusterSizeBytes: 2048, seed: 2, tree, sink })],
    ['ntfs', (sink) => writeNtfsVolume({ sizeBytes: 24 * MIB, label: 'D', seed: 2, tree, sink })],
    ['exfat', (sink) => writeExfatVolume({ sizeBytes: 24 * MIB, clusterSizeBytes: 4096, label: 'D', seed: 2, tree, sink })],
  ];
  for (const [kind, write] of volumes) {
    const { status, report } = triage(makeImage(`deleted-${kind}.img`, 24 * MIB, write), [set]);
    assert.equal(status, 10, `${kind}: ${JSON.stringify(report.reasons)}`);
    assert.equal(report.hits.length, 1, kind);
    const hit = report.hits[0]!;
    assert.deepEqual([hit.allocated, hit.state, hit.strength], [false, 'deleted', 'confirmed'], kind);
    assert.ok(hit.recovery !== null && hit.offset > 0, kind);
  }
});

test('the size gate on gives the hits of the size gate off, and reads far less', () => {
  mkdirSync(at('gate'));
  const device = makeDevice({ folder: at('gate'), filesPerVolume: 40, fileSizeBytes: 30_000, seed: 51 });
  const off = triage(device.imagePath, [device.setPath]);
  assert.equal(off.report.plan.sizeGate, 'off');
  assert.deepEqual(off.report.hits.map((hit) => hit.path).sort(), device.knownPaths);
  const list = ['%%%% HASHDEEP-1.0', '%%%% size,md5,sha1,sha256,filename', ...off.report.hits.map((hit) => `${hit.size},${hit.digests['md5']},${hit.digests['sha1']},${hit.digests['sha256']},known.jpg`)];
  writeFileSync(at('sized.txt'), `${list.join('\n')}\n`);
  const build = kerbside(['set', 'build', at('sized.kset'), '--from', at('sized.txt'), '--meaning', 'alert', '--name', 'Test alert']);
  assert.equal(build.status, 0, build.stderr);
  const on = triage(device.imagePath, [at('sized.kset')]);
  assert.equal(on.report.plan.sizeGate, 'on');
  const place = (report: Report): unknown => report.hits.map(({ path, id, offset, size, digests, state, view }) => ({ path, id, offset, size, digests, state, view }));
  assert.deepEqual(place(on.report), place(off.report));
  assert.equal(on.report.coverage.items.seen, off.report.coverage.items.seen);
  assert.ok(on.report.coverage.items.gated > off.report.coverage.items.seen / 2);
  assert.ok(on.report.coverage.bytesRead * 4 < off.report.coverage.bytesRead, `${on.report.coverage.bytesRead} of ${off.report.coverage.bytesRead}`);
});

test('ignorable and reference hits are listed and change nothing; beside an alert they stay what they are', () => {
  const path = at('clean-exfat.img');
  const digest = sha1(picture(3));
  for (const meaning of ['ignorable', 'reference'] as const) {
    const { status, report } = triage(path, [compileSet(at(`${meaning}.kset`), [digest], meaning)]);
    assert.equal(status, 0, meaning);
    assert.deepEqual(report.hits.map((hit) => [hit.path, hit.meaning]), [['p1/DCIM/IMG_3.JPG', meaning]]);
  }
  const { status, report } = triage(path, [at('ignorable.kset'), compileSet(at('alert.kset'), [sha1(picture(5))])]);
  assert.equal(status, 10);
  assert.deepEqual(report.hits.map((hit) => [hit.path, hit.meaning]), [['p1/DCIM/IMG_3.JPG', 'ignorable'], ['p1/DCIM/IMG_5.JPG', 'alert']]);
});

test('a hit on MD5 alone says so', () => {
  writeFileSync(at('weak.md5'), `${createHash('md5').update(picture(5)).digest('hex')}  a.jpg\n`);
  assert.equal(kerbside(['set', 'build', at('weak.kset'), '--from', at('weak.md5'), '--meaning', 'alert']).status, 0);
  const { status, report } = triage(at('clean-exfat.img'), [at('weak.kset')]);
  assert.equal(status, 10);
  assert.deepEqual(reasonCodes(report), ['known-material-weak-digest']);
  assert.equal(report.hits[0]!.strength, 'weak-only');
});

test('content past the valid data length: found as the owner saw it and as it is stored', () => {
  const stored = picture(60);
  const valid = 2048;
  const asShown = Buffer.concat([stored.subarray(0, valid), Buffer.alloc(stored.length - valid)]);
  const ntfs: NtfsFile[] = [{ path: 'half.jpg', content: stored, initialisedBytes: valid, resident: false }];
  const exfat: ExfatFile[] = [{ path: 'half.jpg', content: stored, validBytes: valid }];
  const images = [
    makeImage('vdl-ntfs.img', 24 * MIB, (sink) => writeNtfsVolume({ sizeBytes: 24 * MIB, label: 'D', seed: 2, tree: [...holidayTree, ...ntfs], sink })),
    makeImage('vdl-exfat.img', 24 * MIB, (sink) => writeExfatVolume({ sizeBytes: 24 * MIB, clusterSizeBytes: 4096, label: 'D', seed: 2, tree: [...holidayTree, ...exfat], sink })),
  ];
  for (const path of images) {
    const raw = triage(path, [compileSet(at('raw.kset'), [sha1(stored)])]);
    assert.equal(raw.status, 10, path);
    assert.deepEqual(raw.report.hits.map((hit) => [hit.path, hit.view]), [['p1/half.jpg', 'raw']]);
    const shown = triage(path, [compileSet(at('shown.kset'), [sha1(asShown)])]);
    assert.equal(shown.status, 10, path);
    assert.deepEqual(shown.report.hits.map((hit) => [hit.path, hit.view]), [['p1/half.jpg', 'system']]);
  }
});

test('a file that is one hole is no problem and no reading; EFS and WOF files are problems by name', () => {
  const holes: NtfsFile = { path: 'sparse.bin', content: Buffer.alloc(MIB), holes: [{ offsetBytes: 0, lengthBytes: MIB }] };
  const volume = (name: string, files: readonly NtfsFile[]): string =>
    makeImage(name, 24 * MIB, (sink) => writeNtfsVolume({ sizeBytes: 24 * MIB, label: 'D', seed: 2, tree: [...holidayTree, ...files], sink }));
  const sparse = triage(volume('sparse.img', [holes]));
  assert.equal(sparse.status, 0, JSON.stringify(sparse.report.reasons));
  assert.equal(sparse.report.coverage.items.skipped['nothing-stored'], 1);
  for (const [code, file] of [['ntfs-efs-encrypted', { path: 'a.jpg', content: picture(9), efs: true }], ['ntfs-wof-compressed', { path: 'a.dll', content: picture(9), wof: true }]] as const) {
    const { status, report } = triage(volume(`${code}.img`, [file]));
    assert.equal(status, 20, code);
    assert.ok(report.problems.some((problem) => problem.code === code), JSON.stringify(report.problems));
    assert.ok(reasonCodes(report).includes('items-with-problems'));
  }
});

test('a damaged start, read from its backup, is a doubt even when every file was read', () => {
  const path = at('backup.img');
  copyFileSync(at('clean-ntfs.img'), path);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(512), 0, 512, 0);
  closeSync(file);
  const { status, report } = triage(path);
  assert.equal(status, 20);
  assert.ok(reasonCodes(report).includes('damaged-file-system'), JSON.stringify(report.reasons));
});
