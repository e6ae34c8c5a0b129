import { MAX_EXTENTS_PER_ITEM, type ErrorKind } from '@kerbside/bytes';
import type { Extent } from '../item.ts';
import { NOWHERE, SPARSE, type RunTable } from './run-list.ts';

/** The part of a volume's geometry that mapping needs. */
export interface ClusterSpace {
  readonly clusterSizeBytes: number;
  /** Clusters that are really there: a run beyond is outside the volume. */
  readonly clusterCount: number;
  /** Offset on the source of cluster 0. */
  readonly originOffset: number;
}

/** What is wrong with a stream, as the parts of a problem that do not know the item. */
export interface StreamFault {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
}

export interface MappedStream {
  readonly extents: readonly Extent[];
  /** The declared size, or less where that cannot be; always the sum of the extents. */
  readonly sizeBytes: number;
  /** Null when everything is mapped. */
  readonly fault: StreamFault | null;
}

export interface StreamSizes {
  readonly declaredBytes: number;
  /** Bytes written so far; beyond them the owner's system shows zeros. */
  readonly initialisedBytes: number;
  /** Clusters of one compression unit, 0 for a plain stream. */
  readonly unitClusters: number;
}

/** NTFS holds no more than 2^32 clusters in a volume, hence in a file. */
const MAX_FILE_CLUSTERS = 2 ** 32;

/**
 * Turns the runs of a stream into extents that sum to its size.
 *
 * Runs outside the volume, and what no run describes, become holes and a fault; a size that no
 * volume can hold is cut to what the runs describe.
 */
export function mapStream(runs: RunTable, sizes: StreamSizes, space: ClusterSpace): MappedStream {
  if (runs.count === 1 && sizes.unitClusters === 0) {
    const whole = mapOneRun(runs.clusterAt[0]!, runs.clusters, sizes, space);
    if (whole !== null) return whole;
  }
  const mappedBytes = runs.clusters * space.clusterSizeBytes;
  let sizeBytes = sizes.declaredBytes;
  let fault: StreamFault | null = null;
  if (sizeBytes > mappedBytes) {
    const plausible = sizeBytes <= space.clusterCount * space.clusterSizeBytes;
    fault = plausible
      ? incomplete(`its runs describe ${mappedBytes} of its ${sizeBytes} bytes`)
      : impossible(`it claims ${sizeBytes} bytes, more than the volume holds, and its runs describe ${mappedBytes}`);
    if (!plausible) sizeBytes = mappedBytes;
  }
  if (sizeBytes > MAX_FILE_CLUSTERS * space.clusterSizeBytes || sizeBytes > Number.MAX_SAFE_INTEGER) {
    fault = impossible(`it claims ${sizeBytes} bytes, more than any NTFS volume holds`);
    sizeBytes = Math.min(sizeBytes, storedEnd(runs, space));
  }
  const builder = new ExtentBuilder(space, sizeBytes, sizes.initialisedBytes);
  if (sizes.unitClusters > 0) addUnits(builder, runs, sizes.unitClusters);
  else for (let i = 0; i < runs.count && !builder.full; i++) builder.addRun(runs.clusterAt[i]!, runs.length[i]!);
  const extents = builder.finish();
  return { extents, sizeBytes: builder.sizeBytes, fault: builder.fault ?? fault };
}

/** Most streams: one run, inside the volume, written to the end. Null for all others. */
function mapOneRun(cluster: number, clusters: number, sizes: StreamSizes, space: ClusterSpace): MappedStream | null {
  const sizeBytes = sizes.declaredBytes;
  if (cluster < 0 || cluster + clusters > space.clusterCount || sizes.initialisedBytes < sizeBytes) return null;
  if (sizeBytes === 0 || sizeBytes > clusters * space.clusterSizeBytes) return null;
  const extent: Extent = { kind: 'data', sourceOffset: space.originOffset + cluster * space.clusterSizeBytes, length: sizeBytes };
  return { extents: [extent], sizeBytes, fault: null };
}

/** Where the last stored run ends in the file, in bytes. */
function storedEnd(runs: RunTable, space: ClusterSpace): number {
  let clusters = 0;
  let end = 0;
  for (let i = 0; i < runs.count; i++) {
    clusters += runs.length[i]!;
    if (runs.clusterAt[i]! >= 0) end = clusters;
  }
  return Math.min(end, MAX_FILE_CLUSTERS) * space.clusterSizeBytes;
}

function incomplete(message: string): StreamFault {
  return { kind: 'malformed', code: 'ntfs-runs-incomplete', message };
}

function impossible(message: string): StreamFault {
  return { kind: 'malformed', code: 'ntfs-size-impossible', message };
}

/**
 * Cuts runs into compression units. Stored in full: plain bytes. All sparse: zeros. Stored, then
 * sparse: compressed. Runs cross unit borders, and long runs cover many units at once.
 */
function addUnits(builder: ExtentBuilder, runs: RunTable, unitClusters: number): void {
  let run = 0;
  let used = 0;
  const stored: { cluster: number; length: number }[] = [];
  while (run < runs.count && !builder.full) {
    const left = runs.length[run]! - used;
    const whole = Math.floor(left / unitClusters) * unitClusters;
    const cluster = runs.clusterAt[run]!;
    if (whole > 0) {
      builder.addRun(cluster < 0 ? cluster : cluster + used, whole);
      used += whole;
      if (used === runs.length[run]!) {
        run++;
        used = 0;
      }
      continue;
    }
    stored.length = 0;
    let missing = unitClusters;
    let sparse = 0;
    let broken = false;
    while (missing > 0 && run < runs.count) {
      const take = Math.min(missing, runs.length[run]! - used);
      const from = runs.clusterAt[run]!;
      if (from === SPARSE) sparse += take;
      else {
        if (sparse > 0) broken = true;
        stored.push({ cluster: from < 0 ? from : from + used, length: take });
      }
      missing -= take;
      used += take;
      if (used === runs.length[run]!) {
        run++;
        used = 0;
      }
    }
    if (broken) builder.addBroken(unitClusters - missing);
    // The run list may end inside the last unit: what it does not describe is as good as sparse.
    else if (stored.length === 0) builder.addRun(SPARSE, sparse);
    else if (sparse === 0 && missing === 0) for (const part of stored) builder.addRun(part.cluster, part.length);
    else if (sparse === 0) builder.addTail(stored);
    else builder.addCompressed(stored, unitClusters - missing);
  }
}

/** Collects extents in file order, joining neighbours of one kind. */
class ExtentBuilder {
  fault: StreamFault | null = null;
  sizeBytes: number;
  readonly #space: ClusterSpace;
  readonly #initialised: number;
  readonly #extents: Extent[] = [];
  #done = 0;
  #kind: 'data' | 'hole' | 'uninitialised' = 'data';
  #offset = 0;
  #length = 0;

  constructor(space: ClusterSpace, sizeBytes: number, initialisedBytes: number) {
    this.#space = space;
    this.sizeBytes = sizeBytes;
    this.#initialised = initialisedBytes;
  }

  get full(): boolean {
    return this.#done >= this.sizeBytes;
  }

  addRun(cluster: number, clusters: number): void {
    const { clusterSizeBytes, clusterCount, originOffset } = this.#space;
    const length = Math.min(clusters * clusterSizeBytes, this.sizeBytes - this.#done);
    if (length <= 0) return;
    if (cluster < 0) {
      if (cluster === NOWHERE) this.#outside(length);
      this.#push('hole', -1, length);
      return;
    }
    const inside = Math.min(length, Math.max(0, (clusterCount - cluster) * clusterSizeBytes));
    const offset = originOffset + cluster * clusterSizeBytes;
    const valid = Math.min(inside, Math.max(0, this.#initialised - this.#done));
    this.#push('data', offset, valid);
    this.#push('uninitialised', offset + valid, inside - valid);
    if (inside < length) {
      this.#outside(length - inside);
      this.#push('hole', -1, length - inside);
    }
  }

  /** A unit whose stored runs are followed by sparse ones. */
  addCompressed(parts: readonly { cluster: number; length: number }[], clusters: number): void {
    const { clusterSizeBytes, clusterCount, originOffset } = this.#space;
    const length = Math.min(clusters * clusterSizeBytes, this.sizeBytes - this.#done);
    if (length <= 0) return;
    if (parts.some((part) => part.cluster < 0 || part.cluster + part.length > clusterCount)) {
      this.#outside(length);
      this.#push('hole', -1, length);
      return;
    }
    const valid = Math.min(length, Math.max(0, this.#initialised - this.#done));
    if (valid > 0) {
      this.#flush();
      const stored = parts.map((part) => ({
        sourceOffset: originOffset + part.cluster * clusterSizeBytes,
        length: part.length * clusterSizeBytes,
      }));
      this.#extents.push({ kind: 'compressed-unit', sourceOffset: stored[0]!.sourceOffset, length: valid, stored });
      this.#done += valid;
    }
    // The rest of a unit that the valid length cuts is zeros to the owner's system. A whole unit past it
    // reads as zeros too, but something is stored there that no view shows: that is told.
    if (valid === 0) {
      this.fault ??= {
        kind: 'malformed',
        code: 'ntfs-compressed-past-valid',
        message: 'compressed clusters are stored past the valid length of the stream and were not unpacked',
      };
    }
    this.#push('hole', -1, length - valid);
  }

  /** A last unit without its sparse part: plain when the file ends inside it, else compressed. */
  addTail(parts: readonly { cluster: number; length: number }[]): void {
    const clusters = parts.reduce((sum, part) => sum + part.length, 0);
    if (this.#done + clusters * this.#space.clusterSizeBytes >= this.sizeBytes) for (const part of parts) this.addRun(part.cluster, part.length);
    else this.addBroken(clusters);
  }

  addBroken(clusters: number): void {
    const length = Math.min(clusters * this.#space.clusterSizeBytes, this.sizeBytes - this.#done);
    if (length <= 0) return;
    this.fault ??= {
      kind: 'malformed',
      code: 'ntfs-compression-unit-malformed',
      message: 'stored and sparse runs of a compression unit stand in an order that has no meaning',
    };
    this.#push('hole', -1, length);
  }

  finish(): readonly Extent[] {
    if (this.#done < this.sizeBytes) {
      this.fault ??= incomplete(`its runs describe ${this.#done} of its ${this.sizeBytes} bytes`);
      this.#push('hole', -1, this.sizeBytes - this.#done);
    }
    this.#flush();
    return this.#extents;
  }

  #outside(length: number): void {
    this.fault ??= {
      kind: 'malformed',
      code: 'ntfs-run-outside-volume',
      message: `${length} bytes of it are said to lie outside the volume`,
    };
  }

  #push(kind: 'data' | 'hole' | 'uninitialised', offset: number, length: number): void {
    if (length <= 0) return;
    this.#done += length;
    const joins = kind === this.#kind && (kind === 'hole' || this.#offset + this.#length === offset);
    if (this.#length > 0 && joins) {
      this.#length += length;
      return;
    }
    this.#flush();
    this.#kind = kind;
    this.#offset = offset;
    this.#length = length;
  }

  #flush(): void {
    if (this.#length === 0) return;
    if (this.#extents.length >= MAX_EXTENTS_PER_ITEM) {
      this.fault ??= { kind: 'limit', code: 'ntfs-extent-limit', message: `more than ${MAX_EXTENTS_PER_ITEM} extents` };
      // The rest of the item is dropped from the mapping, and said so.
      this.sizeBytes = this.#extents.reduce((sum, extent) => sum + extent.length, 0);
    } else {
      this.#extents.push({ kind: this.#kind, sourceOffset: this.#offset, length: this.#length });
    }
    this.#length = 0;
  }
}
