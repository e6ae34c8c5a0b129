import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { writeDisk, writeExfatVolume, writeExtVolume, writeFatVolume, writeNtfsVolume, type CorpusFile, type DiskVolume } from '@kerbside/corpus';
import type { KnownMaterial } from './known-blocks.ts';
import { mixedFiles } from './mixed-files.ts';

const BLOCK_BYTES = 4096;
const MIB = 1024 * 1024;

/** Large clusters, so that slack behind a short file holds whole blocks; NTFS and ext4 have clusters of one block. */
export const PLANTED_VOLUMES = ['FAT', 'exFAT', 'NTFS', 'ext4'] as const;
export type PlantedVolume = (typeof PLANTED_VOLUMES)[number];
const LARGE_CLUSTER_BYTES = 16 * 1024;

/** Between the table and the volume, and behind it: no file system. */
const GAP_BYTES = 24 * MIB;

/** How many known files each way of planting takes. */
export interface PlantingPlan {
  readonly filesEach: number;
  readonly volumeBytes: number;
  readonly otherBytes: number;
}

/**
 * Writes a disk of one volume that holds known files whole, deleted, in pieces, in part, in slack, in a TAR and in a
 * stored ZIP, and bare in the gaps before and behind the volume. Every volume takes other known files.
 */
export function writePlantedDisk(path: string, volume: PlantedVolume, { names, read }: KnownMaterial, plan: PlantingPlan): void {
  const number = PLANTED_VOLUMES.indexOf(volume);
  const usual = names.filter((name) => name.startsWith('known'));
  let taken = number * plan.filesEach * 8;
  const take = (): Buffer[] => Array.from({ length: plan.filesEach }, () => read(usual[taken++ % usual.length]!));
  const tree: CorpusFile[] = [...mixedFiles(7400 + number, plan.otherBytes)];
  const add = (folder: string, contents: readonly Buffer[], how: Partial<CorpusFile> = {}): void => {
    for (const [index, content] of contents.entries()) tree.push({ path: `${folder}/IMG_${index}.dat`, content, ...how });
  };
  add('whole', take());
  add('deleted', take(), { deleted: true });
  // Twice, so that each is long enough to lie in pieces.
  add('pieces', take().map((content) => Buffer.concat([content, Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES), content])), { fragments: 4 });
  add('deleted pieces', take(), { deleted: true, fragments: 2 });
  add('part', take().map((content, index) => partOf(content, index)), { deleted: true });
  tree.push({ path: 'container/pictures.tar', content: tarOf(take()) });
  tree.push({ path: 'container/pictures.zip', content: zipOf(take()) });
  tree.push({ path: 'long/MVI_1.MP4', content: read('long 1'), fragments: 3 });
  tree.push({ path: 'long/MVI_2.MP4', content: partOf(read('long 2'), 9), deleted: true });
  const short = Array.from({ length: plan.filesEach }, (_, index) => shortFile(number, index));
  add('slack', short);
  const { volumeOffsets, sizeBytes } = writeDisk({ path, scheme: 'mbr', seed: number + 1, tailBytes: GAP_BYTES, volumes: [{ ...volumeOf(volume, plan.volumeBytes, tree), gapBeforeBytes: GAP_BYTES }] });
  const image = openSync(path, 'r+');
  plantInGap(image, 2 * MIB + 3 * 512, take());
  plantInGap(image, sizeBytes - GAP_BYTES + 5 * 512, take());
  if (volume === 'FAT' || volume === 'exFAT') plantInSlack(image, path, volumeOffsets[0]!, short, take());
  closeSync(image);
}

function volumeOf(volume: PlantedVolume, sizeBytes: number, tree: readonly CorpusFile[]): DiskVolume {
  const common = { sizeBytes, seed: 74, label: 'PLANTED', tree };
  switch (volume) {
    case 'FAT':
      return { fileSystem: 'fat', sizeBytes, write: (sink) => void writeFatVolume({ ...common, sink, fatBits: 16, clusterSizeBytes: LARGE_CLUSTER_BYTES }) };
    case 'exFAT':
      return { fileSystem: 'exfat', sizeBytes, write: (sink) => void writeExfatVolume({ ...common, sink, clusterSizeBytes: LARGE_CLUSTER_BYTES }) };
    case 'NTFS':
      return { fileSystem: 'ntfs', sizeBytes, write: (sink) => void writeNtfsVolume({ ...common, sink }) };
    case 'ext4':
      return { fileSystem: 'ext', sizeBytes, write: (sink) => void writeExtVolume({ ...common, sink, variant: 'ext4', blockSizeBytes: 4096 }) };
  }
}

/** A known file of which some blocks were written over: its beginning, its end, or its middle. */
function partOf(content: Buffer, index: number): Buffer {
  const part = Buffer.from(content);
  const third = Math.floor(content.length / 3 / BLOCK_BYTES) * BLOCK_BYTES;
  const from = (index % 3) * third;
  for (let at = from; at < from + third; at++) part[at] = (at * 31 + index) & 0xff;
  return part;
}

function shortFile(volume: number, index: number): Buffer {
  return Buffer.from(`Fixture list ${volume}/${index}. `.repeat(40 + (index % 30)));
}

/** Members on multiples of 512, as TAR has them. */
function tarOf(contents: readonly Buffer[]): Buffer {
  return Buffer.concat(
    contents.flatMap((content, index) => {
      const header = Buffer.alloc(512);
      header.write(`pictures/${index}.dat`);
      header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
      header.write('ustar\0', 257);
      return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
    }),
  );
}

/** Members stored as they are, at any byte (APPNOTE.TXT 4.3.7); no directory, as in one cut off. */
function zipOf(contents: readonly Buffer[]): Buffer {
  return Buffer.concat(
    contents.flatMap((content, index) => {
      const name = Buffer.from(`pictures/${'x'.repeat(index % 50)}${index}.dat`);
      const header = Buffer.alloc(30);
      header.writeUInt32LE(0x04034b50, 0);
      header.writeUInt16LE(10, 4);
      header.writeUInt32LE(content.length, 18);
      header.writeUInt32LE(content.length, 22);
      header.writeUInt16LE(name.length, 26);
      return [header, name, content];
    }),
  );
}

function plantInGap(image: number, offset: number, contents: readonly Buffer[]): void {
  let at = offset;
  for (const content of contents) {
    writeSync(image, content, 0, content.length, at);
    at += Math.ceil(content.length / 512) * 512;
  }
}

/** What a file that lay in the same clusters before has left behind the short file that has them now. */
function plantInSlack(image: number, path: string, from: number, short: readonly Buffer[], contents: readonly Buffer[]): void {
  const bytes = readFileSync(path);
  for (const [index, { length }] of short.entries()) {
    const at = bytes.indexOf(short[index]!, from);
    const content = contents[index]!;
    const firstBlock = Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;
    const end = Math.min(content.length, LARGE_CLUSTER_BYTES);
    if (at < 0) throw new Error('a short file was not found on its own volume');
    if (firstBlock < end) writeSync(image, content, firstBlock, end - firstBlock, at + firstBlock);
  }
}
