import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { MemorySource, type ByteRange } from '@kerbside/bytes';
import { GPT_TYPE, MBR_TYPE, createMemoryImage, makeRandom, mutate, sinkAt, writeExtVolume, writeFatVolume, writeGpt, writeMbr, type ImageSink } from '@kerbside/corpus';
import fc from 'fast-check';
import { findLayout } from './find-volumes.ts';
import { openSource } from './open-source.ts';
import type { Layout } from './source-contract.ts';
import { uncovered } from './volumes/gaps.ts';

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'kerbside-layout-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function fat(sink: ImageSink, offset: number, sizeBytes: number): void {
  writeFatVolume({ ...FAT_OPTIONS, fatBits: sizeBytes < 4 * MIB ? 12 : 16, sink: sinkAt(sink, offset), sizeBytes });
}

const FAT_OPTIONS = { seed: 1, clusterSizeBytes: 1024, tree: [] };

function layoutOf(bytes: Buffer): Layout {
  return findLayout({ source: new MemorySource(bytes) });
}

/** Volumes as `id start size what`, gaps as `start size how`, codes of problems. */
function summary(layout: Layout): unknown {
  return {
    scheme: layout.scheme,
    volumes: layout.volumes.map(({ volume, content }) => `${volume.id} ${volume.startOffset / MIB}+${volume.sizeBytes / MIB} ${content.state === 'file-system' ? content.fileSystem.kind : content.state === 'encrypted' ? content.finding.name : content.state === 'unsupported' ? content.name : content.appears}`),
    gaps: layout.gaps.map(({ range, appears }) => `${range.offset / MIB}+${range.length / MIB} ${appears}`),
    problems: layout.problems.map((problem) => problem.code),
  };
}

/** Every byte is in a volume or a gap, and in one only unless an overlap was reported. */
function assertCovered(layout: Layout, sizeBytes: number): void {
  const isTail = ({ offset, length }: ByteRange): boolean => layout.volumes.some(({ volume, content }) => content.state === 'file-system' && offset > volume.startOffset && offset + length <= volume.startOffset + volume.sizeBytes);
  const gaps = layout.gaps.map((gap) => gap.range).filter((range) => !isTail(range));
  // One that was found past the end of another's file system lies in that other's volume.
  const volumes = layout.volumes.filter(({ volume }) => volume.scheme !== 'gap' || !isTail({ offset: volume.startOffset, length: volume.sizeBytes })).map(({ volume }) => ({ offset: volume.startOffset, length: volume.sizeBytes }));
  for (const { volume } of layout.volumes) {
    assert.ok(volume.startOffset >= 0 && volume.sizeBytes > 0 && volume.startOffset + volume.sizeBytes <= sizeBytes);
    assert.equal(volume.source.sizeBytes, volume.sizeBytes);
    assert.equal(volume.source.originOffset, volume.startOffset);
  }
  assert.deepEqual(uncovered(sizeBytes, [...gaps, ...volumes]), []);
  const total = [...gaps, ...volumes].reduce((sum, range) => sum + range.length, 0);
  const overlaps = layout.problems.some((problem) => problem.code === 'volumes-overlap');
  if (!overlaps) assert.equal(total, sizeBytes);
  const gapBytes = gaps.reduce((sum, range) => sum + range.length, 0);
  assert.equal(gapBytes, uncovered(sizeBytes, volumes).reduce((sum, range) => sum + range.length, 0));
  assert.equal(new Set(layout.volumes.map(({ volume }) => volume.id)).size, layout.volumes.length);
}

function partitionedImage(scheme: 'mbr' | 'gpt', volumeMib = 8): Buffer {
  const at = [0, 1, 2, 3].map((index) => 1 + index * volumeMib + Math.max(0, index - 1));
  const sizeBytes = (4 * volumeMib + 8) * MIB;
  const image = createMemoryImage(sizeBytes);
  if (scheme === 'mbr') {
    const parts = at.map((mib) => ({ type: MBR_TYPE.fat16, startSector: mib * 2048, sectors: volumeMib * 2048 }));
    writeMbr({ sink: image, signature: 7, partitions: parts.slice(0, 2), logical: parts.slice(2) });
  } else {
    writeGpt({ sink: image, diskSizeBytes: sizeBytes, seed: 3, partitions: at.map((mib, index) => ({ typeGuid: GPT_TYPE.basicData, startSector: mib * 2048, sectors: volumeMib * 2048, name: `V${index}` })) });
  }
  for (const mib of at) fat(image, mib * MIB, volumeMib * MIB);
  return image.bytes;
}

test('MBR with logical volumes', () => {
  const layout = layoutOf(partitionedImage('mbr'));
  assert.deepEqual(summary(layout), {
    scheme: 'mbr',
    volumes: ['p1 1+8 FAT16', 'p2 9+8 FAT16', 'p5 18+8 FAT16', 'p6 27+8 FAT16'],
    gaps: ['0+1 empty', '17+1 empty', '26+1 empty', '35+5 empty'],
    problems: [],
  });
  assertCovered(layout, 40 * MIB);
});

const GPT_LAYOUT = {
  scheme: 'gpt',
  volumes: ['p1 1+8 FAT16', 'p2 9+8 FAT16', 'p3 18+8 FAT16', 'p4 27+8 FAT16'],
  gaps: ['0+1 empty', '17+1 empty', '26+1 empty', '35+5 empty'],
};

test('GPT, and each of its two halves alone', () => {
  const image = partitionedImage('gpt');
  assert.deepEqual(summary(layoutOf(image)), { ...GPT_LAYOUT, problems: [] });
  const withoutPrimary = Buffer.from(image);
  withoutPrimary.fill(0, 0, 34 * 512);
  assert.deepEqual(summary(layoutOf(withoutPrimary)), { ...GPT_LAYOUT, problems: ['gpt-backup-used'] });
  const withoutBackup = Buffer.from(image);
  withoutBackup.fill(0, image.length - 33 * 512);
  assert.deepEqual(summary(layoutOf(withoutBackup)), { ...GPT_LAYOUT, problems: ['gpt-backup-missing'] });
  const badEntries = Buffer.from(image);
  badEntries[1024 + 40]! ^= 1;
  const layout = layoutOf(badEntries);
  assert.equal(layout.problems[0]!.code, 'gpt-backup-used');
  assert.equal(layout.volumes.length, 4);
});

test('a picture in the unused entries of a GPT is data outside every volume', () => {
  const image = partitionedImage('gpt');
  image.fill('goal', 1024 + 60 * 128 + 16, 1024 + 61 * 128);
  assert.deepEqual(layoutOf(image).gaps.map((gap) => gap.appears), ['data', 'empty', 'empty', 'empty']);
});

test('with both halves of a GPT gone the volumes are found by their own structures', () => {
  const image = partitionedImage('gpt');
  image.fill(0, 512, 34 * 512);
  image.fill(0, image.length - 33 * 512);
  const layout = layoutOf(image);
  assert.deepEqual(layout.volumes.map(({ volume }) => [volume.id, volume.startOffset / MIB]), [['g1', 1], ['g2', 9], ['g3', 18], ['g4', 27]]);
  assert.ok(layout.problems.some((problem) => problem.code === 'gpt-damaged'));
  assertCovered(layout, image.length);
});

test('a deleted partition is found in its gap', () => {
  const image = partitionedImage('mbr');
  image.fill(0, 446 + 16, 446 + 32);
  const layout = layoutOf(image);
  assert.deepEqual(layout.volumes.map(({ volume, content }) => [volume.id, volume.startOffset / MIB, content.state]), [['p1', 1, 'file-system'], ['p5', 18, 'file-system'], ['p6', 27, 'file-system'], ['g1', 9, 'file-system']]);
  assert.deepEqual(layout.problems.map((problem) => problem.code), ['volume-not-in-table']);
  assertCovered(layout, image.length);
});

test('what stands past the end of a file system in its own volume is a gap, and a file system there is read', () => {
  const image = createMemoryImage(32 * MIB);
  writeMbr({ sink: image, signature: 7, partitions: [{ startSector: 2048, sectors: 30 * 2048, type: MBR_TYPE.fat16 }] });
  fat(image, MIB, 8 * MIB);
  const layout = layoutOf(image.bytes);
  assert.deepEqual(summary(layout), { scheme: 'mbr', volumes: ['p1 1+30 FAT16'], gaps: ['0+1 empty', '9+22 empty', '31+1 empty'], problems: [] });
  image.bytes.writeUInt8(1, 20 * MIB);
  assert.equal(layoutOf(image.bytes).gaps[1]!.appears, 'data');
  fat(image, 16 * MIB, 8 * MIB);
  const hidden = layoutOf(image.bytes);
  assert.deepEqual(summary(hidden), { scheme: 'mbr', volumes: ['p1 1+30 FAT16', 'g1 16+8 FAT16'], gaps: ['0+1 empty', '9+7 empty', '24+7 empty', '31+1 empty'], problems: ['volume-not-in-table'] });
});

test('a file system on any sector before the first volume is found', () => {
  for (const sector of [3, 62, 1000]) {
    const image = createMemoryImage(12 * MIB);
    writeMbr({ sink: image, signature: 7, partitions: [{ startSector: 2048, sectors: 8 * 2048, type: MBR_TYPE.fat16 }] });
    fat(image, MIB, 8 * MIB);
    writeFatVolume({ ...FAT_OPTIONS, clusterSizeBytes: 512, fatBits: 12, sink: sinkAt(image, sector * 512), sizeBytes: 500 * 1024 });
    const layout = layoutOf(image.bytes);
    assert.deepEqual(layout.volumes.map(({ volume, content }) => [volume.id, volume.startOffset, content.state]), [['p1', MIB, 'file-system'], ['g1', sector * 512, 'file-system']]);
    assert.deepEqual(layout.problems.map(({ code }) => code), ['volume-not-in-table']);
  }
});

test('a FAT32 boot sector that is lost is not replaced by its copy as a volume six sectors on', () => {
  const image = createMemoryImage(40 * MIB);
  writeFatVolume({ ...FAT_OPTIONS, clusterSizeBytes: 512, fatBits: 32, sink: image, sizeBytes: 40 * MIB });
  image.bytes.fill(0, 0, 512);
  const layout = layoutOf(image.bytes);
  assert.deepEqual(layout.volumes.map(({ volume, content }) => [volume.id, volume.startOffset, content.state === 'file-system' && content.basis]), [['p1', 0, 'backup']]);
});

test('a chain of logical volumes that bites its tail ends, and says so', () => {
  const image = partitionedImage('mbr');
  const record = image.indexOf(Buffer.from([0x55, 0xaa]), 17 * MIB) - 510;
  // Entry 1 of the first record leads back to the first record.
  image[record + 446 + 16 + 4] = 5;
  image.writeUInt32LE(0, record + 446 + 16 + 8);
  const layout = layoutOf(image);
  assert.ok(layout.problems.some((problem) => problem.code === 'mbr-chain-damaged'));
  assert.ok(layout.volumes.some(({ volume }) => volume.startOffset === 27 * MIB), 'the lost one is found in its gap');
  assertCovered(layout, image.length);
});

test('a file system without partition table, whose boot sector also ends in 55 AA', () => {
  const image = createMemoryImage(8 * MIB);
  fat(image, 0, 8 * MIB);
  assert.deepEqual(summary(layoutOf(image.bytes)), { scheme: 'none', volumes: ['p1 0+8 FAT16'], gaps: [], problems: [] });
  // Entries of an older table that lead nowhere known do not count against the file system.
  image.bytes.writeUInt8(0x83, 446 + 4);
  image.bytes.writeUInt32LE(2048, 446 + 8);
  image.bytes.writeUInt32LE(2048, 446 + 12);
  assert.equal(layoutOf(image.bytes).scheme, 'none');
});

test('an ext volume over a whole disk wins over the leftovers of a GPT', () => {
  const image = createMemoryImage(16 * MIB);
  writeGpt({ sink: image, diskSizeBytes: 16 * MIB, seed: 3, partitions: [{ typeGuid: GPT_TYPE.linuxData, startSector: 4096, sectors: 4096, name: 'old' }] });
  const first = Buffer.from(image.bytes.subarray(0, 1024));
  const volume = createMemoryImage(12 * MIB);
  writeExtVolume({ ...EXT_OPTIONS, sink: volume, sizeBytes: 12 * MIB });
  volume.bytes.copy(image.bytes);
  first.copy(image.bytes);
  assert.deepEqual(layoutOf(image.bytes).volumes.map(({ volume: each }) => each.id), ['p1']);
});

const EXT_OPTIONS = { seed: 1, variant: 'ext4' as const, blockSizeBytes: 1024 as const, label: 'match', tree: [] };

test('partitions past the end, cut short, of no length and overlapping', () => {
  const image = createMemoryImage(20 * MIB);
  writeMbr({
    sink: image,
    signature: 1,
    partitions: [
      { type: MBR_TYPE.fat16, startSector: 2048, sectors: 8 * 2048 },
      { type: MBR_TYPE.fat16, startSector: 5 * 2048, sectors: 8 * 2048 },
      { type: MBR_TYPE.fat16, startSector: 15 * 2048, sectors: 80 * 2048 },
      { type: MBR_TYPE.fat16, startSector: 2048, sectors: 8 * 2048 },
    ],
  });
  fat(image, MIB, 8 * MIB);
  const layout = layoutOf(image.bytes);
  assert.deepEqual(layout.problems.map((problem) => problem.code), ['volumes-overlap', 'volume-cut-short', 'volumes-overlap']);
  assert.deepEqual(layout.volumes.map(({ volume }) => volume.id), ['p1', 'p2', 'p3']);
  assertCovered(layout, image.bytes.length);
});

test('an unknown volume: empty, data, or so even that it may be encrypted', () => {
  const random = Buffer.alloc(4 * MIB);
  makeRandom(9).fill(random);
  assert.deepEqual(summary(layoutOf(random)), { scheme: 'none', volumes: ['p1 0+4 unexplained, possibly encrypted'], gaps: [], problems: [] });
  assert.deepEqual(summary(layoutOf(Buffer.alloc(4 * MIB))), { scheme: 'none', volumes: ['p1 0+4 empty'], gaps: [], problems: [] });
  assert.deepEqual(summary(layoutOf(Buffer.alloc(4 * MIB, 'Kick off. '))), { scheme: 'none', volumes: ['p1 0+4 data'], gaps: [], problems: [] });
});

test('the gaps are exactly what no range covers', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.array(fc.tuple(fc.nat(400), fc.nat(100)), { maxLength: 12 }), (size, pairs) => {
      const ranges: ByteRange[] = pairs.map(([offset, length]) => ({ offset, length }));
      const covered = new Set(ranges.flatMap((range) => Array.from({ length: range.length }, (_, i) => range.offset + i)));
      const gaps = uncovered(size, ranges).flatMap((gap) => Array.from({ length: gap.length }, (_, i) => gap.offset + i));
      assert.deepEqual(gaps, Array.from({ length: size }, (_, i) => i).filter((byte) => !covered.has(byte)));
    }),
  );
});

for (const scheme of ['mbr', 'gpt'] as const) {
  test(`2,000 mutated ${scheme} tables: every byte stays in a volume or a gap, quickly`, () => {
    const image = partitionedImage(scheme, 1);
    const head = Buffer.from(image.subarray(0, 34 * 512));
    const tail = Buffer.from(image.subarray(image.length - 33 * 512));
    const random = makeRandom(scheme === 'mbr' ? 21 : 22);
    const records = Buffer.from(image.subarray(3 * MIB, 3 * MIB + 64 * 512));
    let slowestMs = 0;
    for (let round = 0; round < 2_000; round++) {
      damage(image.subarray(scheme === 'mbr' ? 440 : 512, scheme === 'mbr' ? 512 : 34 * 512), round);
      if (random.chance(0.3)) damage(image.subarray(image.length - 33 * 512), round);
      if (scheme === 'mbr' && random.chance(0.3)) damage(image.subarray(3 * MIB, 3 * MIB + 64 * 512), round);
      const start = performance.now();
      assertCovered(layoutOf(image), image.length);
      slowestMs = Math.max(slowestMs, performance.now() - start);
      head.copy(image);
      tail.copy(image, image.length - tail.length);
      records.copy(image, 3 * MIB);
    }
    assert.ok(slowestMs < 5_000, `${slowestMs} ms`);
  });
}

function damage(part: Buffer, seed: number): void {
  mutate(part, seed).copy(part);
}

const shared = resolve(import.meta.dirname, '../../../../shared/testdata/disk-images');
const hasTools = spawnSync('which', ['mmls']).status === 0;
if (!hasTools && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tool missing: mmls (sleuthkit)');
const noTools = hasTools ? false : 'not installed: mmls (sleuthkit)';
const noShared = hasTools && !existsSync(shared) ? 'the shared test images are not beside the checkout' : noTools;

/** Partitions as `mmls` lists them: start and length in sectors, without meta rows and unallocated space. */
function mmlsPartitions(path: string): string[] {
  const result = spawnSync('mmls', ['-a', path], { encoding: 'utf8' });
  if (result.status !== 0) return [];
  return [...result.stdout.matchAll(/^\d+: {2}\d+(?::\d+)? +(\d+) +\d+ +(\d+) /gm)].map((match) => `${Number(match[1])}+${Number(match[2])}`).toSorted();
}

test('partitions as mmls lists them, on images made by others', { skip: noShared }, async () => {
  let compared = 0;
  for (const name of readdirSync(shared).filter((each) => /\.(E01|raw|dd|000|dmg)$/.test(each))) {
    const opened = await openSource(join(shared, name));
    assert.equal(opened.form, 'image');
    const image = opened as Extract<typeof opened, { form: 'image' }>;
    const layout = findLayout(image);
    assertCovered(layout, image.facts.sizeBytes);
    const ours = layout.volumes.filter(({ volume }) => volume.scheme === 'mbr' || volume.scheme === 'gpt').map(({ volume }) => `${volume.startOffset / 512}+${volume.sizeBytes / 512}`).toSorted();
    if (ours.length > 0) {
      assert.deepEqual(ours, mmlsPartitions(join(shared, name)), name);
      compared += 1;
    }
    await opened.close();
  }
  assert.ok(compared >= 2);
});

for (const scheme of ['mbr', 'gpt'] as const) {
  test(`partitions as mmls lists them: generated ${scheme}`, { skip: noTools }, () => {
    const image = partitionedImage(scheme);
    const path = join(folder, `${scheme}.dd`);
    writeFileSync(path, image);
    const ours = layoutOf(image).volumes.map(({ volume }) => `${volume.startOffset / 512}+${volume.sizeBytes / 512}`).toSorted();
    assert.deepEqual(ours, mmlsPartitions(path));
  });
}
