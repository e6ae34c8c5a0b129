import { RefusedError, type RandomAccessSource } from '@kerbside/bytes';
import { openSource, sniffContent } from '@kerbside/evidence';
import type { ContainerDoors } from '../content/container-doors.ts';
import { containerOf } from '../content/content-kinds.ts';
import { headOf } from '../content/examination.ts';
import { openMember, splitMemberPath } from '../content/open-member.ts';
import { digestContent } from './digest-content.ts';
import { findReviewItem, openFoundItem } from './find-review-item.ts';
import type { ReviewItem, ReviewItemName } from './review-item.ts';

/** Bytes of a picture that is read into memory for one still: the largest have a tenth of it, and videos go another way. */
export const MAX_REVIEW_PICTURE_BYTES = 256 * 1024 * 1024;

export interface OpenReviewItemOptions {
  readonly doors: ContainerDoors;
  readonly declaredWriteBlocker?: string;
}

/**
 * Finds an item of a run's source, or a member of one, by its display path, opens it and reads it once for its digests. The
 * source is opened read-only, walked until its end, and closed with the item. Of an item that the medium gives in part the rest is zeros;
 * a member that cannot be read whole is refused: what a packed content is worth with a hole in it, nobody can say.
 *
 * @param sourcePath from the run's report
 * @param mask digests wanted, as bits of digests.ts
 * @throws RefusedError `still-item-not-found`, `still-item-ambiguous`, `still-item-unreadable`, `still-item-container`; as `openSource` and the readers of containers do
 */
export async function openReviewItem(sourcePath: string, name: ReviewItemName, mask: number, { doors, declaredWriteBlocker }: OpenReviewItemOptions): Promise<ReviewItem> {
  await using closing = new AsyncDisposableStack();
  const opened = await openSource(sourcePath, declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker });
  closing.defer(() => opened.close());
  const inside = splitMemberPath(name.path);
  const { item, folder } = await findReviewItem(opened, inside === null ? name : { ...name, path: inside.item }, inside?.member ?? null);
  const found = openFoundItem(opened, item, inside?.item ?? name.path);
  closing.defer(() => found.close());
  const source = inside === null ? found : await openMember(found, inside.member, doors, folder);
  if (source !== found) closing.defer(() => source.close());
  const read = readWhole(name.path, source, mask, inside !== null);
  const kept = closing.move();
  return { path: name.path, source, ...read, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function readWhole(path: string, source: RandomAccessSource, mask: number, isMember: boolean): Pick<ReviewItem, 'kind' | 'digests' | 'isWhole'> {
  const kind = sniffContent(headOf(source));
  const isVideo = kind?.startsWith('video/') === true;
  if (kind !== null && !isVideo && !kind.startsWith('picture/')) {
    throw new RefusedError('still-item-container', `"${path}" is no picture or video but holds other files (${containerOf(kind)}). Give the path of one of those, as report.json writes it.`);
  }
  if (!isVideo && source.sizeBytes > MAX_REVIEW_PICTURE_BYTES) throw new RefusedError('still-item-unreadable', `"${path}" has ${source.sizeBytes} bytes; a still is made of pictures up to ${MAX_REVIEW_PICTURE_BYTES}.`);
  const { digests, unreadBytes } = digestContent(source, mask);
  if (unreadBytes > 0 && isMember) throw new RefusedError('still-item-unreadable', `${unreadBytes} bytes of "${path}" could not be read. Of a file inside another no still is made then; image the device again, or examine the item at the unit.`);
  if (unreadBytes >= source.sizeBytes) throw new RefusedError('still-item-unreadable', `Nothing of "${path}" can be read.`);
  return { kind: isVideo ? 'video' : 'picture', digests, isWhole: unreadBytes === 0 };
}
