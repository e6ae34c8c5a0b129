import type { DirectoryNode, Item, ItemContent, Recovery } from '../item.ts';
import { ENTRY_BYTES, type EntrySet } from './entry-set.ts';
import type { ExfatVolume } from './exfat-volume.ts';
import type { MappedContent } from './map-content.ts';

/** The Sleuth Kit's number for the first entry of the cluster heap, so that our ids can be looked up there. */
const FIRST_ENTRY_NUMBER = 3;

const NOT_CONTENT: ItemContent = Object.freeze({ form: 'none', reason: 'not-content' });

/** The item an entry set stands for. */
export function makeItem(
  fs: ExfatVolume,
  parent: DirectoryNode | null,
  set: EntrySet,
  state: Item['state'],
  mapped: Pick<MappedContent, 'content' | 'partial'>,
  recovery: Recovery | null,
): Item {
  return {
    kind: set.isDirectory ? 'directory' : 'file',
    parent,
    name: { bytes: set.name, encoding: 'utf-16le' },
    streamName: null,
    sizeBytes: set.sizeBytes,
    state,
    id: String(Math.floor((set.offset - fs.geometry.heapOffset) / ENTRY_BYTES) + FIRST_ENTRY_NUMBER),
    times: { created: set.created, modified: set.modified, accessed: set.accessed, changed: null },
    content: set.isDirectory ? NOT_CONTENT : mapped.content,
    recovery,
    partial: mapped.partial,
  };
}
