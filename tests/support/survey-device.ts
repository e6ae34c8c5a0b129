import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentChunks, createMemoryImage, generatedBytes, GPT_TYPE, makePicture, sinkAt, writeExfatVolume, writeExtVolume, writeFatVolume, writeGpt, writeNtfsVolume, writeStoredZip, type CorpusFile, type ImageSink } from '@kerbside/corpus';
import { kerbsideOften as kerbside } from './kerbside-in-thread.ts';

const MIB = 1024 * 1024;
const SECTOR_BYTES = 512;
export const BLOCK_BYTES = 4096;

/** Known bytes at one place of the device. */
export interface PlantedPiece {
  readonly name: string;
  /** Offset of the piece on the device. */
  readonly offset: number;
  readonly length: number;
  /** Whole blocks of it that a full pass has to find. */
  readonly blocks: number;
  /** Length of the known file: every one has another, so it names the file. */
  readonly fileSizeBytes: number;
  /** Path of the item that holds it, or null where no listed item does. */
  readonly item: string | null;
  /** True for a live file that is known as a whole. */
  readonly isWholeItem: boolean;
}

/** A device of many volumes with known material wherever it can be, and the folder that a set of it is made from. */
export interface SurveyDevice {
  readonly imagePath: string;
  readonly sizeBytes: number;
  readonly setPath: string;
  readonly pieces: readonly PlantedPiece[];
  /** Places that look like known files and are none: no hit may touch them. */
  readonly lookAlikes: readonly { readonly path: string; readonly offset: number; readonly length: number }[];
  /** Number of volumes with a file system, and the id of the one whose file system is destroyed. */
  readonly volumes: number;
  readonly destroyed: string;
}

interface Volume {
  readonly name: string;
  readonly sizeBytes: number;
  readonly clusterSizeBytes: number;
  readonly write: (sink: ImageSink, tree: readonly CorpusFile[], startSector: number) => void;
}

const fat = (fatBits: 12 | 16, sizeBytes: number, clusterSizeBytes: number): Volume => ({ name: `FAT${fatBits} ${clusterSizeBytes}`, sizeBytes, clusterSizeBytes, write: (sink, tree) => writeFatVolume({ fatBits, sizeBytes, clusterSizeBytes, seed: 3, tree, sink }) });
const exfat = (sizeBytes: number, clusterSizeBytes: number): Volume => ({ name: `exFAT ${clusterSizeBytes}`, sizeBytes, clusterSizeBytes, write: (sink, tree) => writeExfatVolume({ sizeBytes, clusterSizeBytes, label: 'CARD', seed: 4, tree, sink }) });
const ntfs = (sizeBytes: number, clusterSizeBytes: number): Volume => ({ name: `NTFS ${clusterSizeBytes}`, sizeBytes, clusterSizeBytes, write: (sink, tree, startSector) => writeNtfsVolume({ sizeBytes, clusterSizeBytes, label: 'DISK', seed: 5, tree, sink, hiddenSectors: startSector }) });
const ext = (sizeBytes: number, clusterSizeBytes: 1024 | 2048 | 4096): Volume => ({ name: `ext4 ${clusterSizeBytes}`, sizeBytes, clusterSizeBytes, write: (sink, tree) => writeExtVolume({ variant: 'ext4', sizeBytes, blockSizeBytes: clusterSizeBytes, label: 'HOME', seed: 6, tree, sink }) });

/** Clusters below a block and above it, and starts on no whole block: the first at sector 63, as old disks have it. */
const VOLUMES: readonly Volume[] = [fat(16, 6 * MIB, 512), exfat(5 * MIB, 512), ntfs(6 * MIB, 512), ext(6 * MIB, 1024), fat(16, 10 * MIB, 2048), exfat(5 * MIB, 1024), ntfs(6 * MIB, 2048), ext(6 * MIB, 2048), exfat(6 * MIB, 32_768), ntfs(6 * MIB, 4096), fat(12, 6 * MIB, 4096), ext(8 * MIB, 4096)];
const FIRST_SECTOR = 63;
/** Sectors between volumes: an odd number, so that starts fall on every phase. */
const GAP_SECTORS = 515;

/**
 * Makes the device and its block set. In each volume: files live, deleted, in three pieces, in part, in a TAR
 * and stored in a ZIP; besides a piece in slack, in a volume whose file system is destroyed, in no volume, and a
 * lone block.
 */
export function makeSurveyDevice(folder: string): SurveyDevice {
  const knownFolder = join(folder, 'known');
  mkdirSync(knownFolder);
  let made = 0;
  const known: Buffer[] = [];
  /** A content that the set will know; no two have one length. */
  const makeKnown = (sizeBytes: number): Buffer => {
    made += 1;
    const content = bytesOf(7000 + made, sizeBytes + made);
    writeFileSync(join(knownFolder, `known-${made}.bin`), content);
    known.push(content);
    return content;
  };

  const planted: { name: string; content: Buffer; known: Buffer; item: string | null; blocks: number; isWholeItem: boolean }[] = [];
  const plant = (name: string, content: Buffer, item: string | null, options: { readonly known?: Buffer; readonly isWholeItem?: boolean; readonly lostBlocks?: number } = {}): void => {
    planted.push({ name, content, known: options.known ?? content, item, blocks: Math.floor(content.length / BLOCK_BYTES) - (options.lostBlocks ?? 0), isWholeItem: options.isWholeItem ?? false });
  };
  const lookAlikes: { path: string; content: Buffer }[] = [];

  const treeOf = ({ name, clusterSizeBytes }: Volume, id: string): CorpusFile[] => {
    const [live, deleted, strewn, whole, inTar, alsoInTar, inZip, alsoInZip, lastInZip] = [70_000, 50_000, 90_000, 120_000, 30_000, 24_000, 33_000, 21_000, 150_000].map(makeKnown) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const part = whole.subarray(7 * BLOCK_BYTES, 17 * BLOCK_BYTES);
    const lookAlike = changeEveryBlock(live);
    plant(`${name}: live`, live, `${id}/DCIM/LIVE.JPG`, { isWholeItem: true });
    plant(`${name}: deleted`, deleted, name.startsWith('ext') ? null : `${id}/GONE.JPG`);
    // A block that is cut by the end of a piece is no block on the device.
    plant(`${name}: in pieces`, strewn, `${id}/STREWN.JPG`, { isWholeItem: true, lostBlocks: clusterSizeBytes < BLOCK_BYTES ? 2 : 0 });
    plant(`${name}: in part`, part, `${id}/PART.BIN`, { known: whole });
    plant(`${name}: in a TAR`, inTar, `${id}/BACKUP.TAR`);
    plant(`${name}: second in a TAR`, alsoInTar, `${id}/BACKUP.TAR`);
    for (const content of [inZip, alsoInZip, lastInZip]) plant(`${name}: stored in a ZIP`, content, `${id}/HOLIDAY.ZIP`);
    lookAlikes.push({ path: `${id}/LOOK.JPG`, content: lookAlike });
    return [
      { path: 'README.TXT', content: Buffer.from('Fixtures of the season.\n'.repeat(40)) },
      { path: 'DCIM/LIVE.JPG', content: live },
      { path: 'GONE.JPG', content: deleted, deleted: true },
      { path: 'STREWN.JPG', content: strewn, fragments: 3 },
      { path: 'PART.BIN', content: Buffer.concat([part, bytesOf(made + 90_000, 30_000)]) },
      { path: 'BACKUP.TAR', content: Buffer.concat([...tarMember('a.jpg', inTar), ...tarMember('b.jpg', alsoInTar), Buffer.alloc(1024)]) },
      { path: 'HOLIDAY.ZIP', content: writeStoredZip([{ name: 'notes.txt', content: Buffer.from('Nil, nil.') }, { name: 'a.jpg', content: inZip }, { name: 'b.jpg', content: alsoInZip }, { name: 'c.jpg', content: lastInZip }], 1) },
      { path: 'LOOK.JPG', content: lookAlike },
      { path: 'NOISE.BIN', content: bytesOf(made + 80_000, 300_000) },
    ];
  };

  let sector = FIRST_SECTOR;
  const placed = [...VOLUMES, fat(16, 6 * MIB, 512)].map((volume) => {
    const startSector = sector;
    sector += volume.sizeBytes / SECTOR_BYTES + GAP_SECTORS;
    return { volume, startSector };
  });
  const sizeBytes = Math.ceil((sector * SECTOR_BYTES) / MIB) * MIB + MIB;
  const image = createMemoryImage(sizeBytes);
  const isExt = (volume: Volume): boolean => volume.name.startsWith('ext');
  writeGpt({ sink: image, diskSizeBytes: sizeBytes, seed: 9, partitions: placed.map(({ volume, startSector }, n) => ({ typeGuid: isExt(volume) ? GPT_TYPE.linuxData : GPT_TYPE.basicData, startSector, sectors: volume.sizeBytes / SECTOR_BYTES, name: `Volume ${n + 1}` })) });

  const destroyed = placed.at(-1)!;
  for (const [n, { volume, startSector }] of placed.slice(0, -1).entries()) {
    volume.write(sinkAt(image, startSector * SECTOR_BYTES), treeOf(volume, `p${n + 1}`), startSector);
  }
  const lost = makeKnown(60_000);
  plant('in a destroyed file system', lost, null);
  destroyed.volume.write(sinkAt(image, destroyed.startSector * SECTOR_BYTES), [{ path: 'A.BIN', content: bytesOf(11, 3 * MIB) }, { path: 'LOST.JPG', content: lost }], destroyed.startSector);
  // Boot sector, tables and directories: all that says what it was. What stays is the content.
  image.bytes.fill('Added time. ', destroyed.startSector * SECTOR_BYTES, image.bytes.indexOf(bytesOf(11, 4096)));

  const inGap = makePicture({ kind: 'jpeg', seed: 12, widthPx: 500, heightPx: 400, grain: 0.6 });
  writeFileSync(join(knownFolder, 'gap.jpg'), inGap);
  plant('in no volume', inGap, null);
  image.write(inGap, destroyed.startSector * SECTOR_BYTES - 400 * SECTOR_BYTES);

  const inSlack = makeKnown(200_000);
  const slackVolume = placed[8]!;
  const small = image.bytes.indexOf('Fixtures of the season.', slackVolume.startSector * SECTOR_BYTES);
  const piece = inSlack.subarray(3 * BLOCK_BYTES, 9 * BLOCK_BYTES);
  image.write(piece, small + 2 * BLOCK_BYTES);
  plant('in slack', piece, null, { known: inSlack });

  const alone = makeKnown(250_000).subarray(20 * BLOCK_BYTES, 21 * BLOCK_BYTES);
  plant('a lone block', alone, null, { known: known.at(-1)! });
  image.write(alone, destroyed.startSector * SECTOR_BYTES - 100 * SECTOR_BYTES);

  const imagePath = join(folder, 'device.img');
  writeFileSync(imagePath, image.bytes);
  return {
    imagePath,
    sizeBytes,
    setPath: makeBlockSet(join(folder, 'known.kblocks'), knownFolder),
    pieces: planted.map(({ name, content, known: file, item, blocks, isWholeItem }) => ({ name, offset: placeOf(image.bytes, content), length: content.length, blocks, fileSizeBytes: file.length, item, isWholeItem })),
    lookAlikes: lookAlikes.map(({ path, content }) => ({ path, offset: placeOf(image.bytes, content), length: content.length })),
    volumes: VOLUMES.length,
    destroyed: `p${placed.length}`,
  };
}

/** `set blocks` over a folder. */
export function makeBlockSet(path: string, folder: string, ...options: string[]): string {
  const run = kerbside(['set', 'blocks', path, '--from', folder, '--name', 'Test blocks', '--category', 'B', ...options]);
  if (run.status !== 0) throw new Error(`set blocks ended with ${run.status}: ${run.stderr}`);
  return path;
}

export function bytesOf(seed: number, sizeBytes: number): Buffer {
  return Buffer.concat([...contentChunks(generatedBytes(seed, sizeBytes))]);
}

/** The same length and nearly the same bytes: one of each block is another. */
function changeEveryBlock(content: Buffer): Buffer {
  const changed = Buffer.from(content);
  for (let at = 100; at < changed.length; at += BLOCK_BYTES) changed[at]! ^= 0x20;
  return changed;
}

/** ustar: a header of one sector, the content, zeros up to the next sector. */
function tarMember(name: string, content: Buffer): Buffer[] {
  const header = Buffer.alloc(SECTOR_BYTES);
  header.write(name);
  for (const [at, text] of [[100, '0000644'], [124, content.length.toString(8).padStart(11, '0')], [136, '00000000000'], [148, '        '], [156, '0'], [257, 'ustar'], [263, '00']] as const) header.write(text, at);
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((SECTOR_BYTES - (content.length % SECTOR_BYTES)) % SECTOR_BYTES)];
}

function placeOf(image: Buffer, content: Buffer): number {
  const offset = image.indexOf(content.subarray(0, 512));
  if (offset < 0) throw new Error('what was planted is not on the device');
  return offset;
}
