import { contentChunks, contentSizeBytes, type CorpusFile } from '../corpus-file.ts';
import { ATTRIBUTE, ATTRIBUTE_FLAG, nonResidentAttribute, residentAttribute, residentLength, type Attribute, type NonResidentShape } from './attribute.ts';
import { compressLznt1 } from './lznt1.ts';
import type { NtfsHole } from './ntfs-file.ts';
import { countClusters, countRealClusters, mergeRuns, type Run } from './run-list.ts';
import { clustersFor, writeToRuns, type VolumeContext } from './volume-context.ts';

/** Clusters in a compression unit: 2^4. */
const UNIT_CLUSTERS_LOG2 = 4;
const UNIT_CLUSTERS = 1 << UNIT_CLUSTERS_LOG2;

/** Content up to this size goes into the record when there is room. */
const MOST_RESIDENT_BYTES = 700;

/** One data stream to be placed on the volume. */
export interface StreamRequest {
  readonly name: string;
  readonly content: CorpusFile['content'];
  readonly fragments?: number;
  readonly compressed?: boolean;
  readonly holes?: readonly NtfsHole[];
  readonly initialisedBytes?: number;
  readonly encrypted?: boolean;
  /** Bytes of the record that a resident value may take with its head; 0 forbids it. */
  readonly residentRoomBytes: number;
}

/** A stream whose content is on the volume, ready to be put into records. */
export interface PlacedStream {
  readonly name: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  readonly runs: readonly Run[];
  /** Its attribute in one part, or in several that hold at most `mostRuns` runs each. */
  attributes(mostRuns: number): Attribute[];
}

/** Writes a stream's content and says how its attribute looks. */
export function placeStream(context: VolumeContext, request: StreamRequest): PlacedStream {
  const sizeBytes = contentSizeBytes(request.content);
  const plain = request.compressed !== true && request.holes === undefined && request.encrypted !== true && request.initialisedBytes === undefined;
  const resident = sizeBytes <= MOST_RESIDENT_BYTES && residentLength(request.name.length, sizeBytes) <= request.residentRoomBytes;
  if (sizeBytes === 0 || (plain && resident)) {
    const attribute = residentAttribute(ATTRIBUTE.data, Buffer.concat([...contentChunks(request.content)]), { name: request.name });
    return { name: request.name, sizeBytes, allocatedBytes: Math.ceil(sizeBytes / 8) * 8, runs: [], attributes: () => [attribute] };
  }
  if (request.compressed === true) return placeCompressed(context, request, sizeBytes);

  const clusters = clustersFor(context, sizeBytes);
  const runs = request.holes === undefined ? context.allocator.takePieces(clusters, request.fragments ?? 1) : runsAround(context, request.holes, clusters, request.fragments ?? 1);
  writeToRuns(context, runs, contentChunks(request.content));
  const flags = (request.encrypted === true ? ATTRIBUTE_FLAG.encrypted : 0) | (request.holes === undefined ? 0 : ATTRIBUTE_FLAG.sparse);
  return nonResidentStream(context, request, { sizeBytes, runs, flags });
}

/** Runs with the given holes between them; each stretch between holes gets the asked number of pieces. */
function runsAround(context: VolumeContext, holes: readonly NtfsHole[], clusters: number, pieces: number): Run[] {
  const runs: Run[] = [];
  let next = 0;
  for (const hole of [...holes].sort((a, b) => a.offsetBytes - b.offsetBytes)) {
    const start = hole.offsetBytes / context.clusterSizeBytes;
    const length = hole.lengthBytes / context.clusterSizeBytes;
    if (!Number.isInteger(start) || !Number.isInteger(length) || start < next || start + length > clusters) {
      throw new RangeError(`hole at ${hole.offsetBytes}: not on cluster borders, overlapping, or past the end`);
    }
    runs.push(...context.allocator.takePieces(start - next, pieces), { lcn: null, clusters: length });
    next = start + length;
  }
  runs.push(...context.allocator.takePieces(clusters - next, pieces));
  return mergeRuns(runs);
}

function placeCompressed(context: VolumeContext, request: StreamRequest, sizeBytes: number): PlacedStream {
  if (context.clusterSizeBytes > 4096) throw new RangeError('NTFS compresses only with clusters of 4,096 bytes or less');
  const unitBytes = UNIT_CLUSTERS * context.clusterSizeBytes;
  const runs: Run[] = [];
  // A later unit starts behind a gap when pieces are asked for.
  const units = Math.ceil(sizeBytes / unitBytes);
  const gapEvery = Math.max(1, Math.ceil(units / (request.fragments ?? 1)));
  let unitNumber = 0;
  for (const unit of regroup(contentChunks(request.content), unitBytes)) {
    if (unitNumber > 0 && unitNumber % gapEvery === 0) context.allocator.release(context.allocator.take(1), false);
    unitNumber++;
    if (unit.every((byte) => byte === 0)) {
      runs.push({ lcn: null, clusters: UNIT_CLUSTERS });
      continue;
    }
    const packed = compressLznt1(unit);
    const packedClusters = clustersFor(context, packed.length);
    // A unit without a hole is read as plain, so a packed one must save at least one cluster.
    const isPacked = packedClusters < UNIT_CLUSTERS;
    const run = context.allocator.take(isPacked ? packedClusters : UNIT_CLUSTERS);
    // Zeros behind the packed bytes end the unit, whatever lay on the cluster before.
    const padding = Buffer.alloc(isPacked ? packedClusters * context.clusterSizeBytes - packed.length : 0);
    writeToRuns(context, [run], isPacked ? [packed, padding] : [unit]);
    runs.push(run);
    if (isPacked) runs.push({ lcn: null, clusters: UNIT_CLUSTERS - packedClusters });
  }
  return nonResidentStream(context, request, { sizeBytes, runs: mergeRuns(runs), flags: ATTRIBUTE_FLAG.compressed, compressionUnitLog2: UNIT_CLUSTERS_LOG2 });
}

function nonResidentStream(
  context: VolumeContext,
  request: StreamRequest,
  placed: { sizeBytes: number; runs: readonly Run[]; flags: number; compressionUnitLog2?: number },
): PlacedStream {
  const totalClusters = countClusters(placed.runs);
  const shape: NonResidentShape = {
    ...placed,
    name: request.name,
    clusterSizeBytes: context.clusterSizeBytes,
    initialisedBytes: Math.min(request.initialisedBytes ?? placed.sizeBytes, placed.sizeBytes),
    totalClusters,
    realClusters: countRealClusters(placed.runs),
  };
  return {
    name: request.name,
    sizeBytes: placed.sizeBytes,
    allocatedBytes: totalClusters * context.clusterSizeBytes,
    runs: placed.runs,
    attributes: (mostRuns) => splitByRuns(shape, mostRuns),
  };
}

function splitByRuns(shape: NonResidentShape, mostRuns: number): Attribute[] {
  const parts: Attribute[] = [];
  let lowestVcn = 0;
  for (let start = 0; start < shape.runs.length; start += mostRuns) {
    const runs = shape.runs.slice(start, start + mostRuns);
    parts.push(nonResidentAttribute(ATTRIBUTE.data, { ...shape, runs, lowestVcn }));
    lowestVcn += countClusters(runs);
  }
  return parts;
}

/** The chunks cut anew into pieces of one size; the last may be shorter. */
function* regroup(chunks: Iterable<Uint8Array>, pieceBytes: number): Generator<Uint8Array> {
  let piece = Buffer.alloc(pieceBytes);
  let filled = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const count = Math.min(pieceBytes - filled, chunk.length - at);
      piece.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled === pieceBytes) {
        yield piece;
        piece = Buffer.alloc(pieceBytes);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
