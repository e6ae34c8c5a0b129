import type { ByteRange } from '@kerbside/bytes';

const SECTOR_BYTES = 512;

/**
 * Finds where content stands in an image, piece by piece, each on a sector; the last may end inside one.
 * Sectors that several contents share (heads of pictures) are told apart by what follows them.
 *
 * @throws RangeError when a part of it stands nowhere, or in two places alike
 */
export function locateContent(image: Buffer, content: Buffer): ByteRange[] {
  const ranges: ByteRange[] = [];
  for (let done = 0; done < content.length; ) {
    const place = longestPlace(image, content.subarray(done));
    ranges.push(place);
    done += place.length;
  }
  return ranges;
}

function longestPlace(image: Buffer, content: Buffer): ByteRange {
  const head = content.subarray(0, SECTOR_BYTES);
  let best: ByteRange = { offset: -1, length: 0 };
  let rivals = 0;
  for (let at = image.indexOf(head); at >= 0; at = image.indexOf(head, at + 1)) {
    if (at % SECTOR_BYTES !== 0) continue;
    const length = equalBytes(image, at, content);
    if (length === best.length) rivals += 1;
    if (length > best.length) {
      best = { offset: at, length };
      rivals = 0;
    }
  }
  if (best.length === 0) throw new RangeError('content of the control volume stands nowhere in it');
  if (rivals > 0) throw new RangeError(`content of the control volume stands in ${rivals + 1} places alike`);
  return best;
}

/** Bytes that agree, in whole sectors but for the content's end. */
function equalBytes(image: Buffer, at: number, content: Buffer): number {
  let done = 0;
  while (done < content.length) {
    const end = Math.min(done + SECTOR_BYTES, content.length);
    if (image.compare(content, done, end, at + done, at + end) !== 0) break;
    done = end;
  }
  return done;
}
