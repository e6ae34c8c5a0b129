/**
 * MBR partition table, and the chain of extended boot records for logical volumes:
 *
 * | offset | bytes | value |
 * | --- | --- | --- |
 * | 440 | 4 | disk signature |
 * | 446 | 4 × 16 | entries: active 0x80, first CHS 3 bytes, type, last CHS 3 bytes, first sector u32, sectors u32 |
 * | 510 | 2 | 55 AA |
 *
 * An extended boot record has the volume (relative to itself) as entry 1 and the next record
 * (relative to the extended partition) as entry 2.
 */
import type { ImageSink } from './image-file.ts';

const SECTOR_BYTES = 512;
const EXTENDED_TYPE = 0x0f;
/** CHS of an address past 1,024 cylinders; modern systems read only the sector numbers. */
const CHS_TOO_FAR = [0xfe, 0xff, 0xff] as const;

export const MBR_TYPE = { fat12: 0x01, fat16: 0x0e, ntfsOrExfat: 0x07, fat32: 0x0c, linux: 0x83, gptProtective: 0xee } as const;

/** One partition, in sectors of 512 bytes from the start of the disk. */
export interface MbrPartition {
  readonly type: number;
  readonly startSector: number;
  readonly sectors: number;
  readonly active?: boolean;
}

/**
 * Writes the table and, when there are logical volumes, their extended partition in the next free slot.
 *
 * @param options.logical in rising order; the sector `EBR_GAP_SECTORS` before each must be free for its record
 */
export function writeMbr(options: { sink: ImageSink; signature: number; partitions: readonly MbrPartition[]; logical?: readonly MbrPartition[] }): void {
  const logical = options.logical ?? [];
  const entries = [...options.partitions];
  const first = logical[0];
  const last = logical.at(-1);
  const extendedStart = first === undefined ? 0 : first.startSector - EBR_GAP_SECTORS;
  if (last !== undefined) entries.push({ type: EXTENDED_TYPE, startSector: extendedStart, sectors: last.startSector + last.sectors - extendedStart });
  if (entries.length > 4) throw new RangeError(`${entries.length} entries; an MBR has four`);
  options.sink.write(tableSector(entries, options.signature), 0);

  for (const [position, volume] of logical.entries()) {
    const recordSector = volume.startSector - EBR_GAP_SECTORS;
    const chain: MbrPartition[] = [{ ...volume, startSector: EBR_GAP_SECTORS }];
    const next = logical[position + 1];
    if (next !== undefined) {
      chain.push({ type: 0x05, startSector: next.startSector - EBR_GAP_SECTORS - extendedStart, sectors: next.sectors + EBR_GAP_SECTORS });
    }
    options.sink.write(tableSector(chain, 0), recordSector * SECTOR_BYTES);
  }
}

/** Sectors from an extended boot record to its volume: 1 MiB, as current tools align. */
export const EBR_GAP_SECTORS = 2048;

function tableSector(entries: readonly MbrPartition[], signature: number): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  sector.writeUInt32LE(signature >>> 0, 440);
  for (const [position, entry] of entries.entries()) {
    const at = 446 + position * 16;
    sector[at] = entry.active === true ? 0x80 : 0;
    sector.set(CHS_TOO_FAR, at + 1);
    sector[at + 4] = entry.type;
    sector.set(CHS_TOO_FAR, at + 5);
    sector.writeUInt32LE(entry.startSector, at + 8);
    sector.writeUInt32LE(entry.sectors, at + 12);
  }
  sector.set([0x55, 0xaa], 510);
  return sector;
}
