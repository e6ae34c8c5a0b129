import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentChunks } from '../corpus-file.ts';
import { writeDisk, type DiskVolume } from '../disk/write-disk.ts';
import type { ImageSink } from '../disk/image-file.ts';
import { writeExfatVolume } from '../exfat/write-exfat-volume.ts';
import { writeExtVolume } from '../ext/write-ext-volume.ts';
import { writeFatVolume } from '../fat/write-fat-volume.ts';
import { demoCategoryMap } from '../hash-lists/category-map.ts';
import { inventedRecords, recordOfContent, type KnownRecord } from '../hash-lists/known-record.ts';
import { sumLines } from '../hash-lists/plain-lists.ts';
import { vics2Media } from '../hash-lists/vics.ts';
import { writeTextFile } from '../hash-lists/write-text-file.ts';
import { writeNtfsVolume } from '../ntfs/write-ntfs-volume.ts';
import type { DeviceFile } from './device-file.ts';
import { cameraTree, cardTree, computerTree, linuxTree } from './device-trees.ts';

const MIB = 1 << 20;
const SECTOR_BYTES = 512;
/** Room for the one video that each volume has however small the device is. */
const VIDEO_ROOM_MIB = 24;

/** Pictures of the tip; long enough that their blocks say something. */
const TIP_PICTURES = 12;
const LEAST_TIP_BYTES = 40_000;

/** A file of the device whose content is on the list. */
export interface ExpectedHit {
  /** As Kerbside shows it: volume first, `p1/…`; `?` for a letter that deletion took. */
  readonly path: string;
  readonly sha1: string;
  readonly deleted: boolean;
}

/** What was made, and what a right answer over it says. */
export interface DemoDevice {
  readonly imagePath: string;
  readonly listPaths: {
    /** VICS 2.0 with sizes and category codes 1 to 3. */
    readonly vics: string;
    /** What the codes stand for, confirmed by a person who does not exist. */
    readonly categoryMap: string;
    /** The same contents as an md5sum list, which has no sizes. */
    readonly md5: string;
  };
  /** Folder with some of the known pictures, under names of their own: what a tip would bring along. */
  readonly tipFolder: string;
  readonly expected: {
    readonly hits: readonly ExpectedHit[];
    /** Files written, deleted ones included. */
    readonly files: number;
    readonly deletedFiles: number;
  };
}

/**
 * Makes a benign device: one disk image under an MBR with FAT32, exFAT, NTFS and ext4 volumes of
 * generated pictures, documents and large files, and a made-up list that some of them are on.
 *
 * @param options.scale 1 for about 3,000 pictures and 0.5 GB; 0.02 is enough for a test
 */
export function makeDemoDevice(options: { folder: string; seed: number; scale: number }): DemoDevice {
  const { folder, seed, scale } = options;
  const hits: ExpectedHit[] = [];
  const records = new Map<string, KnownRecord>();
  const tipFolder = join(folder, 'tip');
  mkdirSync(tipFolder, { recursive: true });
  const tip = new Set<string>();
  let files = 0;
  let deletedFiles = 0;
  const note = (volume: number, tree: readonly DeviceFile[]): readonly DeviceFile[] => {
    for (const file of tree) {
      files++;
      if (file.deleted === true) deletedFiles++;
      if (file.knownCode === undefined) continue;
      const record = recordOfContent(contentChunks(file.content), nameOf(file.path), file.knownCode);
      records.set(record.sha1, record);
      if (Buffer.isBuffer(file.content) && file.content.length >= LEAST_TIP_BYTES && tip.size < TIP_PICTURES && !tip.has(record.sha1)) {
        tip.add(record.sha1);
        writeFileSync(join(tipFolder, `tip ${String(tip.size).padStart(2, '0')}.jpg`), file.content);
      }
      hits.push({ path: `p${volume}/${shownPath(volume, file)}`, sha1: record.sha1, deleted: file.deleted === true });
    }
    return tree;
  };

  const imagePath = join(folder, 'demo-device.img');
  writeDisk({ path: imagePath, scheme: 'mbr', seed, volumes: demoVolumes(seed, scale, note), tailBytes: 4 * MIB });
  const listPaths = { vics: join(folder, 'demo-list.json'), categoryMap: join(folder, 'demo-category-map.json'), md5: join(folder, 'demo-list.md5') };
  const listed = [...records.values(), ...inventedRecords(seed + 1, Math.round(20_000 * scale) + 100)].sort((a, b) => (a.md5 < b.md5 ? -1 : 1));
  writeTextFile(listPaths.vics, vics2Media(listed));
  writeTextFile(listPaths.md5, sumLines(listed, 'md5'));
  writeFileSync(listPaths.categoryMap, demoCategoryMap());
  return { imagePath, listPaths, tipFolder, expected: { hits, files, deletedFiles } };
}

/** The four volumes. Each tree is made when its volume is written, so that only one is in memory. */
function demoVolumes(seed: number, scale: number, note: (volume: number, tree: readonly DeviceFile[]) => readonly DeviceFile[]): DiskVolume[] {
  // A video is there at any scale, so a small device needs more room than its share.
  const size = (atFullScale: number, least: number): number => Math.max(least, Math.ceil(atFullScale * scale + VIDEO_ROOM_MIB * Math.max(0, 1 - scale))) * MIB;
  const fatBytes = size(140, 40);
  const exfatBytes = size(170, 32);
  const ntfsBytes = size(220, 64);
  const extBytes = size(110, 32);
  return [
    {
      fileSystem: 'fat',
      sizeBytes: fatBytes,
      write: (sink: ImageSink) =>
        writeFatVolume({ fatBits: 32, sizeBytes: fatBytes, clusterSizeBytes: fatClusterBytes(fatBytes), label: 'CAMERA', seed, tree: note(1, cameraTree(seed + 11, scale)), sink }),
    },
    {
      fileSystem: 'exfat',
      sizeBytes: exfatBytes,
      write: (sink: ImageSink) => writeExfatVolume({ sizeBytes: exfatBytes, clusterSizeBytes: 8192, label: 'CARD', seed, tree: note(2, cardTree(seed + 12, scale)), sink }),
    },
    {
      fileSystem: 'ntfs',
      sizeBytes: ntfsBytes,
      gapBeforeBytes: 2 * MIB,
      write: (sink: ImageSink, { startSector }) =>
        writeNtfsVolume({ sizeBytes: ntfsBytes, label: 'COMPUTER', seed, tree: note(3, computerTree(seed + 13, scale)), sink, hiddenSectors: startSector, mftFragments: 2 }),
    },
    {
      fileSystem: 'ext',
      sizeBytes: extBytes,
      write: (sink: ImageSink) => writeExtVolume({ variant: 'ext4', sizeBytes: extBytes, blockSizeBytes: 4096, label: 'HOME', seed, tree: note(4, linuxTree(seed + 14, scale)), sink }),
    },
  ];
}

/** The largest cluster that still leaves as many clusters as FAT32 must have. */
function fatClusterBytes(sizeBytes: number): number {
  let clusterSizeBytes = SECTOR_BYTES;
  while (sizeBytes / (clusterSizeBytes * 2) > 66_500) clusterSizeBytes *= 2;
  return clusterSizeBytes;
}

/** Deleting overwrites the first letter of a short name on FAT, the first volume; long names keep it. */
function shownPath(volume: number, file: DeviceFile): string {
  const name = nameOf(file.path);
  const losesLetter = volume === 1 && file.deleted === true && /^[^. ]{1,8}\.[^. ]{1,3}$/.test(name);
  return losesLetter ? `${file.path.slice(0, -name.length)}?${name.slice(1)}` : file.path;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
