import { ByteView, MAX_ENTRIES_PER_VOLUME, MalformedError, MediumError, type KerbsideError } from '@kerbside/bytes';
import { holdsData } from '../data-in-range.ts';
import { displayName } from '../display-name.ts';
import type { DetectionBasis, FileSystem, FileSystemFormat } from '../file-system.ts';
import type { WalkEvent } from '../item.ts';
import type { Volume } from '../volume.ts';
import { recoverLostChains } from './allocated-recovery.ts';
import { ATTRIBUTE_LABEL, ATTRIBUTE_LONG_NAME, DELETED_MARK } from './directory-entry.ts';
import { walkTree } from './directory-walk.ts';
import { BOOT_SECTOR_BYTES, clusterOffset, ENTRY_BYTES, parseBootSector, type FatGeometry } from './fat-geometry.ts';
import { openFatTable, startsLikeFat } from './fat-table.ts';
import { isClusterNumber, makeWalkState, volumeProblem, type FatVolume } from './fat-volume.ts';
import { freeRanges, walkOrphanDirectories } from './orphan-stage.ts';
import { makeWalker, type Walker } from './walker.ts';

/** Where a FAT32 boot sector's copy may stand: sector 6 (12 on some systems), by sector size. */
const BACKUP_OFFSETS = [6 * 512, 12 * 512, 6 * 1024, 6 * 2048, 6 * 4096] as const;
/** Boot sectors, their copies and boot code lie in the first 32 sectors, of 4 KiB at most. */
const BOOT_SECTORS_BYTES = 32 * 4096;
/** Bytes of the root directory searched for a label. */
const LABEL_SEARCH_BYTES = 64 * 1024;

/** FAT12, FAT16 and FAT32. */
export const fatFormat: FileSystemFormat = {
  name: 'FAT',
  detect: (volume) => findBootSector(volume)?.basis ?? null,
  open: openFat,
};

interface FoundBootSector {
  readonly geometry: FatGeometry;
  readonly basis: DetectionBasis;
}

/** Looks at sector 0, then at the places of the copy. Never throws on evidence. */
function findBootSector(volume: Volume): FoundBootSector | null {
  const primary = geometryAt(volume, 0);
  if (primary !== null) return { geometry: primary, basis: 'primary' };
  for (const offset of BACKUP_OFFSETS) {
    const geometry = geometryAt(volume, offset);
    // A copy may outlive its file system under a newer one: it only counts with a table where it says.
    if (geometry !== null && geometry.entryBits === 32 && geometry.backupSector !== 0 && hasTable(volume, geometry)) {
      return { geometry, basis: 'backup' };
    }
  }
  return null;
}

function geometryAt(volume: Volume, offset: number): FatGeometry | null {
  const bytes = readWhole(volume, offset, BOOT_SECTOR_BYTES);
  return bytes === null ? null : parseBootSector(new ByteView(bytes, volume.source.originOffset + offset), volume.source.sizeBytes);
}

function hasTable(volume: Volume, geometry: FatGeometry): boolean {
  for (let copy = 0; copy < geometry.fatCount; copy++) {
    const bytes = readWhole(volume, geometry.fatOffset + copy * geometry.fatSizeBytes, 16);
    if (bytes !== null && startsLikeFat(bytes, geometry)) return true;
  }
  return false;
}

/** Bytes that lie wholly inside the volume and could all be read, else null. */
function readWhole(volume: Volume, offset: number, length: number): Buffer | null {
  if (offset + length > volume.source.sizeBytes) return null;
  const bytes = Buffer.allocUnsafe(length);
  return volume.source.readInto(bytes, offset).length > 0 ? null : bytes;
}

function openFat(volume: Volume): FileSystem {
  const found = findBootSector(volume);
  if (found === null) throw new MalformedError('fat-no-boot-sector', 'no FAT boot sector, and no copy of one, was found', { volume: volume.id });
  const { geometry } = found;
  const fat: FatVolume = { volume, source: volume.source, geometry, table: openFatTable(volume.source, geometry) };
  /** Kept after a whole tree pass: the orphan stage goes on from what it has seen. */
  let finished: Walker | null = null;

  const walk = function* (): Generator<WalkEvent, void, undefined> {
    const walker = makeWalker(fat, makeWalkState(geometry.lastCluster, MAX_ENTRIES_PER_VOLUME));
    for (const fault of volumeFaults(volume, found)) yield { type: 'problem', problem: volumeProblem(fat, fault) };
    yield* walkRoot(walker);
    if (!walker.isOverLimit) yield* recoverLostChains(walker);
    for (const fault of tableFaults(fat)) yield { type: 'problem', problem: volumeProblem(fat, fault, geometry.fatOffset) };
    finished = walker;
  };

  return {
    kind: geometry.kind,
    label: readLabel(fat),
    clusterSizeBytes: geometry.clusterSizeBytes,
    clusterGridOffset: volume.source.originOffset + geometry.dataOffset,
    walk,
    *walkOrphans() {
      if (finished === null) for (const event of walk()) void event;
      const walker = finished;
      // One pass uses the walker up: what it finds is marked as read.
      finished = null;
      if (walker !== null && !walker.isOverLimit) yield* walkOrphanDirectories(walker);
    },
    freeRanges: () => freeRanges(fat),
  };
}

function* walkRoot(walker: Walker): Generator<WalkEvent, void, undefined> {
  const { fat, state } = walker;
  const { rootCluster } = fat.geometry;
  if (fat.geometry.entryBits === 32 && !isClusterNumber(fat, rootCluster)) {
    const error = new MalformedError('fat-root-lost', `the root directory starts at cluster ${rootCluster}, which this volume does not have; directories are looked for by structure`);
    yield { type: 'problem', problem: volumeProblem(fat, error) };
    walker.directories.set(0, null);
    return;
  }
  if (rootCluster !== 0) state.directoryClusters.add(rootCluster);
  yield* walkTree(walker, { node: null, firstCluster: rootCluster, parentCluster: 0, state: 'allocated', hasChains: true, isMarked: true });
}

function volumeFaults(volume: Volume, found: FoundBootSector): KerbsideError[] {
  const { geometry } = found;
  const faults: KerbsideError[] = [];
  if (found.basis === 'backup') {
    faults.push(new MalformedError('fat-boot-sector-damaged', 'the boot sector is damaged; its copy was used'));
  }
  if (geometry.declaredBytes > volume.source.sizeBytes) {
    const missing = geometry.declaredBytes - volume.source.sizeBytes;
    faults.push(new MalformedError('fat-volume-truncated', `the file system is ${missing} bytes longer than what there is of the volume`));
  }
  if (geometry.lastCluster < geometry.declaredLastCluster) {
    const missing = geometry.declaredLastCluster - geometry.lastCluster;
    faults.push(new MalformedError('fat-table-too-short', `the allocation table has no entries for ${missing} of the volume's clusters`));
  }
  if (holdsData(volume.source, BOOT_SECTORS_BYTES, geometry.fatOffset)) {
    faults.push(new MalformedError('fat-reserved-data', 'something stands in the reserved sectors between the boot sectors and the allocation table; it was not read'));
  }
  if (!hasTable(volume, geometry)) {
    faults.push(new MalformedError('fat-table-start-damaged', 'no copy of the allocation table starts as it should'));
  }
  return faults;
}

function tableFaults(fat: FatVolume): KerbsideError[] {
  const damage = fat.table.damage();
  const faults: KerbsideError[] = [];
  if (damage.replacedSectors > 0) {
    faults.push(new MalformedError('fat-first-copy-damaged', `${damage.replacedSectors} sectors of the first allocation table are damaged; the second table was used for them`));
  }
  if (damage.differingSectors > 0) {
    faults.push(new MalformedError('fat-copies-differ', `the two allocation tables differ in ${damage.differingSectors} more sectors; the first was used`));
  }
  if (damage.unreadableBytes > 0) {
    faults.push(new MediumError('fat-table-unreadable', `${damage.unreadableBytes} bytes of the allocation table could not be read; the clusters they describe count as free`));
  }
  return faults;
}

/** The label entry of the root directory, else the boot sector's; empty when there is none. */
function readLabel(fat: FatVolume): string {
  const { geometry, source } = fat;
  const offset = geometry.entryBits === 32 ? clusterOffset(geometry, Math.max(2, geometry.rootCluster)) : geometry.inodeBaseOffset;
  const wanted = geometry.entryBits === 32 ? geometry.clusterSizeBytes : geometry.fixedRootBytes;
  const length = Math.max(0, Math.min(wanted, LABEL_SEARCH_BYTES, source.sizeBytes - offset));
  const bytes = Buffer.alloc(length);
  if (length > 0) source.readInto(bytes, offset);
  for (let at = 0; at + ENTRY_BYTES <= length && bytes[at] !== 0; at += ENTRY_BYTES) {
    const attributes = bytes[at + 11]!;
    if (bytes[at] !== DELETED_MARK && (attributes & ATTRIBUTE_LABEL) !== 0 && (attributes & ATTRIBUTE_LONG_NAME) !== ATTRIBUTE_LONG_NAME) {
      return labelText(bytes.subarray(at, at + 11));
    }
  }
  return geometry.bootLabel === null ? '' : labelText(geometry.bootLabel);
}

function labelText(bytes: Uint8Array): string {
  let length = 11;
  while (length > 0 && (bytes[length - 1] === 0x20 || bytes[length - 1] === 0)) length--;
  if (length === 0) return '';
  const text = displayName({ bytes: bytes.slice(0, length), encoding: 'cp437' });
  return text === 'NO NAME' ? '' : text;
}
