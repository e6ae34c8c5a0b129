import { crc32 } from 'node:zlib';
import { type KerbsideError, MalformedError, problemFrom, readView, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import { readFileTime } from '../../ntfs/file-times.ts';
import type { PlainExtent } from '../../item.ts';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent, Member } from '../container.ts';
import { shortPath, splitPath } from '../member-names.ts';
import { folderFault, isStored, unpackFolder } from './folder-stream.ts';
import { damaged, HeaderReader } from './header-reader.ts';
import { readFiles, readStreams, type Folder, type SevenZipFile } from './seven-zip-header.ts';

const START_BYTES = 32;
/** Header of a 7z, packed or not; a million members take about 100 MB. */
const MAX_HEADER_BYTES = 128 * 1024 * 1024;
/** A header may be packed, and that description packed again; writers do it once. */
const MAX_HEADER_LAYERS = 4;

/** Lists a 7z in place. Members of one folder are best read in order: an earlier one starts the folder anew. Never throws on evidence. */
export function* readSevenZip(source: RandomAccessSource, budget: ContainerBudget): Generator<ContainerEvent, void, undefined> {
  try {
    const reader = openHeader(source, budget);
    if (reader === null) return;
    let folders: Folder[] = [];
    let files: SevenZipFile[] = [];
    for (let id = reader.number(); id !== 0; id = reader.number()) {
      if (id === 2) throw new UnsupportedError('seven-zip-method-unsupported', 'a 7z has properties of its own, which are not read');
      if (id === 4) folders = readStreams(reader, START_BYTES);
      else if (id === 5) files = readFiles(reader);
      else throw damaged('its header has unknown parts');
    }
    yield* listFiles(source, budget, folders, files);
  } catch (error) {
    yield { type: 'problem', problem: problemFrom(error, { offset: source.originOffset }) };
  }
}

/** The header, unpacked; null for an archive without members. */
function openHeader(source: RandomAccessSource, budget: ContainerBudget): HeaderReader | null {
  const start = readView(source, 0, Math.min(START_BYTES, source.sizeBytes));
  if (start.length < START_BYTES || start.u32(8) !== crc32(start.bytes.subarray(12, 32))) throw damaged('its start fails its checksum');
  const [offset, length] = [start.u64(12), start.u64(20)];
  if (length === 0) return null;
  if (!(length <= MAX_HEADER_BYTES && START_BYTES + offset + length <= source.sizeBytes)) throw damaged('its header lies past its end: it may be cut short');
  let bytes = readView(source, START_BYTES + offset, length).bytes;
  if (crc32(bytes) !== start.u32(28)) throw damaged('its header fails its checksum');
  for (let layer = 0; layer < MAX_HEADER_LAYERS; layer++) {
    const reader = new HeaderReader(bytes);
    const id = reader.number();
    if (id === 1) return reader;
    const [folder] = id === 23 ? readStreams(reader, START_BYTES) : [];
    if (folder === undefined || folder.sizeBytes > MAX_HEADER_BYTES) throw damaged('its header cannot be');
    const fault = folderFault(folder);
    if (fault !== null) throw new UnsupportedError(fault.code, `the list of members of a 7z ${fault.message}`);
    bytes = collect(source, budget, folder);
  }
  throw damaged('its header is packed again and again');
}

function collect(source: RandomAccessSource, budget: ContainerBudget, folder: Folder): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  for (const piece of unpackFolder(source, folder)) {
    budget.countExpanded(piece.length);
    length += piece.length;
    if (length > folder.sizeBytes) break;
    pieces.push(Buffer.from(piece));
  }
  const crc = folder.parts[0]?.crc ?? -1;
  const bytes = Buffer.concat(pieces);
  if (length !== folder.sizeBytes || (crc >= 0 && crc32(bytes) !== crc)) throw damaged('its packed header fails its length or checksum');
  return bytes;
}

function* listFiles(source: RandomAccessSource, budget: ContainerBudget, folders: readonly Folder[], files: readonly SevenZipFile[]): Generator<ContainerEvent, void, undefined> {
  const parts = folders.flatMap((folder) => {
    let offset = 0;
    const cursor = new FolderCursor(source, budget, folder);
    const fault = folderFault(folder);
    return folder.parts.map(({ sizeBytes, crc }) => {
      offset += sizeBytes;
      return { cursor, folder, fault, offset: offset - sizeBytes, sizeBytes, crc };
    });
  });
  let next = 0;
  for (const file of files) {
    budget.countEntry();
    const part = file.hasContent ? parts[next++] : undefined;
    if (file.hasContent && part === undefined) throw damaged('it lists more members than there are contents');
    const names = splitWide(file.name, budget.limits.maxNameParts);
    // The upper half of the attributes is a Unix mode when bit 15 says so.
    const mode = (file.attributes & 0x8000) !== 0 ? file.attributes >>> 28 : 0;
    const kind: Member['kind'] = mode === 0xa ? 'link' : file.isDirectory || (file.attributes & 0x10) !== 0 ? 'directory' : 'file';
    const fault = part?.fault ?? null;
    const state: Member['state'] = fault === null ? 'readable' : fault.code === 'archive-encrypted' ? 'encrypted' : 'unsupported';
    const time = (bytes: Buffer | null): ReturnType<typeof readFileTime> => (bytes === null ? null : readFileTime(bytes, 0));
    const told = fault === null ? null : new UnsupportedError(fault.code, `${shortPath(names)} ${fault.message}`);
    const isInPlace = part !== undefined && state === 'readable' && isStored(part.folder);
    const extents: PlainExtent[] | null = isInPlace ? [{ kind: 'data', sourceOffset: part.folder.packed[0]!.offset + part.offset, length: part.sizeBytes }] : part === undefined ? [] : null;
    yield {
      type: 'member',
      member: {
        names, kind, state, extents,
        sizeBytes: part?.sizeBytes ?? 0,
        times: { created: time(file.created), modified: time(file.modified), accessed: time(file.accessed), changed: null },
        content: () => (part === undefined ? [] : readPart(part, told)),
      },
    };
    if (told !== null) yield { type: 'problem', problem: problemFrom(told, { path: shortPath(names), offset: source.originOffset }) };
  }
}

function* readPart({ cursor, offset, sizeBytes, crc }: { cursor: FolderCursor; offset: number; sizeBytes: number; crc: number }, told: KerbsideError | null): Generator<Uint8Array, void, undefined> {
  if (told !== null) throw told;
  let sum = 0;
  for (const piece of cursor.read(offset, sizeBytes)) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (crc >= 0 && sum !== crc) throw new MalformedError('seven-zip-checksum', 'the content of a member of a 7z fails its CRC-32');
}

/** Where in a folder's content the unpacker is: the next member goes on from there. */
class FolderCursor {
  readonly #source: RandomAccessSource;
  readonly #budget: ContainerBudget;
  readonly #folder: Folder;
  #pieces: Iterator<Uint8Array> | null = null;
  #piece: Uint8Array = new Uint8Array(0);
  /** Place of the piece's first byte. */
  #start = 0;

  constructor(source: RandomAccessSource, budget: ContainerBudget, folder: Folder) {
    this.#source = source;
    this.#budget = budget;
    this.#folder = folder;
  }

  *read(offset: number, length: number): Generator<Uint8Array, void, undefined> {
    if (this.#pieces === null || offset < this.#start) {
      this.#pieces?.return?.();
      this.#pieces = unpackFolder(this.#source, this.#folder)[Symbol.iterator]();
      this.#piece = new Uint8Array(0);
      this.#start = 0;
    }
    let at = offset;
    const end = offset + length;
    while (at < end) {
      if (at >= this.#start + this.#piece.length) {
        this.#next();
        continue;
      }
      const piece = this.#piece.subarray(at - this.#start, end - this.#start);
      at += piece.length;
      yield piece;
    }
  }

  #next(): void {
    const { done, value } = this.#pieces!.next();
    if (done === true) {
      this.#pieces = null;
      throw damaged('packed bytes end before the members do');
    }
    this.#start += this.#piece.length;
    this.#piece = value;
    this.#budget.countExpanded(value.length);
  }
}

/** 7z names are UTF-16 with slashes. */
function splitWide(name: Buffer, maxParts: number): Member['names'] {
  const parts: { bytes: Uint8Array; encoding: 'utf-16le' }[] = [];
  let start = 0;
  for (let at = 0; at < name.length && parts.length < maxParts - 1; at += 2) {
    if (name.readUInt16LE(at) !== 0x2f) continue;
    if (at > start) parts.push({ bytes: name.subarray(start, at), encoding: 'utf-16le' });
    start = at + 2;
  }
  if (start < name.length) parts.push({ bytes: name.subarray(start), encoding: 'utf-16le' });
  return parts.length > 0 ? parts : splitPath(name, 'utf-16le', 1);
}
