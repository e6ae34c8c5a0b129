import { GPT_TYPE, writeGpt } from './gpt.ts';
import { createImageFile, sinkAt, type ImageSink } from './image-file.ts';
import { MBR_TYPE, writeMbr } from './mbr.ts';

const SECTOR_BYTES = 512;
/** Volumes start on whole MiB, as current tools lay them. */
const ALIGN_BYTES = 1 << 20;

/** One volume of a disk to be. */
export interface DiskVolume {
  readonly fileSystem: 'fat' | 'exfat' | 'ntfs' | 'ext';
  /** A multiple of 512. */
  readonly sizeBytes: number;
  /** Writes the volume; its offsets start from 0. */
  readonly write: (sink: ImageSink, place: { startSector: number }) => void;
  /** Bytes left free before the volume, beyond what alignment needs. */
  readonly gapBeforeBytes?: number;
}

/** Where each volume came to lie. */
export interface WrittenDisk {
  readonly sizeBytes: number;
  readonly volumeOffsets: readonly number[];
}

/**
 * Writes an image file with a partition table and its volumes. With `mbr`, volumes from the fourth
 * on become logical ones when there are more than four.
 */
export function writeDisk(options: { path: string; scheme: 'mbr' | 'gpt' | 'none'; seed: number; volumes: readonly DiskVolume[]; tailBytes?: number }): WrittenDisk {
  const logicalFrom = options.scheme === 'mbr' && options.volumes.length > 4 ? 3 : options.volumes.length;
  const offsets: number[] = [];
  let next = options.scheme === 'none' ? 0 : ALIGN_BYTES;
  for (const [position, volume] of options.volumes.entries()) {
    next = alignUp(next + (volume.gapBeforeBytes ?? 0)) + (position >= logicalFrom ? ALIGN_BYTES : 0);
    offsets.push(next);
    next += volume.sizeBytes;
  }
  const sizeBytes = options.scheme === 'none' ? next : alignUp(next) + ALIGN_BYTES + (options.tailBytes ?? 0);
  const image = createImageFile(options.path, sizeBytes);
  try {
    const placed = options.volumes.map((volume, position) => ({ volume, startSector: offsets[position]! / SECTOR_BYTES, sectors: volume.sizeBytes / SECTOR_BYTES }));
    if (options.scheme === 'mbr') {
      const partitions = placed.map(({ volume, startSector, sectors }) => ({ type: mbrTypeOf(volume), startSector, sectors }));
      writeMbr({ sink: image, signature: 0x4b420000 + (options.seed & 0xffff), partitions: partitions.slice(0, logicalFrom), logical: partitions.slice(logicalFrom) });
    } else if (options.scheme === 'gpt') {
      const partitions = placed.map(({ volume, startSector, sectors }, position) => ({
        typeGuid: volume.fileSystem === 'ext' ? GPT_TYPE.linuxData : GPT_TYPE.basicData,
        startSector,
        sectors,
        name: `Volume ${position + 1}`,
      }));
      writeGpt({ sink: image, diskSizeBytes: sizeBytes, seed: options.seed, partitions });
    }
    for (const { volume, startSector } of placed) volume.write(sinkAt(image, startSector * SECTOR_BYTES), { startSector });
  } finally {
    image.close();
  }
  return { sizeBytes, volumeOffsets: offsets };
}

function alignUp(offset: number): number {
  return Math.ceil(offset / ALIGN_BYTES) * ALIGN_BYTES;
}

function mbrTypeOf(volume: DiskVolume): number {
  switch (volume.fileSystem) {
    case 'fat':
      return MBR_TYPE.fat32;
    case 'exfat':
    case 'ntfs':
      return MBR_TYPE.ntfsOrExfat;
    case 'ext':
      return MBR_TYPE.linux;
  }
}
