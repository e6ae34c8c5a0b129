import { SourceWindow, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import type { FileSystemFormat } from '../file-system.ts';
import type { Volume } from '../volume.ts';
import { statedSizeBytes } from './stated-size.ts';
import { detectFormat } from './survey-volume.ts';

/** Volumes begin by custom at once, after 63 sectors (until 2006) or on whole MiB (since). One that was put where nobody looks may begin on any sector. */
const SECTOR_BYTES = 512;
/** Sectors of this much of each gap are all looked at: enough for the room before the first volume, where custom puts none. */
const EVERY_SECTOR_BYTES = 1024 * 1024;
const ALIGN_BYTES = 1024 * 1024;
/** Places tried in all gaps of a source: each is one small read, and a disk turns under them. */
export const MAX_PROBES = 2_048;

/** A file system found outside every partition. */
export interface LostVolume {
  readonly startOffset: number;
  readonly sizeBytes: number;
}

/** Counts the places tried over all gaps of one source. */
export interface ProbeBudget {
  left: number;
}

/**
 * Looks in a gap for file systems that the table no longer names: a deleted partition still has its
 * boot sector. Ascending, not overlapping, all inside the gap.
 */
export function findLostVolumes(source: RandomAccessSource, gap: ByteRange, formats: readonly FileSystemFormat[], budget: ProbeBudget): LostVolume[] {
  const found: LostVolume[] = [];
  const end = gap.offset + gap.length;
  let free = gap.offset;
  for (const place of places(source, gap)) {
    if (place < free) continue;
    if (budget.left <= 0) break;
    budget.left -= 1;
    const stated = statedSizeBytes(source, place);
    if (stated === null || !(stated > 0)) continue;
    const sizeBytes = Math.min(stated, end - place);
    const window = new SourceWindow(source, place, sizeBytes);
    const volume: Volume = { id: 'g', startOffset: place, sizeBytes, scheme: 'gap', declaredType: '', source: window };
    if (detectFormat(volume, formats)?.basis !== 'primary') continue;
    found.push({ startOffset: place, sizeBytes });
    free = place + sizeBytes;
  }
  return found;
}

function* places(source: RandomAccessSource, gap: ByteRange): Generator<number> {
  const end = gap.offset + gap.length;
  const head = Buffer.alloc(Math.min(EVERY_SECTOR_BYTES, gap.length));
  source.readInto(head, gap.offset);
  for (let at = 0; at + 2 * SECTOR_BYTES <= head.length; at += SECTOR_BYTES) if (mayBegin(head, at) && !isFat32Copy(head, at)) yield gap.offset + at;
  for (let place = Math.floor(gap.offset / ALIGN_BYTES + 1) * ALIGN_BYTES; place < end; place += ALIGN_BYTES) {
    if (place >= gap.offset + head.length) yield place;
  }
}

/** A FAT32 boot sector names the sector of its copy (u16 at 50). Where no copy follows there, it is itself the copy, of one that is lost. */
function isFat32Copy(bytes: Buffer, at: number): boolean {
  const isFat32 = bytes.readUInt16LE(at + 510) === 0xaa55 && bytes.readUInt16LE(at + 22) === 0 && bytes.toString('latin1', at + 82, at + 87) === 'FAT32';
  const copyAt = at + bytes.readUInt16LE(at + 50) * bytes.readUInt16LE(at + 11);
  if (!isFat32 || copyAt === at || copyAt + SECTOR_BYTES > bytes.length) return false;
  return !bytes.subarray(copyAt + 3, copyAt + 90).equals(bytes.subarray(at + 3, at + 90));
}

/** The two signs of which every file system that is looked for here has one: 55 AA at 510, or 53 EF at 1,080. */
function mayBegin(bytes: Buffer, at: number): boolean {
  return bytes.readUInt16LE(at + 510) === 0xaa55 || (at + 1082 <= bytes.length && bytes.readUInt16LE(at + 1080) === 0xef53);
}
