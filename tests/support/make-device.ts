import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentChunks, generatedBytes, writeDisk, writeExfatVolume, writeExtVolume, writeFatVolume, writeNtfsVolume, type CorpusFile, type DiskVolume } from '@kerbside/corpus';
import { kerbsideOften as kerbside } from './kerbside-in-thread.ts';

const MIB = 1024 * 1024;

/** A partitioned device of four file systems, and a set that knows some of its files. */
export interface TestDevice {
  readonly imagePath: string;
  /** Compiled from a list without sizes, so that every item is read. */
  readonly setPath: string;
  /** Paths of the files that the set knows, sorted. */
  readonly knownPaths: readonly string[];
}

/**
 * Makes a device with FAT16, exFAT, NTFS and ext4 volumes of noise named as pictures.
 *
 * @param options.filesPerVolume every tenth of them, from the fifth on, is known
 * @param options.fileSizeBytes about the size of each
 */
export function makeDevice(options: { folder: string; filesPerVolume: number; fileSizeBytes: number; seed: number }): TestDevice {
  const { folder, filesPerVolume, fileSizeBytes, seed } = options;
  const digests: string[] = [];
  const knownPaths: string[] = [];
  const treeOf = (volume: number): CorpusFile[] =>
    Array.from({ length: filesPerVolume }, (_, n): CorpusFile => {
      const path = `DCIM/${100 + (n % 7)}CANON/IMG_${String(n).padStart(4, '0')}.JPG`;
      const content = generatedBytes(seed + volume * 100_000 + n, fileSizeBytes + n * 3);
      if (n % 10 === 5) {
        const digest = createHash('sha1');
        for (const chunk of contentChunks(content)) digest.update(chunk);
        digests.push(digest.digest('hex'));
        knownPaths.push(`p${volume}/${path}`);
      }
      return { path, content };
    });
  const sizeBytes = Math.ceil((filesPerVolume * (fileSizeBytes + 8192)) / MIB + 12) * MIB;
  const volumes: DiskVolume[] = [
    { fileSystem: 'fat', sizeBytes, write: (sink) => writeFatVolume({ fatBits: 16, sizeBytes, clusterSizeBytes: 1024, seed, tree: treeOf(1), sink }) },
    { fileSystem: 'exfat', sizeBytes, write: (sink) => writeExfatVolume({ sizeBytes, clusterSizeBytes: 4096, label: 'CARD', seed, tree: treeOf(2), sink }) },
    { fileSystem: 'ntfs', sizeBytes, write: (sink, { startSector }) => writeNtfsVolume({ sizeBytes, label: 'DISK', seed, tree: treeOf(3), sink, hiddenSectors: startSector }) },
    { fileSystem: 'ext', sizeBytes, write: (sink) => writeExtVolume({ variant: 'ext4', sizeBytes, blockSizeBytes: 4096, label: 'HOME', seed, tree: treeOf(4), sink }) },
  ];
  const imagePath = join(folder, 'device.img');
  writeDisk({ path: imagePath, scheme: 'mbr', seed, volumes });
  const setPath = compileSet(join(folder, 'known.kset'), digests);
  return { imagePath, setPath, knownPaths: knownPaths.sort() };
}

/** Compiles SHA-1 digests to a set, through the command. Without digests it knows a stranger only. */
export function compileSet(path: string, sha1: readonly string[], meaning: 'alert' | 'ignorable' | 'reference' = 'alert'): string {
  const list = `${path}.sha1`;
  const digests = sha1.length > 0 ? sha1 : [createHash('sha1').update('a stranger').digest('hex')];
  writeFileSync(list, digests.map((digest, n) => `${digest}  known-${n}.jpg\n`).join(''));
  const run = kerbside(['set', 'build', path, '--from', list, '--meaning', meaning, '--name', `Test ${meaning}`]);
  if (run.status !== 0) throw new Error(`set build ended with ${run.status}: ${run.stderr}`);
  return path;
}
