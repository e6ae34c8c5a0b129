import { join } from 'node:path';
import { createImageFile, writeExfatVolume, writeExtVolume, writeFatVolume, writeNtfsVolume, type CorpusFile } from '@kerbside/corpus';
import { cachedFolder } from './image-cache.ts';
import { makeTree, type TreePlan } from './trees.ts';

export const FILE_SYSTEMS = ['NTFS', 'ext4', 'FAT32', 'exFAT'] as const;
export type FileSystemName = (typeof FILE_SYSTEMS)[number];

/** Writes one volume without a partition table, clusters of 4 KiB. */
export function writeVolumeImage(path: string, fileSystem: FileSystemName, sizeBytes: number, seed: number, tree: readonly CorpusFile[]): void {
  const sink = createImageFile(path, sizeBytes);
  const common = { sizeBytes, seed, label: 'BENCH', tree, sink };
  try {
    switch (fileSystem) {
      case 'NTFS':
        writeNtfsVolume(common);
        break;
      case 'ext4':
        writeExtVolume({ ...common, variant: 'ext4', blockSizeBytes: 4096 });
        break;
      case 'FAT32':
        writeFatVolume({ ...common, fatBits: 32, clusterSizeBytes: 4096 });
        break;
      case 'exFAT':
        writeExfatVolume({ ...common, clusterSizeBytes: 4096 });
        break;
    }
  } finally {
    sink.close();
  }
}

/** A volume of a lived-in tree from the cache; returns the image's path. */
export async function cachedVolume(fileSystem: FileSystemName, sizeMiB: number, plan: TreePlan): Promise<string> {
  const sizeBytes = sizeMiB * 1024 * 1024;
  const folder = await cachedFolder({ name: `volume-${fileSystem}`, sizeMiB, plan }, sizeBytes, (into) => {
    writeVolumeImage(join(into, 'volume.img'), fileSystem, sizeBytes, plan.seed, makeTree(plan));
  });
  return join(folder, 'volume.img');
}

/** About 3 GB of content on NTFS, as the reading figures want: 12,000 files. */
export function contentVolume(quick: boolean): Promise<string> {
  const files = quick ? 1000 : 14_200;
  return cachedVolume('NTFS', quick ? 512 : 4600, { files, seed: 21, medianBytes: 90_000, spread: 1.3, largestBytes: 24 << 20, deletedShare: 0.04, fragmentedShare: 0.05 });
}

/** The same at half the size, for E01: compressing it takes the time. */
export function e01Volume(quick: boolean): Promise<string> {
  const files = quick ? 1000 : 6000;
  return cachedVolume('NTFS', quick ? 512 : 2048, { files, seed: 22, medianBytes: 90_000, spread: 1.3, largestBytes: 24 << 20, deletedShare: 0.04, fragmentedShare: 0.05 });
}
