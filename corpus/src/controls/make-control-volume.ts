import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createMemoryImage } from '../disk/image-file.ts';
import { writeMbr } from '../disk/mbr.ts';
import { controlJpeg } from './control-contents.ts';
import { blockMarker, plantInFreeSpace } from './control-part.ts';
import type { ControlEntry, ControlSpecimen } from './control-specimen.ts';
import { exfatPart } from './exfat-part.ts';
import { extPart } from './ext-part.ts';
import { fatPart } from './fat-part.ts';
import { locateContent } from './locate-content.ts';
import { nearKnown } from './near-pictures.ts';
import { ntfsPart } from './ntfs-part.ts';

const SECTOR_BYTES = 512;
const MIB = 1 << 20;
/** Partition table before the volumes, and space in no volume behind them. */
const EDGE_BYTES = MIB;
/** A sector that is on no grid of 4 KiB: outside volumes every phase has to be tried. */
const OUTSIDE_SECTOR = 3;
const DISK_SIGNATURE = 0x4b43_0001;

/** A content that the control sets know, with a name for it in a folder. */
export interface ControlContent {
  readonly fileName: string;
  readonly content: Buffer;
}

/** The control disk, its specimens in a fixed order, and what its sets are to know. */
export interface ControlVolume {
  readonly sizeBytes: number;
  readonly volumeOffsets: readonly number[];
  readonly specimens: readonly ControlSpecimen[];
  readonly known: readonly ControlContent[];
  /** The picture of which altered copies are there; itself it stands nowhere. */
  readonly nearKnown: Buffer;
}

/**
 * Writes the control volume: a disk image under an MBR with FAT, exFAT, NTFS and ext4 volumes of benign
 * markers and look-alikes. Always the same bytes; `CONTROL_SEALS` holds their digest.
 *
 * @param path a file there is overwritten
 */
export function makeControlVolume(path: string): ControlVolume {
  const original = nearKnown();
  const parts = [fatPart(1000, original), exfatPart(2000, original), ntfsPart(3000), extPart(4000, original)];
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 2 * EDGE_BYTES);
  const image = createMemoryImage(sizeBytes);
  const offsets: number[] = [];
  const entries: ControlEntry[] = [];
  let next = EDGE_BYTES;
  for (const part of parts) {
    offsets.push(next);
    const { id } = part;
    entries.push(...part.write(image.bytes.subarray(next, next + part.sizeBytes), next).map((entry) => ({ ...entry, volume: id })));
    next += part.sizeBytes;
  }
  writeMbr({ sink: image, signature: DISK_SIGNATURE, partitions: parts.map((part, n) => ({ type: part.mbrType, startSector: offsets[n]! / SECTOR_BYTES, sectors: part.sizeBytes / SECTOR_BYTES })) });
  const outside = controlJpeg(5000);
  plantInFreeSpace(image.bytes, next + OUTSIDE_SECTOR * SECTOR_BYTES, outside);
  entries.push({ ...blockMarker('Outside every volume, on no grid', null, outside), volume: null });
  writeFileSync(path, image.bytes);
  return { sizeBytes, volumeOffsets: offsets, specimens: entries.map((entry) => placed(image.bytes, entry)), known: knownContents(entries), nearKnown: original };
}

function placed(image: Buffer, { known, stored, place, name, expected, lane, volume, path }: ControlEntry): ControlSpecimen {
  const content = known ?? stored;
  const ranges = place === 'search' ? locateContent(image, stored) : place;
  return { name, expected, lane, volume, path, ranges, sha1: hash('sha1', content), sizeBytes: content.length };
}

/** Each content once, in the order of the specimens; not what is known by its looks alone. */
function knownContents(entries: readonly ControlEntry[]): ControlContent[] {
  const contents = [...new Set(entries.flatMap(({ known, lane }) => (known === null || lane === 'near' ? [] : [known])))];
  return contents.map((content, n) => ({ fileName: `marker-${String(n + 1).padStart(2, '0')}.bin`, content }));
}
