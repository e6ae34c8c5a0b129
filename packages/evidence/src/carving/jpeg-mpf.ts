/**
 * The MPF segment (CIPA DC-007, Multi-Picture Format): APP2 that begins `MPF\0`, then a TIFF header
 * from which its offsets count. The first directory's entry B002 lists the pictures of the file:
 *
 * | at | bytes | meaning |
 * | --- | --- | --- |
 * | 0 | 4 | attributes |
 * | 4 | 4 | length of the picture |
 * | 8 | 4 | its offset from the TIFF header; 0 for the first picture |
 * | 12 | 4 | numbers of pictures that belong to it |
 */

/** A further picture of the file: `offset` on the source. */
export interface MpfPicture {
  readonly offset: number;
  readonly lengthBytes: number;
}

const ENTRY_BYTES = 16;
const PICTURES_TAG = 0xb002;
/** Directory entries and pictures; the format's own uses are 2 to 16. */
const MAX_ENTRIES = 64;

/**
 * @param content of an APP2 segment, or null
 * @param offset of the content on the source
 * @returns the further pictures in the order of the file, or null when this is no MPF segment
 */
export function readMpfPictures(content: Buffer | null, offset: number): MpfPicture[] | null {
  if (content === null || content.length < 16 || content.toString('latin1', 0, 4) !== 'MPF\0') return null;
  const tiff = content.subarray(4);
  const order = tiff.toString('latin1', 0, 4);
  if (order !== 'II*\0' && order !== 'MM\0*') return null;
  const u16 = (at: number): number => (at + 2 > tiff.length ? 0 : order === 'II*\0' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number): number => (at + 4 > tiff.length ? 0 : order === 'II*\0' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = u32(4);
  const entries = Math.min(u16(directory), MAX_ENTRIES);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12;
    if (u16(entry) !== PICTURES_TAG) continue;
    const [bytes, at] = [u32(entry + 4), u32(entry + 8)];
    if (bytes % ENTRY_BYTES !== 0 || at + bytes > tiff.length || bytes / ENTRY_BYTES > MAX_ENTRIES) return null;
    const pictures = Array.from({ length: bytes / ENTRY_BYTES }, (_, index) => ({
      offset: u32(at + index * ENTRY_BYTES + 8),
      lengthBytes: u32(at + index * ENTRY_BYTES + 4),
    }));
    return pictures
      .filter((picture) => picture.offset > 0 && picture.lengthBytes > 0)
      .map((picture) => ({ offset: offset + 4 + picture.offset, lengthBytes: picture.lengthBytes }))
      .toSorted((a, b) => a.offset - b.offset);
  }
  return null;
}
