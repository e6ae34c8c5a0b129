import { CODE_KEY_BYTES } from './keyed-code.ts';
import type { LaneHasher } from './lane-hasher.ts';
import { createLaneKernel, type LaneKernel } from './lane-kernel.ts';
import { WIDE_LANES } from './lane-layout.ts';
import { createScalarHasher } from './scalar-hasher.ts';
import { createSimdHasher } from './simd-hasher.ts';

/** Most memory one hasher may take for its input: what one read can usefully bring in, many times over. */
export const MAX_LANE_INPUT_BYTES = 1024 * 1024 * 1024;

/** Answer of this thread's self-test; null before the first hasher. */
const selfTest: { passed: boolean | null } = { passed: null };

/**
 * Makes a lane hasher with `capacityBytes` of input. The first one of a thread compiles the lane
 * programs and holds them against node:crypto; where they cannot run, or give one different byte,
 * node:crypto does the work (`kind` says so).
 *
 * @throws RangeError when the capacity is no whole number from 1 to 1 GiB
 */
export function createLaneHasher(capacityBytes: number): LaneHasher {
  if (!(Number.isSafeInteger(capacityBytes) && capacityBytes > 0 && capacityBytes <= MAX_LANE_INPUT_BYTES)) {
    throw new RangeError(`a lane hasher has 1 to ${MAX_LANE_INPUT_BYTES} bytes of input, not ${capacityBytes}`);
  }
  const kernel = createTestedKernel(capacityBytes);
  return kernel === null ? createScalarHasher(capacityBytes) : createSimdHasher(kernel, capacityBytes);
}

/** A kernel with room for `inputBytes`, or null where lanes cannot run or have not passed the self-test. */
export function createTestedKernel(inputBytes: number): LaneKernel | null {
  if (selfTest.passed === false) return null;
  try {
    selfTest.passed ??= isKernelTrue(createLaneKernel(SELF_TEST_BYTES));
    return selfTest.passed ? createLaneKernel(inputBytes) : null;
  } catch {
    // No WebAssembly, no SIMD, or no memory: whatever the runtime's reason, the slow way is right too.
    return null;
  }
}

const SELF_TEST_BYTES = 32 * 1024;

/** Compares every program of a kernel with node:crypto, on bytes that are the same each time. */
export function isKernelTrue(kernel: LaneKernel): boolean {
  const lanes = createSimdHasher(kernel, SELF_TEST_BYTES);
  const plain = createScalarHasher(SELF_TEST_BYTES);
  for (let i = 0, value = 1; i < SELF_TEST_BYTES; i++) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    plain.input[i] = value >>> 24;
  }
  lanes.input.set(plain.input);
  const key = plain.input.slice(0, CODE_KEY_BYTES);
  // Blocks over both widths of the programs, in line and out of line; contents of every length of the last step.
  const blocks = [[0, 512, 512, 27], [3, 129, 64, WIDE_LANES], [1, 4096, 4096, 7]] as const;
  const areBlocksTrue = blocks.every(([at, strideBytes, blockBytes, count]) => {
    if (Buffer.compare(lanes.md5Blocks(at, strideBytes, blockBytes, count), plain.md5Blocks(at, strideBytes, blockBytes, count)) !== 0) return false;
    return Buffer.compare(lanes.codesOfBlocks(key, count), plain.codesOfBlocks(key, count)) === 0;
  });
  const lengths = Array.from({ length: 70 }, (_, i) => i * 3);
  const starts = lengths.map((length) => length * 5);
  return areBlocksTrue && Buffer.compare(lanes.md5Contents(starts, lengths, lengths.length), plain.md5Contents(starts, lengths, lengths.length)) === 0;
}
