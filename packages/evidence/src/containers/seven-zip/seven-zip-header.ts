/*
 * 7z (7zFormat.txt of the LZMA SDK, public domain), little-endian. Start, 32 bytes: `37 7A BC AF 27 1C`, 2 version,
 * u32 CRC-32 of what follows, u64 offset of the header from 32, u64 its length, u32 its CRC-32. The header is a list
 * of properties by number, 0 ending each list:
 *
 * 1 header, 4 streams (6 packed: 9 lengths, 10 CRCs; 7 folders: 11 coders, 12 lengths, 10 CRCs; 8 substreams: 13 counts,
 * 9 lengths, 10 CRCs), 5 files (14 without content, 15 empty files, 17 names, 18 created, 19 accessed, 20 modified,
 * 21 attributes), 23 a header that is itself packed, described as streams are.
 */
import { damaged, HeaderReader } from './header-reader.ts';

export interface Coder {
  /** As hex. */
  readonly method: string;
  readonly properties: Buffer;
  /** Number of its first input among those of all coders; packed bytes or what another coder gives. */
  readonly firstInput: number;
  readonly inputs: number;
  readonly firstOutput: number;
  readonly outputs: number;
}

/** Where a coder's input comes from: a packed stream, or another coder's output, each by its number. */
export type InputFrom = { readonly packed: number } | { readonly output: number };

/** Packed streams and the coders that turn them into one content, of one member or of many behind one another. */
export interface Folder {
  readonly coders: readonly Coder[];
  /** One an input. */
  readonly inputs: readonly InputFrom[];
  /** Length of what each output gives. */
  readonly outputSizes: readonly number[];
  readonly mainOutput: number;
  readonly packed: readonly { readonly offset: number; readonly length: number }[];
  readonly sizeBytes: number;
  readonly parts: readonly { readonly sizeBytes: number; readonly crc: number }[];
}

export interface SevenZipFile {
  readonly name: Buffer;
  readonly hasContent: boolean;
  readonly isDirectory: boolean;
  readonly attributes: number;
  /** FILETIME, 8 bytes; null where none is stored. */
  readonly created: Buffer | null;
  readonly accessed: Buffer | null;
  readonly modified: Buffer | null;
}

const MOST = 1_000_000;
/** Coders of a folder, and inputs of one; 7-Zip writes at most 4. */
const MOST_CODERS = 32;

/** Reads the streams of a header. @param base where packed offsets are counted from */
export function readStreams(reader: HeaderReader, base: number): Folder[] {
  let packOffset = base;
  let packed: number[] = [];
  let drafts: FolderDraft[] = [];
  let counts: number[] = [];
  let parts: { sizeBytes: number; crc: number }[][] | null = null;
  for (let id = reader.number(); id !== 0; id = reader.number()) {
    if (id === 6) {
      packOffset = base + reader.number();
      const count = reader.count(MOST);
      for (let inner = reader.number(); inner !== 0; inner = reader.number()) {
        if (inner === 9) packed = Array.from({ length: count }, () => reader.number());
        else if (inner === 10) readCrcs(reader, count);
        else throw damaged('it has unknown packed streams');
      }
    } else if (id === 7) {
      drafts = readFolders(reader);
      counts = drafts.map(() => 1);
    } else if (id === 8) {
      ({ counts, parts } = readSubstreams(reader, drafts));
    } else {
      throw damaged('it has unknown streams');
    }
  }
  let nextPacked = 0;
  return drafts.map((draft, i) => {
    const mine = Array.from({ length: draft.packedStreams }, () => {
      const length = packed[nextPacked++] ?? 0;
      packOffset += length;
      return { offset: packOffset - length, length };
    });
    const { coders, inputs, outputSizes, mainOutput, sizeBytes } = draft;
    return { coders, inputs, outputSizes, mainOutput, sizeBytes, packed: mine, parts: parts?.[i] ?? (counts[i] === 0 ? [] : [{ sizeBytes, crc: draft.crc }]) };
  });
}

interface FolderDraft {
  readonly coders: readonly Coder[];
  readonly inputs: readonly InputFrom[];
  readonly packedStreams: number;
  readonly outputs: number;
  readonly mainOutput: number;
  outputSizes: readonly number[];
  sizeBytes: number;
  crc: number;
}

function readFolders(reader: HeaderReader): FolderDraft[] {
  if (reader.number() !== 11) throw damaged('it has no folders');
  const count = reader.count(MOST);
  if (reader.byte() !== 0) throw damaged('its folders stand elsewhere');
  const folders = Array.from({ length: count }, () => readFolder(reader));
  if (reader.number() !== 12) throw damaged('its folders have no lengths');
  for (const folder of folders) {
    const sizes = Array.from({ length: folder.outputs }, () => reader.number());
    folder.outputSizes = sizes;
    folder.sizeBytes = sizes[folder.mainOutput] ?? 0;
  }
  for (let id = reader.number(); id !== 0; id = reader.number()) {
    if (id !== 10) throw damaged('it has unknown folders');
    const crcs = readCrcs(reader, count);
    folders.forEach((folder, i) => (folder.crc = crcs[i]!));
  }
  return folders;
}

function readFolder(reader: HeaderReader): FolderDraft {
  const coders: Coder[] = [];
  let inputs = 0;
  let outputs = 0;
  for (let left = reader.count(MOST_CODERS); left > 0; left--) {
    const flags = reader.byte();
    const method = reader.take(flags & 0x0f).toString('hex');
    const isComplex = (flags & 0x10) !== 0;
    const own = { inputs: isComplex ? reader.count(MOST_CODERS) : 1, outputs: isComplex ? reader.count(MOST_CODERS) : 1 };
    const properties = (flags & 0x20) !== 0 ? reader.take(reader.number()) : Buffer.alloc(0);
    coders.push({ method, properties, firstInput: inputs, firstOutput: outputs, ...own });
    inputs += own.inputs;
    outputs += own.outputs;
  }
  if (outputs === 0) throw damaged('it has a folder without coders');
  const from: (InputFrom | undefined)[] = Array.from({ length: inputs }, () => undefined);
  const connect = (input: number, source: InputFrom): void => {
    if (input >= inputs || from[input] !== undefined) throw damaged('it has coders that are joined as none can be');
    from[input] = source;
  };
  const bound = new Set<number>();
  for (let i = 0; i < outputs - 1; i++) {
    const input = reader.number();
    const output = reader.number();
    if (output >= outputs || bound.has(output)) throw damaged('it has coders that are joined as none can be');
    bound.add(output);
    connect(input, { output });
  }
  const packedStreams = inputs - (outputs - 1);
  if (packedStreams < 1) throw damaged('it has a folder without packed bytes');
  if (packedStreams === 1) connect(from.indexOf(undefined), { packed: 0 });
  else for (let packed = 0; packed < packedStreams; packed++) connect(reader.number(), { packed });
  const mainOutput = Array.from({ length: outputs }, (_, i) => i).find((i) => !bound.has(i)) ?? 0;
  const joined = from.filter((source) => source !== undefined);
  return { coders, inputs: joined, packedStreams, outputs, mainOutput, outputSizes: [], sizeBytes: 0, crc: -1 };
}

function readSubstreams(reader: HeaderReader, folders: readonly FolderDraft[]): { counts: number[]; parts: { sizeBytes: number; crc: number }[][] } {
  let counts = folders.map(() => 1);
  let sizes: number[][] | null = null;
  let crcs: number[] = [];
  const wantsCrc = (i: number): boolean => !(counts[i] === 1 && folders[i]!.crc >= 0);
  const sizesOf = (isStated: boolean): number[][] =>
    folders.map((folder, i) => {
      const all: number[] = [];
      let left = folder.sizeBytes;
      for (let part = 0; part < counts[i]! - 1; part++) {
        all.push(isStated ? reader.number() : 0);
        left -= all.at(-1)!;
      }
      if (left < 0) throw damaged('its members are longer than their folder');
      if (counts[i]! > 0) all.push(left);
      return all;
    });
  for (let id = reader.number(); id !== 0; id = reader.number()) {
    if (id === 13) {
      counts = folders.map(() => reader.count(MOST));
      if (counts.reduce((sum, count) => sum + count, 0) > MOST) throw damaged('its header states too many members');
    } else if (id === 9) {
      sizes = sizesOf(true);
    } else if (id === 10) {
      crcs = readCrcs(reader, counts.reduce((sum, count, i) => sum + (wantsCrc(i) ? count : 0), 0));
    } else {
      throw damaged('it has unknown substreams');
    }
  }
  sizes ??= sizesOf(false);
  let next = 0;
  const parts = sizes.map((all, i) => all.map((sizeBytes) => ({ sizeBytes, crc: wantsCrc(i) ? (crcs[next++] ?? -1) : folders[i]!.crc })));
  return { counts, parts };
}

function readCrcs(reader: HeaderReader, count: number): number[] {
  return reader.maybeAll(count).map((isThere) => (isThere ? reader.u32() : -1));
}

/** Reads the list of files. */
export function readFiles(reader: HeaderReader): SevenZipFile[] {
  const count = reader.count(MOST);
  let isEmpty: boolean[] = [];
  let isEmptyFile: boolean[] = [];
  let names: Buffer[] = [];
  let attributes: number[] = [];
  const times = new Map<number, (Buffer | null)[]>();
  for (let id = reader.number(); id !== 0; id = reader.number()) {
    const property = new HeaderReader(reader.take(reader.number()));
    if (id === 14) isEmpty = property.bits(count);
    else if (id === 15) isEmptyFile = property.bits(isEmpty.filter(Boolean).length);
    else if (id === 17) names = readNames(property, count);
    else if (id >= 18 && id <= 20) times.set(id, readEach(property, count, () => property.take(8), null));
    else if (id === 21) attributes = readEach(property, count, () => property.u32(), 0);
  }
  let emptyNumber = 0;
  return Array.from({ length: count }, (_, i) => {
    const hasContent = isEmpty[i] !== true;
    const isDirectory = !hasContent && isEmptyFile[emptyNumber++] !== true;
    const time = (id: number): Buffer | null => times.get(id)?.[i] ?? null;
    return { name: names[i] ?? Buffer.alloc(0), hasContent, isDirectory, attributes: attributes[i] ?? 0, created: time(18), accessed: time(19), modified: time(20) };
  });
}

function readEach<T>(property: HeaderReader, count: number, read: () => T, otherwise: T): T[] {
  const isThere = property.maybeAll(count);
  if (property.byte() !== 0) throw damaged('its lists stand elsewhere');
  return isThere.map((is) => (is ? read() : otherwise));
}

/** UTF-16 names, each ended by a zero. */
function readNames(property: HeaderReader, count: number): Buffer[] {
  if (property.byte() !== 0) throw damaged('its names stand elsewhere');
  return Array.from({ length: count }, () => {
    const start = property.at;
    while (property.take(2).readUInt16LE() !== 0) continue;
    return property.bytes.subarray(start, property.at - 2);
  });
}
