/** Bytes guarded by one entry of the update sequence. */
const STRIDE_BYTES = 512;

/**
 * Applies the update sequence ("fix-up") to a FILE or INDX block in place: the last two bytes of
 * each 512 move into the array and a number takes their place, so that a torn write shows.
 *
 * @param arrayOffset where the array stands; also written at offset 4 with the entry count
 */
export function applyUpdateSequence(block: Buffer, arrayOffset: number, updateNumber: number): void {
  const strides = block.length / STRIDE_BYTES;
  block.writeUInt16LE(arrayOffset, 4);
  block.writeUInt16LE(strides + 1, 6);
  block.writeUInt16LE(updateNumber, arrayOffset);
  for (let stride = 0; stride < strides; stride++) {
    const last = (stride + 1) * STRIDE_BYTES - 2;
    block.writeUInt16LE(block.readUInt16LE(last), arrayOffset + 2 + stride * 2);
    block.writeUInt16LE(updateNumber, last);
  }
}
