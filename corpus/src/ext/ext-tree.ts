import type { CorpusFile } from '../corpus-file.ts';
import { FIRST_INODE, ROOT_INODE } from './ext-geometry.ts';

/** A folder of the volume, with the inode numbers that all its entries will have. */
export interface ExtFolder {
  inode: number;
  readonly name: Buffer;
  readonly parent: ExtFolder | null;
  readonly folders: Map<string, ExtFolder>;
  readonly files: ExtFile[];
}

export interface ExtFile {
  inode: number;
  readonly name: Buffer;
  readonly file: CorpusFile;
}

/** Turns the list of paths into folders; numbers inodes folder by folder, each folder before its files. */
export function planTree(files: readonly CorpusFile[]): { readonly root: ExtFolder; readonly inodes: number } {
  const root: ExtFolder = { inode: ROOT_INODE, name: Buffer.alloc(0), parent: null, folders: new Map(), files: [] };
  childFolder(root, 'lost+found');
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop();
    if (name === undefined || name === '') throw new RangeError(`expected a file path but received "${file.path}"`);
    let folder = root;
    for (const part of parts) folder = childFolder(folder, part);
    folder.files.push({ inode: 0, name: Buffer.from(name), file });
  }
  let next = FIRST_INODE;
  for (const folder of foldersInOrder(root)) {
    if (folder !== root) folder.inode = next++;
    for (const file of folder.files) file.inode = next++;
  }
  return { root, inodes: next - FIRST_INODE };
}

/** Folders in the order in which they are numbered and written: each before those it holds. */
export function* foldersInOrder(root: ExtFolder): Generator<ExtFolder, void, undefined> {
  const pending = [root];
  // the root's own files follow lost+found, which must be inode 11
  const lostAndFound = root.folders.get('lost+found');
  if (lostAndFound !== undefined) yield lostAndFound;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (folder !== lostAndFound) yield folder;
    pending.push(...[...folder.folders.values()].reverse());
  }
}

function childFolder(parent: ExtFolder, name: string): ExtFolder {
  if (name === '') throw new RangeError('expected a folder name but received an empty one');
  let child = parent.folders.get(name);
  if (child === undefined) {
    child = { inode: 0, name: Buffer.from(name), parent, folders: new Map(), files: [] };
    parent.folders.set(name, child);
  }
  return child;
}
