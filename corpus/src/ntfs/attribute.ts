/**
 * NTFS attributes (libyal/libfsntfs, "MFT attribute"):
 *
 * | offset | bytes | resident | non-resident |
 * | --- | --- | --- | --- |
 * | 0 | 4 | type | same |
 * | 4 | 4 | length of the whole attribute | same |
 * | 8 | 1 | 0 | 1 |
 * | 9 | 1 | name length in UTF-16 units | same |
 * | 10 | 2 | name offset | same |
 * | 12 | 2 | flags: 1 compressed, 0x4000 encrypted, 0x8000 sparse | same |
 * | 14 | 2 | identifier inside the record | same |
 * | 16 | 4 / 8 | value length | first VCN |
 * | 20 / 24 | 2 / 8 | value offset | last VCN |
 * | 22 | 1 | 1 when indexed | |
 * | 32 | 2 | | offset of the run list |
 * | 34 | 1 | | log2 of the clusters in a compression unit |
 * | 40, 48, 56 | 8 each | | allocated size, size, initialised size |
 * | 64 | 8 | | size on the volume, only for compressed or sparse first parts |
 */
import { countClusters, encodeRuns, type Run } from './run-list.ts';

export const ATTRIBUTE = {
  standardInformation: 0x10,
  attributeList: 0x20,
  fileName: 0x30,
  volumeName: 0x60,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  bitmap: 0xb0,
  reparsePoint: 0xc0,
  loggedUtilityStream: 0x100,
} as const;

export const ATTRIBUTE_FLAG = { compressed: 0x0001, encrypted: 0x4000, sparse: 0x8000 } as const;

/** A finished attribute. Its identifier is set when it is put in a record. */
export interface Attribute {
  readonly type: number;
  readonly name: string;
  /** First VCN; 0 for a resident one. */
  readonly lowestVcn: number;
  readonly bytes: Buffer;
}

const RESIDENT_HEAD_BYTES = 0x18;

export function align8(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** Bytes a resident attribute takes in a record. */
export function residentLength(nameUnits: number, valueBytes: number): number {
  return align8(align8(RESIDENT_HEAD_BYTES + nameUnits * 2) + valueBytes);
}

/** An attribute whose value lies in the record. */
export function residentAttribute(type: number, value: Uint8Array, options: { name?: string; indexed?: boolean; flags?: number } = {}): Attribute {
  const name = options.name ?? '';
  const valueOffset = align8(RESIDENT_HEAD_BYTES + name.length * 2);
  const bytes = Buffer.alloc(residentLength(name.length, value.length));
  writeHead(bytes, type, 0, name, RESIDENT_HEAD_BYTES, options.flags ?? 0);
  bytes.writeUInt32LE(value.length, 16);
  bytes.writeUInt16LE(valueOffset, 20);
  bytes[22] = options.indexed === true ? 1 : 0;
  bytes.set(value, valueOffset);
  return { type, name, lowestVcn: 0, bytes };
}

/** What a non-resident attribute is made of. Sizes in bytes. */
export interface NonResidentShape {
  readonly runs: readonly Run[];
  readonly sizeBytes: number;
  readonly clusterSizeBytes: number;
  readonly initialisedBytes?: number;
  readonly name?: string;
  readonly flags?: number;
  readonly compressionUnitLog2?: number;
  /** First VCN of this part; the sizes stand only in the part that starts at 0. */
  readonly lowestVcn?: number;
  /** Clusters of the whole stream, when `runs` is only its first part. */
  readonly totalClusters?: number;
  readonly realClusters?: number;
}

/** An attribute whose value lies in clusters. */
export function nonResidentAttribute(type: number, shape: NonResidentShape): Attribute {
  const name = shape.name ?? '';
  const flags = shape.flags ?? 0;
  const lowestVcn = shape.lowestVcn ?? 0;
  const clusters = countClusters(shape.runs);
  const withTotal = lowestVcn === 0 && (flags & (ATTRIBUTE_FLAG.compressed | ATTRIBUTE_FLAG.sparse)) !== 0;
  const headBytes = withTotal ? 0x48 : 0x40;
  const runsOffset = align8(headBytes + name.length * 2);
  const runBytes = encodeRuns(shape.runs);
  const bytes = Buffer.alloc(align8(runsOffset + runBytes.length));
  writeHead(bytes, type, 1, name, headBytes, flags);
  bytes.writeBigUInt64LE(BigInt(lowestVcn), 16);
  bytes.writeBigInt64LE(BigInt(lowestVcn + clusters - 1), 24);
  bytes.writeUInt16LE(runsOffset, 32);
  bytes[34] = shape.compressionUnitLog2 ?? 0;
  if (lowestVcn === 0) {
    bytes.writeBigUInt64LE(BigInt((shape.totalClusters ?? clusters) * shape.clusterSizeBytes), 40);
    bytes.writeBigUInt64LE(BigInt(shape.sizeBytes), 48);
    bytes.writeBigUInt64LE(BigInt(shape.initialisedBytes ?? shape.sizeBytes), 56);
  }
  if (withTotal) bytes.writeBigUInt64LE(BigInt((shape.realClusters ?? clusters) * shape.clusterSizeBytes), 64);
  bytes.set(runBytes, runsOffset);
  return { type, name, lowestVcn, bytes };
}

function writeHead(bytes: Buffer, type: number, nonResident: number, name: string, nameOffset: number, flags: number): void {
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes[8] = nonResident;
  bytes[9] = name.length;
  bytes.writeUInt16LE(nameOffset, 10);
  bytes.writeUInt16LE(flags, 12);
  bytes.write(name, nameOffset, 'utf16le');
}
