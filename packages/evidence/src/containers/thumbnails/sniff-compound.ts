/** A compound file (MS-CFB) whose first directory sector names what a Thumbs.db holds. */
const FIRST_DIRECTORY_AT = 0x30;
const SECTOR_SHIFT_AT = 0x1e;
const ENTRY_BYTES = 128;

/** Names of streams: the list and the numbers of Windows XP, or a size and an id of Windows Vista and later. */
export const CATALOG_NAME = 'Catalog';
export const NUMBER_NAME = /^\d{1,6}$/;
export const SIZED_NAME = /^\d{2,4}_[0-9a-fA-F]{8,16}$/;

/** @returns `thumbnails/thumbs-db`, or null for other compound files (old office files, installers, mail) */
export function sniffCompound(head: Buffer): 'thumbnails/thumbs-db' | null {
  if (head.length < 512) return null;
  const shift = head.readUInt16LE(SECTOR_SHIFT_AT);
  if (shift !== 9 && shift !== 12) return null;
  const at = (head.readUInt32LE(FIRST_DIRECTORY_AT) + 1) * 2 ** shift;
  for (let entry = at + ENTRY_BYTES; entry + ENTRY_BYTES <= Math.min(head.length, at + 2 ** shift); entry += ENTRY_BYTES) {
    const length = head.readUInt16LE(entry + 64);
    if (head[entry + 66] !== 2 || length < 4 || length > 64) continue;
    const name = head.toString('utf16le', entry, entry + length - 2);
    if (name === CATALOG_NAME || NUMBER_NAME.test(name) || SIZED_NAME.test(name)) return 'thumbnails/thumbs-db';
  }
  return null;
}
