import { MemorySource, RefusedError, type RandomAccessSource } from '@kerbside/bytes';
import { displayPath, findLayout, openItemSource, type BackupFolder, type Item, type OpenedSource, type WalkEvent } from '@kerbside/evidence';
import { isInPhoneBackup } from '../content/open-member.ts';
import { isBackupFile } from '../content/phone-backups.ts';
import { findCarved, isCarvedPath } from './find-carved.ts';
import type { ReviewItemName } from './review-item.ts';

/** An item that was found, and the folder that it is the manifest of where a path leads into a phone backup. */
export interface FoundItem {
  readonly item: Item;
  readonly backup: BackupFolder | null;
}

/** Ids listed when a path is ambiguous. */
const MOST_FOUND = 16;

/**
 * Finds an item on a source by its display path. Files of its folder are kept beside it where the member lies in a phone backup.
 * @param member path inside the item, null for the item itself
 * @throws RefusedError `still-item-not-found`, `still-item-ambiguous`
 */
export async function findReviewItem(opened: OpenedSource, name: ReviewItemName, member: string | null): Promise<FoundItem> {
  const search: Search = { name, found: [], backupFolder: member !== null && isInPhoneBackup(member) ? name.path.slice(0, name.path.lastIndexOf('/') + 1) : null, files: new Map() };
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
  return { item, backup: search.backupFolder === null ? null : folderOf(search.files, opened.form === 'folder' ? null : opened.source) };
}

interface Search {
  readonly name: ReviewItemName;
  readonly found: Item[];
  /** Display path of the folder, with its `/`, whose files are kept; null where none are. */
  readonly backupFolder: string | null;
  readonly files: Map<string, Pick<Item, 'content' | 'sizeBytes'>>;
}

function collect(search: Search, events: Iterable<WalkEvent>, volumeId: string): void {
  const { name, found, backupFolder, files } = search;
  for (const event of events) {
    if (event.type !== 'item' || event.item.kind === 'directory' || event.item.kind === 'other') continue;
    const { item } = event;
    const path = displayPath(volumeId, item);
    if (backupFolder !== null && path.startsWith(backupFolder) && hasPlace(item)) {
      const inFolder = path.slice(backupFolder.length);
      if (isBackupFile(inFolder)) files.set(inFolder, { content: item.content, sizeBytes: item.sizeBytes });
    }
    if (path !== name.path || (name.id !== null && item.id !== name.id)) continue;
    // A deleted manifest leads to no backup.
    if (backupFolder !== null && !hasPlace(item)) continue;
    if (found.length < MOST_FOUND) found.push(item);
  }
}

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
