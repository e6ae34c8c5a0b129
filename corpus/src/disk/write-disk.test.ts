import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { writeNtfsVolume } from '../ntfs/write-ntfs-volume.ts';
import { createMemoryImage } from './image-file.ts';
import { writeGpt } from './gpt.ts';
import { writeDisk, type DiskVolume } from './write-disk.ts';

const isMissing = spawnSync('which', ['mmls']).status !== 0;
if (isMissing && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('mmls missing');
const skip = isMissing ? 'mmls not installed (sleuthkit)' : false;

const folder = mkdtempSync(join(tmpdir(), 'corpus-disk-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SIZE_BYTES = 4 << 20;

function volumes(count: number): DiskVolume[] {
  return Array.from({ length: count }, (_, position) => ({
    fileSystem: 'ntfs',
    sizeBytes: SIZE_BYTES,
    gapBeforeBytes: position === 1 ? 3 << 20 : 0,
    write(sink, { startSector }) {
      writeNtfsVolume({ sizeBytes: SIZE_BYTES, label: `V${position}`, seed: position, sink, hiddenSectors: startSector, tree: [{ path: `on volume ${position}.txt`, content: Buffer.from('x') }] });
    },
  }));
}

for (const [scheme, count] of [['mbr', 3], ['mbr', 6], ['gpt', 5]] as const) {
  it(`writes ${count} volumes under ${scheme} that The Sleuth Kit finds`, { skip }, () => {
    const path = join(folder, `${scheme}-${count}.img`);
    const disk = writeDisk({ path, scheme, seed: 3, volumes: volumes(count) });
    const table = execFileSync('mmls', ['-a', path], { encoding: 'utf8' });
    const starts = [...table.matchAll(/^\d+:\s+\d+(?::\d+)?\s+(\d+)\s+\d+\s+(\d+)/gm)].filter((row) => Number(row[2]) === SIZE_BYTES / 512).map((row) => Number(row[1]) * 512);
    assert.deepEqual(starts, disk.volumeOffsets);
    for (const [position, offset] of disk.volumeOffsets.entries()) {
      assert.match(execFileSync('fls', ['-o', String(offset / 512), path], { encoding: 'utf8' }), new RegExp(`on volume ${position}\\.txt`));
    }
  });
}

describe('writeGpt', () => {
  it('writes a backup at the end that mirrors the front', () => {
    for (const sectorSizeBytes of [512, 4096] as const) {
      const image = createMemoryImage(1 << 20);
      writeGpt({ sink: image, diskSizeBytes: 1 << 20, seed: 1, sectorSizeBytes, partitions: [{ typeGuid: '0fc63daf-8483-4772-8e79-3d69d8477de4', startSector: 50, sectors: 100, name: 'One' }] });
      const last = (1 << 20) - sectorSizeBytes;
      assert.equal(image.bytes.toString('latin1', sectorSizeBytes, sectorSizeBytes + 8), 'EFI PART');
      assert.equal(image.bytes.toString('latin1', last, last + 8), 'EFI PART');
      const front = image.bytes.subarray(2 * sectorSizeBytes, 2 * sectorSizeBytes + 16384);
      assert.ok(front.equals(image.bytes.subarray(last - 16384, last)));
    }
  });

  it('refuses a partition over the table', () => {
    const partitions = [{ typeGuid: '0fc63daf-8483-4772-8e79-3d69d8477de4', startSector: 10, sectors: 100, name: 'One' }];
    assert.throws(() => writeGpt({ sink: createMemoryImage(1 << 20), diskSizeBytes: 1 << 20, seed: 1, partitions }), RangeError);
  });
});
