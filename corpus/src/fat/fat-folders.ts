import { contentSizeBytes, type CorpusFile } from '../corpus-file.ts';
import { ENTRY_BYTES } from './fat-layout.ts';
import { longNameEntries, storeName, type StoredName } from './fat-names.ts';

/** A file or folder of the volume to be. Clusters are filled in by the allocation. */
export interface FatNode {
  readonly path: string;
  readonly name: StoredName;
  readonly file: CorpusFile | null;
  readonly children: FatNode[];
  isDeleted: boolean;
  clusters: number[];
  /** Bytes of the directory, a whole number of entries; 0 for files. */
  directoryBytes: number;
  modifiedAtSeconds: number;
}

const NO_NAME: StoredName = { short: Buffer.alloc(11, 0x20), caseFlags: 0, long: null };
/** 2024-05-04 10:00 UTC: what is not dated is of this day. */
const DEFAULT_MODIFIED_AT_SECONDS = 1_714_816_800;

/**
 * Builds the folder tree of a list of files.
 *
 * @param folders further folders, empty ones among them
 * @param deletedFolders folders to be deleted with all they hold
 */
export function buildFolders(tree: readonly CorpusFile[], folders: readonly string[], deletedFolders: readonly string[]): FatNode {
  const root = makeNode('', NO_NAME, null, DEFAULT_MODIFIED_AT_SECONDS);
  const known = new Map<string, { readonly node: FatNode; readonly taken: Set<string> }>([['', { node: root, taken: new Set() }]]);
  const folder = (path: string): { readonly node: FatNode; readonly taken: Set<string> } => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const slash = path.lastIndexOf('/');
    const above = folder(slash < 0 ? '' : path.slice(0, slash));
    const node = makeNode(path, storeName(path.slice(slash + 1), above.taken), null, DEFAULT_MODIFIED_AT_SECONDS);
    above.node.children.push(node);
    const made = { node, taken: new Set<string>() };
    known.set(path, made);
    return made;
  };
  for (const path of folders) folder(path);
  for (const file of tree) {
    const slash = file.path.lastIndexOf('/');
    const above = folder(slash < 0 ? '' : file.path.slice(0, slash));
    const node = makeNode(file.path, storeName(file.path.slice(slash + 1), above.taken), file, file.modifiedAtSeconds ?? DEFAULT_MODIFIED_AT_SECONDS);
    node.isDeleted = file.deleted ?? false;
    above.node.children.push(node);
  }
  for (const path of deletedFolders) markDeleted(folder(path).node);
  measure(root, true);
  return root;
}

/** The directory's content: `.` and `..`, then its entries. Clusters must be allocated. */
export function directoryContent(node: FatNode, parentCluster: number, isRoot: boolean, label: string): Buffer {
  const entries: Buffer[] = [];
  if (isRoot) {
    if (label !== '') entries.push(plainEntry(Buffer.from(label.padEnd(11), 'latin1'), 0x08, 0, 0, 0, node.modifiedAtSeconds));
  } else {
    entries.push(plainEntry(Buffer.from('.'.padEnd(11)), 0x10, 0, node.clusters[0]!, 0, node.modifiedAtSeconds));
    entries.push(plainEntry(Buffer.from('..'.padEnd(11)), 0x10, 0, parentCluster, 0, node.modifiedAtSeconds));
  }
  for (const child of node.children) {
    const isFolder = child.file === null;
    const size = child.file === null ? 0 : contentSizeBytes(child.file.content);
    const own = plainEntry(child.name.short, isFolder ? 0x10 : 0x20, child.name.caseFlags, child.clusters[0] ?? 0, size, child.modifiedAtSeconds);
    const all = [...longNameEntries(child.name), own];
    if (child.isDeleted) for (const entry of all) entry[0] = 0xe5;
    entries.push(...all);
  }
  return Buffer.concat(entries);
}

function plainEntry(short: Buffer, attributes: number, caseFlags: number, cluster: number, sizeBytes: number, seconds: number): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  short.copy(entry, 0, 0, 11);
  // A first byte of E5 would mean "deleted".
  if (entry[0] === 0xe5) entry[0] = 0x05;
  entry[11] = attributes;
  entry[12] = caseFlags;
  const { date, time } = packTime(seconds);
  entry[13] = seconds % 2 === 1 ? 100 : 0;
  entry.writeUInt16LE(time, 14);
  entry.writeUInt16LE(date, 16);
  entry.writeUInt16LE(date, 18);
  entry.writeUInt16LE(cluster >>> 16, 20);
  entry.writeUInt16LE(time, 22);
  entry.writeUInt16LE(date, 24);
  entry.writeUInt16LE(cluster & 0xffff, 26);
  entry.writeUInt32LE(sizeBytes, 28);
  return entry;
}

/** Packed date and time of a moment, in steps of two seconds from 1980 on. */
export function packTime(seconds: number): { readonly date: number; readonly time: number } {
  const moment = new Date(seconds * 1000);
  return {
    date: ((moment.getUTCFullYear() - 1980) << 9) | ((moment.getUTCMonth() + 1) << 5) | moment.getUTCDate(),
    time: (moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1),
  };
}

function makeNode(path: string, name: StoredName, file: CorpusFile | null, modifiedAtSeconds: number): FatNode {
  return { path, name, file, children: [], isDeleted: false, clusters: [], directoryBytes: 0, modifiedAtSeconds };
}

function markDeleted(node: FatNode): void {
  node.isDeleted = true;
  for (const child of node.children) markDeleted(child);
}

function measure(node: FatNode, isRoot: boolean): void {
  if (node.file !== null) return;
  // `.` and `..`, or room for a label in the root.
  let entries = isRoot ? 1 : 2;
  for (const child of node.children) {
    entries += 1 + longNameEntries(child.name).length;
    measure(child, false);
  }
  node.directoryBytes = entries * ENTRY_BYTES;
}
