import type { DirectoryNode, Item } from '../item.ts';

/** The directory that carved items are shown in: `\[carved]`, which no directory on a volume can look like. */
const CARVED: DirectoryNode = Object.freeze({ parent: null, name: { bytes: Buffer.from('carved'), encoding: 'given' as const }, depth: 0 });

/** Digits of an offset in a name: names then sort as offsets do, up to 10 TB. */
const OFFSET_DIGITS = 13;

const NO_TIMES = Object.freeze({ created: null, modified: null, accessed: null, changed: null });

/**
 * A whole file found in free space, named by where it stands: `\[carved]/0000123456789.jpg`.
 * @param start offset on the source
 */
export function carvedItem(start: number, sizeBytes: number, extension: string): Item {
  return {
    kind: 'file',
    parent: CARVED,
    name: { bytes: Buffer.from(`${String(start).padStart(OFFSET_DIGITS, '0')}.${extension}`), encoding: 'utf-8' },
    streamName: null,
    sizeBytes,
    state: 'carved',
    id: String(start),
    times: NO_TIMES,
    content: { form: 'extents', extents: [{ kind: 'data', sourceOffset: start, length: sizeBytes }] },
    recovery: { basis: 'carved' },
    partial: false,
  };
}
