/**
 * Slot of Android's `.thumbdata3` (MiniThumbFile in the Android sources, up to version 9); big-endian:
 *
 *     offset  bytes
 *          0      1  1 when a thumbnail is there
 *          1      8  number that the media database knows it by
 *          9      4  length of the JPEG
 *         13         JPEG
 *
 * Slot n of 10,000 bytes is that of the picture with id n in the database.
 */
export const SLOT_BYTES = 10_000;
export const SLOT_HEAD_BYTES = 13;

/** @returns length of the JPEG in the slot that begins at `at`, null when the slot holds none */
export function thumbdataSlotLength(bytes: Buffer, at: number): number | null {
  if (at + SLOT_HEAD_BYTES + 3 > bytes.length || bytes[at] !== 1) return null;
  const length = bytes.readUInt32BE(at + 9);
  const isJpeg = bytes.readUIntBE(at + SLOT_HEAD_BYTES, 3) === 0xffd8ff;
  return isJpeg && length >= 4 && length <= SLOT_BYTES - SLOT_HEAD_BYTES ? length : null;
}

/** Whether one of the first slots is filled; files whose first pictures were deleted begin with empty ones. */
export function hasThumbdataSlot(head: Buffer): boolean {
  for (let at = 0; at < head.length; at += SLOT_BYTES) if (thumbdataSlotLength(head, at) !== null) return true;
  return false;
}
