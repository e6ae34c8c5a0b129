import type { ItemContent, Recovery } from '../item.ts';
import { FLAG_COMPRESSED, FLAG_ENCRYPTED, type AttributeTable } from './attributes.ts';
import type { ClusterBitmap } from './cluster-bitmap.ts';
import type { MetadataStream } from './mft-stream.ts';
import { RunTable } from './run-list.ts';
import { mapStream, type ClusterSpace, type StreamFault } from './stream-extents.ts';

/** One stream of a file: what an item needs of it. */
export interface StreamFacts {
  readonly sizeBytes: number;
  readonly content: ItemContent;
  readonly faults: readonly StreamFault[];
  /** True when something is stored: a resident value or a run. */
  readonly isStored: boolean;
  readonly partial: boolean;
  /** Only for a file that is not in use. */
  readonly recovery: Recovery | null;
}

/** Windows compresses by 16 clusters of at most 4 KiB, and newer versions up to 16 × 64 KiB. */
const MAX_UNIT_BYTES = 1024 * 1024;

const NO_FAULTS: readonly StreamFault[] = Object.freeze([]);
const RUNS_SURVIVE: Recovery = Object.freeze({ basis: 'runs-survive' });
const NO_RUNS: Recovery = Object.freeze({ basis: 'no-runs' });

/** Reads streams out of attribute tables. */
export class StreamReader {
  readonly #mft: MetadataStream;
  readonly #space: ClusterSpace;
  readonly #bitmap: () => ClusterBitmap | null;
  readonly #runs = new RunTable();

  /** @param bitmap asked for only when a deleted file's runs are to be checked */
  constructor(mft: MetadataStream, space: ClusterSpace, bitmap: () => ClusterBitmap | null) {
    this.#mft = mft;
    this.#space = space;
    this.#bitmap = bitmap;
  }

  /**
   * Reads the stream whose first attribute is `i`.
   *
   * @param further the attributes that continue it (from extension records), VCNs ascending
   * @param inUse false for a deleted file: then how far its clusters survive is found out
   */
  read(table: AttributeTable, i: number, further: readonly number[], inUse: boolean): StreamFacts {
    return table.isResident(i) ? this.#readResident(table, i, inUse) : this.#readMapped(table, i, further, inUse);
  }

  #readResident(table: AttributeTable, i: number, inUse: boolean): StreamFacts {
    const recovery = inUse ? null : RUNS_SURVIVE;
    const from = table.valueAt(i);
    if ((table.flags(i) & FLAG_ENCRYPTED) !== 0) return { ...unread(0, 'encrypted', [ENCRYPTED]), recovery };
    if (from < 0) return { ...unread(0, 'damaged', [malformedAttribute('a resident value does not fit its record')]), recovery };
    const length = table.valueLength(i);
    // A copy: the record's buffer is used again for the next piece of $MFT.
    const bytes = Buffer.allocUnsafe(length);
    table.bytes[i]!.copy(bytes, 0, from, from + length);
    const sourceOffset = this.#mft.sourceOffset(table.origin[i]! + from);
    return { sizeBytes: length, content: { form: 'inline', bytes, sourceOffset }, faults: NO_FAULTS, isStored: true, partial: false, recovery };
  }

  #readMapped(table: AttributeTable, i: number, further: readonly number[], inUse: boolean): StreamFacts {
    if (!table.hasRunList(i)) return { ...unread(0, 'damaged', [malformedAttribute('a non-resident attribute is too short')]), recovery: inUse ? null : NO_RUNS };
    const runs = this.#runs;
    const fault = this.#collectRuns(table, i, further);
    const shift = table.compressionShift(i);
    const flags = table.flags(i);
    const compressed = (flags & FLAG_COMPRESSED) !== 0 && shift !== 0;
    const declaredBytes = table.sizeBytes(i);
    const recovery = inUse ? null : this.#recovery(declaredBytes);
    if ((flags & FLAG_ENCRYPTED) !== 0) return { ...unread(safeSize(declaredBytes), 'encrypted', [ENCRYPTED]), recovery };
    if (compressed && (shift > 16 || 2 ** shift * this.#space.clusterSizeBytes > MAX_UNIT_BYTES)) {
      return { ...unread(safeSize(declaredBytes), 'unsupported', [unitTooLarge(shift)]), recovery };
    }
    if (recovery !== null && recovery.basis === 'no-runs') {
      return { sizeBytes: safeSize(declaredBytes), content: { form: 'none', reason: 'no-runs' }, faults: NO_FAULTS, isStored: false, partial: false, recovery };
    }
    const sizes = { declaredBytes, initialisedBytes: table.initialisedBytes(i), unitClusters: compressed ? 2 ** shift : 0 };
    const mapped = mapStream(runs, sizes, this.#space);
    const faults = fault === null && mapped.fault === null ? NO_FAULTS : [fault, mapped.fault].filter((one) => one !== null);
    return {
      sizeBytes: mapped.sizeBytes,
      content: { form: 'extents', extents: mapped.extents },
      faults,
      isStored: this.#hasStoredRun(),
      partial: faults.length > 0,
      recovery,
    };
  }

  /** Gathers the runs of all parts of a stream; parts that are missing or out of order end it. */
  #collectRuns(table: AttributeTable, i: number, further: readonly number[]): StreamFault | null {
    const runs = this.#runs;
    runs.clear();
    if (table.firstVcn(i) !== 0) return RUNS_MALFORMED;
    if (!table.appendRuns(i, runs)) return RUNS_MALFORMED;
    for (const part of further) {
      if (!table.hasRunList(part) || table.firstVcn(part) !== runs.clusters) return PART_MISSING;
      if (!table.appendRuns(part, runs)) return RUNS_MALFORMED;
    }
    return null;
  }

  #hasStoredRun(): boolean {
    for (let i = 0; i < this.#runs.count; i++) if (this.#runs.clusterAt[i]! >= 0) return true;
    return false;
  }

  /** What the bitmap says of the clusters of a deleted stream. */
  #recovery(declaredBytes: number): Recovery {
    const runs = this.#runs;
    if (runs.count === 0) return declaredBytes === 0 ? RUNS_SURVIVE : NO_RUNS;
    const bitmap = this.#bitmap();
    if (bitmap === null) return RUNS_SURVIVE;
    let used = 0;
    let all = 0;
    for (let i = 0; i < runs.count; i++) {
      const cluster = runs.clusterAt[i]!;
      if (cluster < 0) continue;
      all += runs.length[i]!;
      used += bitmap.countUsed(cluster, runs.length[i]!);
    }
    return used === 0 ? RUNS_SURVIVE : { basis: 'clusters-reused', reusedShare: used / all };
  }
}

const ENCRYPTED: StreamFault = {
  kind: 'unsupported',
  code: 'ntfs-efs-encrypted',
  message: 'it is encrypted with EFS: its content can be read only with the key of its owner',
};
const RUNS_MALFORMED: StreamFault = { kind: 'malformed', code: 'ntfs-run-list-malformed', message: 'its run list makes no sense from some point on' };
const PART_MISSING: StreamFault = { kind: 'malformed', code: 'ntfs-runs-incomplete', message: 'a part of its run list, kept in another record, is missing' };

function malformedAttribute(message: string): StreamFault {
  return { kind: 'malformed', code: 'ntfs-record-malformed', message };
}

function unitTooLarge(shift: number): StreamFault {
  return { kind: 'unsupported', code: 'ntfs-compression-unsupported', message: `compression units of 2^${shift} clusters are not handled` };
}

function unread(sizeBytes: number, reason: 'encrypted' | 'damaged' | 'unsupported', faults: readonly StreamFault[]): Omit<StreamFacts, 'recovery'> {
  return { sizeBytes, content: { form: 'none', reason }, faults, isStored: true, partial: reason === 'damaged' };
}

function safeSize(bytes: number): number {
  return Number.isSafeInteger(bytes) ? bytes : 0;
}
