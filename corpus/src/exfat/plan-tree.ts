import { ENTRY_BYTES, setEntries } from './entry-set.ts';
import type { ExfatFile } from './exfat-file.ts';

/** A folder of the volume to be: what it holds, in order. */
export interface FolderPlan {
  readonly name: string;
  readonly deleted: boolean;
  readonly folders: FolderPlan[];
  readonly files: { readonly name: string; readonly file: ExfatFile }[];
  /** Bytes of its entries, without the root's own. */
  entryBytes: number;
}

/** Sorts files into folders. Throws a RangeError for an empty path component. */
export function planTree(tree: Iterable<ExfatFile>, emptyFolders: readonly string[], deletedFolders: readonly string[]): FolderPlan {
  const root: FolderPlan = { name: '', deleted: false, folders: [], files: [], entryBytes: 0 };
  const byPath = new Map<string, FolderPlan>([['', root]]);
  const deleted = new Set(deletedFolders);
  const folderAt = (path: string): FolderPlan => {
    const known = byPath.get(path);
    if (known !== undefined) return known;
    const { parent, name } = splitPath(path);
    const above = folderAt(parent);
    const made: FolderPlan = { name, deleted: above.deleted || deleted.has(path), folders: [], files: [], entryBytes: 0 };
    above.folders.push(made);
    above.entryBytes += setEntries(name) * ENTRY_BYTES;
    byPath.set(path, made);
    return made;
  };
  for (const file of tree) {
    const { parent, name } = splitPath(file.path);
    const folder = folderAt(parent);
    folder.files.push({ name, file });
    folder.entryBytes += setEntries(name) * ENTRY_BYTES;
  }
  for (const path of [...emptyFolders, ...deletedFolders]) folderAt(path);
  return root;
}

function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (name === '') throw new RangeError(`empty name in the path "${path}"`);
  return { parent: slash < 0 ? '' : path.slice(0, slash), name };
}
