import { KerbsideError, readView, type RandomAccessSource } from '@kerbside/bytes';
import type { ContentTools } from './content-tools.ts';

/** A JPEG keeps its thumbnail in its first segment, which is at most 64 KiB long and begins within the first few. */
const JPEG_HEAD_BYTES = 80 * 1024;
/** A HEIC may keep it anywhere, so it is read whole: a hundredth of the time that its decode takes. */
const MAX_HEIC_BYTES = 16 * 1024 * 1024;

/**
 * How near the thumbnails in a picture are to known hashes. Only orders the work: whatever is wrong with the
 * item is met again, and told, when it is looked at whole.
 * @returns bits; null where it has no thumbnail, none is near, or it could not be read
 */
export async function glanceAtItem(open: () => RandomAccessSource, tools: Pick<ContentTools, 'sniff' | 'glanceAtPicture'>): Promise<number | null> {
  let source: RandomAccessSource | null = null;
  try {
    source = open();
    const head = readView(source, 0, Math.min(source.sizeBytes, JPEG_HEAD_BYTES)).bytes;
    const kind = tools.sniff(head);
    if (kind === 'picture/jpeg') return await tools.glanceAtPicture(head);
    if (kind !== 'picture/heic' || source.sizeBytes > MAX_HEIC_BYTES) return null;
    return await tools.glanceAtPicture(readView(source, 0, source.sizeBytes).bytes);
  } catch (error) {
    if (error instanceof KerbsideError) return null;
    throw error;
  } finally {
    source?.close();
  }
}
