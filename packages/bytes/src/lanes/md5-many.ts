import { hash } from 'node:crypto';
import { createContentLanes, type ContentLanes, type LaneContents } from './content-lanes.ts';
import { createTestedKernel } from './create-lane-hasher.ts';
import { LAYOUT, WIDE_LANES } from './lane-layout.ts';

const MD5_BYTES = 16;

/**
 * Bytes of one lane that are copied into the kernel at a time: with all 16 lanes 256 KiB, which
 * stay in the processor's second cache until they are hashed.
 */
const PIECE_BYTES = 16 * 1024;

interface CopyingLanes {
  readonly lanes: ContentLanes;
  readonly kernelBytes: Uint8Array;
}

/** Made at the first call of a thread; null where there are no lanes. */
const own: { copying: CopyingLanes | null | undefined } = { copying: undefined };

/**
 * MD5 of many whole contents that stand anywhere in memory, several at once in SIMD lanes. Worth it
 * from a few contents on; a single one costs what node:crypto costs.
 *
 * @returns 16 bytes a content, side by side, in a new array
 */
export function md5Many(pieces: readonly Uint8Array[]): Uint8Array {
  const digests = new Uint8Array(pieces.length * MD5_BYTES);
  own.copying ??= createCopyingLanes();
  if (own.copying === null) {
    pieces.forEach((piece, i) => digests.set(hash('md5', piece, 'buffer'), i * MD5_BYTES));
    return digests;
  }
  const { lanes, kernelBytes } = own.copying;
  const contents: LaneContents = {
    count: pieces.length,
    pieceBytes: PIECE_BYTES,
    lengthOf: (content) => pieces[content]!.byteLength,
    bytesOf: (content) => pieces[content]!,
    place(content, from, length, slot) {
      const at = LAYOUT.input + slot * PIECE_BYTES;
      kernelBytes.set(pieces[content]!.subarray(from, from + length), at);
      return at;
    },
  };
  lanes.run(contents, digests);
  return digests;
}

function createCopyingLanes(): CopyingLanes | null {
  const kernel = createTestedKernel(WIDE_LANES * PIECE_BYTES);
  return kernel === null ? null : { lanes: createContentLanes(kernel), kernelBytes: kernel.bytes };
}
