import { contentSizeBytes } from '../corpus-file.ts';
import { ATTRIBUTE, residentAttribute, residentLength, type Attribute } from './attribute.ts';
import { FILE_FLAG, fileNameValue, NAMESPACE, namespaceOf, standardInformation } from './file-name.ts';
import { RECORD_FLAG, RECORD_ROOM_BYTES, type RecordReference } from './file-record.ts';
import type { NtfsFile } from './ntfs-file.ts';
import { packRecords } from './pack-records.ts';
import { placeStream, type PlacedStream } from './place-stream.ts';
import { runsPerPart, splitPath } from './plan-tree.ts';
import { takeRecord, type VolumeContext } from './volume-context.ts';

/** A name that a folder's index must hold. */
export interface DirectoryName {
  readonly folderPath: string;
  readonly name: string;
  readonly reference: RecordReference;
  readonly key: Buffer;
}

/** Room kept for each later attribute when one is offered a place inside the record. */
const RESERVED_ATTRIBUTE_BYTES = 96;

/** Writes one file: its content, its records. Returns the names for the indexes; none when deleted. */
export function writeFile(
  context: VolumeContext,
  given: NtfsFile,
  folderReference: (path: string) => RecordReference,
  timeSeconds: number,
): { reference: RecordReference; names: DirectoryName[] } {
  const file = given.wof === true ? withPackedStream(given, context.clusterSizeBytes) : given;
  const live = takeRecord(context);
  const names = namesOf(file, folderReference);
  const fileFlags =
    FILE_FLAG.archive |
    (file.compressed === true ? FILE_FLAG.compressed : 0) |
    (file.holes === undefined ? 0 : FILE_FLAG.sparse) |
    (file.efs === true ? FILE_FLAG.encrypted : 0) |
    (file.wof === true ? FILE_FLAG.reparsePoint : 0);

  const streams = placeStreams(context, file, names);
  const unnamed = streams[0]!;
  const attributes: Attribute[] = [residentAttribute(ATTRIBUTE.standardInformation, standardInformation(timeSeconds, fileFlags))];
  const keys = names.map(({ parent, name, namespace }) =>
    fileNameValue({ parent, name, namespace, timeSeconds, allocatedBytes: unnamed.allocatedBytes, sizeBytes: unnamed.sizeBytes, fileFlags }),
  );
  for (const key of keys) attributes.push(residentAttribute(ATTRIBUTE.fileName, key, { indexed: true }));
  for (const stream of streams) attributes.push(...stream.attributes(runsPerPart(file, stream.runs.length)));
  if (file.efs === true) attributes.push(residentAttribute(ATTRIBUTE.loggedUtilityStream, efsValue(context), { name: '$EFS' }));

  if (file.wof === true) attributes.push(residentAttribute(ATTRIBUTE.reparsePoint, WOF_REPARSE_POINT));

  const deleted = file.deleted === true;
  // Windows counts the sequence up when it frees a record.
  const reference = deleted ? { record: live.record, sequence: live.sequence + 1 } : live;
  packRecords(context, {
    self: reference,
    flags: deleted ? 0 : RECORD_FLAG.inUse,
    linkCount: deleted ? 0 : names.length,
    attributes,
    ...(file.attributeList === undefined ? {} : { spread: file.attributeList }),
    ...(file.nonResidentAttributeList === undefined ? {} : { nonResidentList: file.nonResidentAttributeList }),
  });
  if (!deleted) return { reference, names: names.map((name, at) => ({ ...name, reference, key: keys[at]! })) };
  for (const stream of streams) for (const run of stream.runs) context.allocator.release(run, file.clustersReused === true);
  return { reference, names: [] };
}

interface LinkName {
  readonly folderPath: string;
  readonly name: string;
  readonly namespace: number;
  readonly parent: RecordReference;
}

function namesOf(file: NtfsFile, folderReference: (path: string) => RecordReference): LinkName[] {
  const link = (path: string, namespace?: number): LinkName => {
    const { parentPath, name } = splitPath(path);
    const parent = folderReference(parentPath);
    const lost = file.deleted === true && file.orphan === true;
    return {
      folderPath: parentPath,
      name,
      namespace: namespace ?? namespaceOf(name),
      parent: lost ? { record: parent.record, sequence: parent.sequence + 9 } : parent,
    };
  };
  if (file.shortName === undefined) return [file.path, ...(file.hardLinks ?? [])].map((path) => link(path));
  const { parentPath } = splitPath(file.path);
  const shortPath = parentPath === '' ? file.shortName : `${parentPath}/${file.shortName}`;
  return [link(file.path, NAMESPACE.win32), link(shortPath, NAMESPACE.dos), ...(file.hardLinks ?? []).map((path) => link(path))];
}

function placeStreams(context: VolumeContext, file: NtfsFile, names: readonly LinkName[]): PlacedStream[] {
  const named = file.streams ?? [];
  let room = RECORD_ROOM_BYTES - residentLength(0, 72) - names.reduce((sum, name) => sum + residentLength(0, 66 + name.name.length * 2), 0);
  room -= RESERVED_ATTRIBUTE_BYTES * (named.length + (file.efs === true ? 4 : 0) + (file.wof === true ? 1 : 0));
  const unnamed = placeStream(context, {
    name: '',
    content: file.content,
    residentRoomBytes: file.resident === false ? 0 : room,
    ...(file.fragments === undefined ? {} : { fragments: file.fragments }),
    ...(file.compressed === undefined ? {} : { compressed: file.compressed }),
    ...(file.holes === undefined ? {} : { holes: file.holes }),
    ...(file.initialisedBytes === undefined ? {} : { initialisedBytes: file.initialisedBytes }),
    ...(file.efs === undefined ? {} : { encrypted: file.efs }),
  });
  const placed = [unnamed];
  room -= unnamed.attributes(60).reduce((sum, attribute) => sum + attribute.bytes.length, 0);
  for (const stream of named) {
    const next = placeStream(context, { name: stream.name, content: stream.content, residentRoomBytes: Math.max(0, room + RESERVED_ATTRIBUTE_BYTES) });
    placed.push(next);
    room -= Math.max(0, next.attributes(60)[0]!.bytes.length - RESERVED_ATTRIBUTE_BYTES);
  }
  return placed;
}

/** Tag, data length u16, 0 u16; WOF version 1, provider 2 (single files), version 1, algorithm 0 (XPRESS4K); u32 each. */
const WOF_REPARSE_POINT = Buffer.from('17000080' + '10000000' + '01000000' + '02000000' + '01000000' + '00000000', 'hex');

/** The file as Windows leaves it: the unnamed stream a single hole, the packed bytes beside it. */
function withPackedStream(file: NtfsFile, clusterSizeBytes: number): NtfsFile {
  const sizeBytes = Math.max(1, contentSizeBytes(file.content)) * 2;
  const lengthBytes = Math.ceil(sizeBytes / clusterSizeBytes) * clusterSizeBytes;
  return {
    ...file,
    content: { sizeBytes, chunks: () => [] },
    holes: [{ offsetBytes: 0, lengthBytes }],
    streams: [...(file.streams ?? []), { name: 'WofCompressedData', content: file.content }],
  };
}

/** Stand-in for the key data of an encrypted file; only its presence matters. */
function efsValue(context: VolumeContext): Buffer {
  const value = Buffer.alloc(256);
  context.random.fill(value);
  value.writeUInt32LE(value.length, 0);
  value.writeUInt32LE(0, 4);
  value.writeUInt32LE(2, 8);
  return value;
}
