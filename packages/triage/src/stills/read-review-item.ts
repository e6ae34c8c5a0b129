import { MemorySource, RefusedError, type RandomAccessSource } from '@kerbside/bytes';
import { displayPath, findLayout, openItemSource, openSource, readContent, type Item, type OpenedSource, type WalkEvent } from '@kerbside/evidence';
import { readMember, splitMemberPath } from '../content/read-member.ts';
import { wholeItemBytes } from './whole-item-bytes.ts';
import type { ReviewItem, ReviewItemName } from './review-item.ts';

/**
 * Finds an item of a run's source, or a member of one, by its display path and reads it whole. The source is opened read-only, walked until the
 * item turns up, and closed again.
 *
 * @param sourcePath from the run's report
 * @throws RefusedError `still-item-not-found`, `still-item-ambiguous`, `still-item-unreadable`, and as `openSource` does
 */
export async function readReviewItem(sourcePath: string, name: ReviewItemName, declaredWriteBlocker?: string): Promise<ReviewItem> {
  const opened = await openSource(sourcePath, declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker });
  try {
    const inside = splitMemberPath(name.path);
    const { item, source } = await findItem(opened, inside === null ? name : { ...name, path: inside.item });
    if (inside !== null) return { path: name.path, bytes: await readInside(opened, item, inside.member), isWhole: true };
    return { path: name.path, ...wholeItemBytes(name.path, readContent(source, item, 'system'), item.sizeBytes) };
  } finally {
    await opened.close();
  }
}

async function readInside(opened: OpenedSource, item: Item, member: string): Promise<Uint8Array> {
  const content = openItemSource(opened.form === 'folder' ? null : opened.source, item);
  try {
    return await readMember(content, member);
  } finally {
    content.close();
  }
}

/** Stands where a folder has no bytes of its own: its items are read from their files. */
const NO_SOURCE = new MemorySource(new Uint8Array(0));

async function findItem(opened: OpenedSource, name: ReviewItemName): Promise<{ item: Item; source: RandomAccessSource }> {
  const found: Item[] = [];
  if (opened.form === 'folder') collect(found, opened.walk(), '', name);
  else {
    const systems = (await findLayout(opened)).volumes.flatMap(({ volume, content }) => (content.state === 'file-system' && name.path.startsWith(`${volume.id}/`) ? [{ id: volume.id, fileSystem: content.fileSystem }] : []));
    for (const { id, fileSystem } of systems) collect(found, fileSystem.walk(), id, name);
    if (found.length === 0) for (const { id, fileSystem } of systems) collect(found, fileSystem.walkOrphans(), id, name);
  }
  const [item, other] = found;
  if (item === undefined) throw new RefusedError('still-item-not-found', `There is no file "${name.path}" on the source${name.id === null ? '' : ` with the id ${name.id}`}. Give the path as report.json and "kerbside list" write it; carved files have none.`);
  if (other !== undefined) throw new RefusedError('still-item-ambiguous', `Several items have the path "${name.path}": say with --id which. Ids: ${found.map((one) => `${one.id} (${one.state})`).join(', ')}.`);
  return { item, source: opened.form === 'folder' ? NO_SOURCE : opened.source };
}

/** Ids listed when a path is ambiguous. */
const MOST_FOUND = 16;

function collect(found: Item[], events: Iterable<WalkEvent>, volumeId: string, name: ReviewItemName): void {
  for (const event of events) {
    if (event.type !== 'item' || event.item.kind === 'directory' || event.item.kind === 'other') continue;
    if (name.id !== null && event.item.id !== name.id) continue;
    if (displayPath(volumeId, event.item) === name.path && found.push(event.item) >= MOST_FOUND) return;
  }
}
