import { SourceWindow, type RandomAccessSource } from '@kerbside/bytes';
import { detectEncryption } from '../encryption/detect-encryption.ts';
import { recogniseUnsupported } from '../encryption/recognise-unsupported.ts';
import type { FileSystemFormat } from '../file-system.ts';
import type { Volume } from '../volume.ts';
import { readGpt } from './gpt.ts';
import { readMbr, readMbrSector } from './mbr.ts';
import type { PartitionTable } from './partition.ts';
import { detectFormat } from './survey-volume.ts';

/** Sector sizes that a disk's table may count in. */
const SECTOR_SIZES = [512, 4_096] as const;

/**
 * Decides which partition table, if any, a source has. The last bytes of a FAT or NTFS boot sector
 * look like a partition table's, and a disk may carry the remains of an older table: what the
 * places lead to decides.
 *
 * @param sectorSizeBytes the source's own sector size, preferred where both fit
 * @returns null when the source has no partition table
 */
export function choosePartitionTable(source: RandomAccessSource, sectorSizeBytes: number, formats: readonly FileSystemFormat[]): PartitionTable | null {
  const mbr = readMbrSector(source, 512);
  const gpt = readGpt(source);
  if (gpt !== null && (mbr === null || mbr.isProtective || !mbr.isPlausible)) {
    if (!isWholeVolume(source, formats)) return gpt;
    // A disk formatted as a whole keeps the older table's backup at its end.
    return gpt.problems.length === 0 && countKnown(source, gpt, formats) > 0 ? asAmbiguous(gpt) : null;
  }
  if (mbr === null || mbr.entries.length === 0) return null;
  const candidates = [sectorSizeBytes, ...SECTOR_SIZES.filter((size) => size !== sectorSizeBytes)].map((size) => {
    const sector = readMbrSector(source, size)!;
    const table = readMbr(source, sector, size);
    return { table, isPlausible: sector.isPlausible, known: countKnown(source, table, formats) };
  });
  const best = candidates.reduce((a, b) => (b.known > a.known ? b : a));
  const table = mbr.isProtective ? withLostGpt(best.table) : best.table;
  if (isWholeVolume(source, formats)) {
    if (!best.isPlausible || best.known === 0) return null;
    return asAmbiguous(table);
  }
  return best.isPlausible || best.known > 0 || mbr.isProtective ? table : null;
}

function asAmbiguous(table: PartitionTable): PartitionTable {
  const problem = { kind: 'malformed' as const, code: 'layout-ambiguous', message: 'the source has a partition table, and also begins like a volume without one; the table was followed', where: { offset: 0 } };
  return { ...table, problems: [...table.problems, problem] };
}

function withLostGpt(table: PartitionTable): PartitionTable {
  const problem = { kind: 'malformed' as const, code: 'gpt-damaged', message: 'the disk says it has a GPT, but neither the table nor its backup can be used; volumes were looked for by their own structures', where: { offset: 512 } };
  return { ...table, problems: [...table.problems, problem] };
}

function isWholeVolume(source: RandomAccessSource, formats: readonly FileSystemFormat[]): boolean {
  const whole: Volume = { id: 'p1', startOffset: 0, sizeBytes: source.sizeBytes, scheme: 'none', declaredType: '', source };
  return detectFormat(whole, formats)?.basis === 'primary';
}

/** Partitions whose beginning is a known structure. */
function countKnown(source: RandomAccessSource, table: PartitionTable, formats: readonly FileSystemFormat[]): number {
  return table.partitions.filter(({ id, startOffset, sizeBytes, declaredType }) => {
    const available = Math.min(sizeBytes, source.sizeBytes - startOffset);
    if (!(available > 0)) return false;
    const window = new SourceWindow(source, startOffset, available);
    const volume: Volume = { id, startOffset, sizeBytes: available, scheme: 'mbr', declaredType, source: window };
    return detectFormat(volume, formats)?.basis === 'primary' || detectEncryption(window) !== null || recogniseUnsupported(window) !== null;
  }).length;
}
