import { packedLength, unpackDigests } from '../digests.ts';
import { ENTRY, type HashJob, type HashResult } from '../hash-job.ts';
import type { ItemEncoder, ManifestItem } from './item-record.ts';

/**
 * Records for the manifest of what one batch read: what the journal may keep of it, so that a run taken up
 * again still has codes of what earlier sessions read. Entries that failed have none; their items are added
 * at the end with what became of them.
 *
 * @param isWhole false for an entry whose item could be read in part only: its digests are not the item's
 */
export function recordsOfBatch(encoder: ItemEncoder, job: Pick<HashJob, 'sizes' | 'masks'>, result: Pick<HashResult, 'outcomes' | 'digests'>, isWhole: (entry: number) => boolean): Uint8Array {
  const items: ManifestItem[] = [];
  let at = 0;
  for (let entry = 0; entry < job.sizes.length; entry++) {
    const mask = job.masks[entry]!;
    if (result.outcomes[entry] === ENTRY.hashed && isWhole(entry)) {
      const digests = unpackDigests(result.digests, at, mask).filter(({ algorithm }) => algorithm !== 'ed2k');
      items.push({ sizeBytes: job.sizes[entry]!, state: 'read', ...Object.fromEntries(digests.map(({ algorithm, bytes }) => [algorithm, bytes])) });
    }
    at += packedLength(mask);
  }
  return encoder.encode(items);
}
