import { createContentLanes } from './content-lanes.ts';
import { createKeyStates } from './key-states.ts';
import { CODE_BYTES } from './keyed-code.ts';
import { requireBlocks, requireContents, roomFor, type LaneHasher } from './lane-hasher.ts';
import type { LaneKernel } from './lane-kernel.ts';
import { GROUP_LANES, LAYOUT, NARROW_LANES, STEP_BYTES, WIDE_LANES, WINDOW_BLOCKS } from './lane-layout.ts';

const MD5_BYTES = 16;

/** A lane hasher whose input lies in the kernel's memory, so that nothing is copied to be hashed. */
export function createSimdHasher(kernel: LaneKernel, capacityBytes: number): LaneHasher {
  const input = kernel.bytes.subarray(LAYOUT.input, LAYOUT.input + capacityBytes);
  const digestWindow = kernel.bytes.subarray(LAYOUT.digests, LAYOUT.digests + WINDOW_BLOCKS * MD5_BYTES);
  const codeWindow = kernel.bytes.subarray(LAYOUT.codes, LAYOUT.codes + WINDOW_BLOCKS * CODE_BYTES);
  const pointers = kernel.words.subarray(LAYOUT.md5Pointers / 4, LAYOUT.md5Pointers / 4 + WIDE_LANES);
  const keyStates = createKeyStates(kernel);
  const contentLanes = createContentLanes(kernel);
  let digests = new Uint8Array(WINDOW_BLOCKS * MD5_BYTES);
  let codes = new Uint8Array(WINDOW_BLOCKS * CODE_BYTES);
  let contentDigests = new Uint8Array(WINDOW_BLOCKS * MD5_BYTES);
  let digestCount = 0;
  let paddedBytes = 0;

  const prepare = (blockBytes: number): void => {
    if (blockBytes === paddedBytes) return;
    const at = LAYOUT.md5Padding / 4;
    kernel.words.fill(0, at, at + STEP_BYTES / 4);
    kernel.words[at] = 0x80;
    kernel.words[at + 14] = blockBytes * 8;
    kernel.words[at + 15] = Math.floor(blockBytes / 2 ** 29);
    paddedBytes = blockBytes;
  };

  /** Up to a window of blocks; their digests stand in the digest window. */
  const hashWindow = (first: number, strideBytes: number, blockBytes: number, count: number): void => {
    const steps = blockBytes / STEP_BYTES;
    for (let done = 0; done < count; ) {
      const lanes = count - done <= NARROW_LANES ? NARROW_LANES : WIDE_LANES;
      for (let lane = 0; lane < lanes; lane++) {
        // Lanes past the last block go over it again, and nobody looks at what they give.
        pointers[lane] = LAYOUT.input + first + Math.min(done + lane, count - 1) * strideBytes;
      }
      if (lanes === NARROW_LANES) kernel.md5Group8(steps, LAYOUT.digests + done * MD5_BYTES);
      else kernel.md5Group16(steps, LAYOUT.digests + done * MD5_BYTES);
      done += lanes;
    }
  };

  const contents = {
    starts: [] as ArrayLike<number>,
    lengths: [] as ArrayLike<number>,
    count: 0,
    pieceBytes: Number.MAX_SAFE_INTEGER - 63,
    lengthOf: (content: number) => contents.lengths[content]!,
    bytesOf: (content: number) => input.subarray(contents.starts[content], contents.starts[content]! + contents.lengths[content]!),
    place: (content: number, from: number) => LAYOUT.input + contents.starts[content]! + from,
  };

  return {
    kind: 'simd',
    input,
    md5Blocks(at, strideBytes, blockBytes, count) {
      requireBlocks(input, at, strideBytes, blockBytes, count);
      prepare(blockBytes);
      digests = roomFor(digests, count * MD5_BYTES);
      for (let done = 0; done < count; done += WINDOW_BLOCKS) {
        const now = Math.min(WINDOW_BLOCKS, count - done);
        hashWindow(at + done * strideBytes, strideBytes, blockBytes, now);
        digests.set(digestWindow.subarray(0, now * MD5_BYTES), done * MD5_BYTES);
      }
      digestCount = count;
      return digests.subarray(0, count * MD5_BYTES);
    },
    codesOfBlocks(codeKey, count) {
      if (!(Number.isSafeInteger(count) && count >= 0 && count <= digestCount)) throw new RangeError(`codes of ${count} digests were asked for, and there are ${digestCount}`);
      const keyState = keyStates.of(codeKey);
      codes = roomFor(codes, count * CODE_BYTES);
      for (let done = 0; done < count; done += WINDOW_BLOCKS) {
        const now = Math.min(WINDOW_BLOCKS, count - done);
        digestWindow.set(digests.subarray(done * MD5_BYTES, (done + now) * MD5_BYTES));
        kernel.codes(LAYOUT.digests, keyState, LAYOUT.codes, Math.ceil(now / GROUP_LANES));
        codes.set(codeWindow.subarray(0, now * CODE_BYTES), done * CODE_BYTES);
      }
      return codes.subarray(0, count * CODE_BYTES);
    },
    md5Contents(starts, lengths, count) {
      requireContents(input, starts, lengths, count);
      contentDigests = roomFor(contentDigests, count * MD5_BYTES);
      contents.starts = starts;
      contents.lengths = lengths;
      contents.count = count;
      contentLanes.run(contents, contentDigests);
      return contentDigests.subarray(0, count * MD5_BYTES);
    },
  };
}
