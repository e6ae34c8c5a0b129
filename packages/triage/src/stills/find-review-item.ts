import { MemorySource, RefusedError, type RandomAccessSource } from '@kerbside/bytes';
import { displayPath, findLayout, openItemSource, QUICK_LOOK_FILES, type BackupFolder, type Item, type OpenedSource, type WalkEvent } from '@kerbside/evidence';
import { PHONE_BACKUP } from '../content/content-kinds.ts';
import { folderKindOf, type FolderKind } from '../content/open-member.ts';
import { isBackupFile } from '../content/phone-backups.ts';
import { findCarved, isCarvedPath } from './find-carved.ts';
import type { ReviewItemName } from './review-item.ts';

/** An item that was found, and its folder where a path leads into what lies in several files (a phone backup, say). */
export interface FoundItem {
  readonly item: Item;
  readonly folder: BackupFolder | null;
}

/** Ids listed when a path is ambiguous. */
const MOST_FOUND = 16;

/**
 * Finds an item on a source by its display path. Files of its folder are kept beside it where the member lies in several of them.
 * @param member path inside the item, null for the item itself
 * @throws RefusedError `still-item-not-found`, `still-item-ambiguous`
 */
export async function findReviewItem(opened: OpenedSource, name: ReviewItemName, member: string | null): Promise<FoundItem> {
  const folderKind = member === null ? null : folderKindOf(member);
  const beside = folderKind === null ? null : { kind: folderKind, path: name.path.slice(0, name.path.lastIndexOf('/') + 1) };
  const search: Search = { name, found: [], beside, files: new Map() };
  if (opened.form === 'folder') collect(search, opened.walk(), '');
  else {
    const layout = await findLayout(opened);
    if (isCarvedPath(name.path)) {
      const carved = await findCarved(opened.source, layout, name.path);
      if (carved !== null) search.found.push(carved);
    } else {
      const systems = layout.volumes.flatMap(({ volume, content }) => (content.state === 'file-system' && name.path.startsWith(`${volume.id}/`) ? [{ id: volume.id, fileSystem: content.fileSystem }] : []));
      for (const { id, fileSystem } of systems) collect(search, fileSystem.walk(), id);
      if (search.found.length === 0) for (const { id, fileSystem } of systems) collect(search, fileSystem.walkOrphans(), id);
    }
  }
  const [item, other] = search.found;
  if (item === undefined) throw new RefusedError('still-item-not-found', `There is no file "${name.path}" on the source${name.id === null ? '' : ` with the id ${name.id}`}. Give the path as report.json and "kerbside list" write it.`);
  if (other !== undefined) throw new RefusedError('still-item-ambiguous', `Several items have the path "${name.path}": say with --id which. Ids: ${search.found.map((one) => `${one.id} (${one.state})`).join(', ')}.`);
  return { item, folder: beside === null ? null : folderOf(search.files, opened.form === 'folder' ? null : opened.source) };
}

interface Search {
  readonly name: ReviewItemName;
  readonly found: Item[];
  /** Display path of the folder, with its `/`, whose files are kept, and of what kind; null where none are. */
  readonly beside: { readonly kind: FolderKind; readonly path: string } | null;
  readonly files: Map<string, Pick<Item, 'content' | 'sizeBytes'>>;
}

function collect(search: Search, events: Iterable<WalkEvent>, volumeId: string): void {
  const { name, found, beside, files } = search;
  for (const event of events) {
    if (event.type !== 'item' || event.item.kind === 'directory' || event.item.kind === 'other') continue;
    const { item } = event;
    const path = displayPath(volumeId, item);
    if (beside !== null && path.startsWith(beside.path) && hasPlace(item)) {
      const inFolder = path.slice(beside.path.length);
      if (beside.kind === PHONE_BACKUP ? isBackupFile(inFolder) : QUICK_LOOK_NAMES.has(inFolder)) files.set(inFolder, { content: item.content, sizeBytes: item.sizeBytes });
    }
    if (path !== name.path || (name.id !== null && item.id !== name.id)) continue;
    // A deleted manifest or index leads to nothing.
    if (beside !== null && !hasPlace(item)) continue;
    if (found.length < MOST_FOUND) found.push(item);
  }
}

const QUICK_LOOK_NAMES: ReadonlySet<string> = new Set(Object.values(QUICK_LOOK_FILES));

/** As the lane takes them: live files with a place of their own. */
function hasPlace({ state, content, sizeBytes }: Item): boolean {
  return state === 'allocated' && (content.form === 'extents' || content.form === 'host-file') && sizeBytes > 0;
}

function folderOf(files: Search['files'], source: RandomAccessSource | null): BackupFolder {
  return (names) => {
    const file = files.get(names.join('/'));
    return file === undefined ? null : openItemSource(source, file);
  };
}

/**
 * An item's content as bytes at any place.
 * @throws RefusedError `still-item-unreadable` where it has none; KerbsideError when a host file cannot be opened
 */
export function openFoundItem(opened: OpenedSource, { content, sizeBytes }: Item, path: string): RandomAccessSource {
  if (content.form === 'none') throw new RefusedError('still-item-unreadable', `Nothing of "${path}" can be read: ${NONE_WORDS[content.reason]}.`);
  if (sizeBytes === 0) throw new RefusedError('still-item-unreadable', `"${path}" is empty.`);
  if (content.form === 'inline') return new MemorySource(content.bytes);
  return openItemSource(opened.form === 'folder' ? null : opened.source, { content, sizeBytes });
}

const NONE_WORDS = {
  'not-content': 'it is no file with content',
  'no-runs': 'it was deleted, and nothing says where it was',
  encrypted: 'it is encrypted',
  unsupported: 'it is stored in a way that is not read here',
  damaged: 'it is damaged',
} as const;
