import { hash } from 'node:crypto';
import type { LaneKernel } from './lane-kernel.ts';
import { GROUP_LANES, LAYOUT, NARROW_LANES, STEP_BYTES, TAIL_BYTES, WIDE_LANES } from './lane-layout.ts';
import { MD5_START } from './md5-lanes-code.ts';

/** Contents of any length whose MD5 is wanted. */
export interface LaneContents {
  readonly count: number;
  /** Most bytes that `place` makes reachable at once; a multiple of 64. */
  readonly pieceBytes: number;
  lengthOf(content: number): number;
  bytesOf(content: number): Uint8Array;
  /** Where the kernel finds `length` bytes of a content from `from` on; each of the 16 slots has room of its own. */
  place(content: number, from: number, length: number, slot: number): number;
}

/**
 * Rate of one lane of the wide and of the narrow program, as a share of node:crypto's. Used only to
 * share work out; any value gives the same digests.
 */
const WIDE_LANE_RATE = 1 / 3;
const NARROW_LANE_RATE = 2 / 5;

/** Takes many contents of different lengths through the lanes of one kernel. */
export interface ContentLanes {
  /** Writes the MD5 of each content, 16 bytes each, side by side. */
  run(contents: LaneContents, digests: Uint8Array): void;
}

export function createContentLanes(kernel: LaneKernel): ContentLanes {
  const { words, bytes } = kernel;
  const tails = new DataView(bytes.buffer, LAYOUT.tails, WIDE_LANES * TAIL_BYTES);
  // What each lane does. Lanes 0 … active−1 are at work; a lane keeps its slot when it moves.
  const contentOf = new Uint32Array(WIDE_LANES);
  const slotOf = Uint32Array.from({ length: WIDE_LANES }, (_, slot) => slot);
  const stepsOf = new Float64Array(WIDE_LANES);
  const doneOf = new Float64Array(WIDE_LANES);
  const pointers = words.subarray(LAYOUT.md5Pointers / 4, LAYOUT.md5Pointers / 4 + WIDE_LANES);

  const stateWord = (lane: number, word: number): number => LAYOUT.md5State / 4 + ((lane >> 2) * 4 + word) * GROUP_LANES + (lane & 3);

  const open = (lane: number, content: number): void => {
    contentOf[lane] = content;
    doneOf[lane] = 0;
    for (let word = 0; word < 4; word++) words[stateWord(lane, word)] = MD5_START[word]!;
  };

  /** Gives a lane its next bytes; false when the padding has been taken in too. */
  const feed = (lane: number, contents: LaneContents): boolean => {
    const content = contentOf[lane]!;
    const length = contents.lengthOf(content);
    const done = doneOf[lane]!;
    if (done > length) return false;
    const slot = slotOf[lane]!;
    const whole = Math.min(contents.pieceBytes, length - done - ((length - done) % STEP_BYTES));
    if (whole > 0) {
      pointers[lane] = contents.place(content, done, whole, slot);
      stepsOf[lane] = whole / STEP_BYTES;
      doneOf[lane] = done + whole;
      return true;
    }
    const tailAt = LAYOUT.tails + slot * TAIL_BYTES;
    const rest = length - done;
    const tailBytes = rest < STEP_BYTES - 8 ? STEP_BYTES : TAIL_BYTES;
    bytes.fill(0, tailAt + rest, tailAt + tailBytes);
    if (rest > 0) bytes.set(contents.bytesOf(content).subarray(done, length), tailAt);
    bytes[tailAt + rest] = 0x80;
    tails.setBigUint64(slot * TAIL_BYTES + tailBytes - 8, BigInt(length) * 8n, true);
    pointers[lane] = tailAt;
    stepsOf[lane] = tailBytes / STEP_BYTES;
    doneOf[lane] = length + 1;
    return true;
  };

  const give = (lane: number, digests: DataView): void => {
    for (let word = 0; word < 4; word++) digests.setUint32(contentOf[lane]! * 16 + word * 4, words[stateWord(lane, word)]!, true);
  };

  /** The lane at `from` goes on as lane `to`, which is free. */
  const move = (from: number, to: number): void => {
    contentOf[to] = contentOf[from]!;
    doneOf[to] = doneOf[from]!;
    stepsOf[to] = stepsOf[from]!;
    pointers[to] = pointers[from]!;
    const slot = slotOf[to]!;
    slotOf[to] = slotOf[from]!;
    slotOf[from] = slot;
    for (let word = 0; word < 4; word++) words[stateWord(to, word)] = words[stateWord(from, word)]!;
  };

  return {
    run(contents, digests) {
      const view = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
      const queue = longestFirst(contents);
      let next = hashAlone(contents, queue, digests);
      let active = 0;
      while (active < WIDE_LANES && next < queue.length) open(active++, queue[next++]!);
      for (let lane = 0; lane < active; lane++) feed(lane, contents);
      while (active > 0) {
        let steps = stepsOf[0]!;
        for (let lane = 1; lane < active; lane++) steps = Math.min(steps, stepsOf[lane]!);
        const lanes = active <= NARROW_LANES ? NARROW_LANES : WIDE_LANES;
        // Lanes without work go over bytes that are there anyway.
        for (let lane = active; lane < lanes; lane++) pointers[lane] = pointers[0]!;
        if (lanes === NARROW_LANES) kernel.md5Compress8(steps);
        else kernel.md5Compress16(steps);
        for (let lane = active - 1; lane >= 0; lane--) {
          stepsOf[lane]! -= steps;
          pointers[lane]! += steps * STEP_BYTES;
          if (stepsOf[lane] !== 0 || feed(lane, contents)) continue;
          give(lane, view);
          if (next < queue.length) {
            open(lane, queue[next++]!);
            feed(lane, contents);
          } else {
            active -= 1;
            if (lane !== active) move(active, lane);
          }
        }
      }
    },
  };
}

/** Longest first, so that the lanes end close together. */
function longestFirst(contents: LaneContents): Uint32Array {
  return Uint32Array.from({ length: contents.count }, (_, content) => content).sort((a, b) => contents.lengthOf(b) - contents.lengthOf(a) || a - b);
}

/**
 * Contents so long that the lanes would wait for them go to node:crypto, one by one.
 * @returns how many of the queue are done
 */
function hashAlone(contents: LaneContents, queue: Uint32Array, digests: Uint8Array): number {
  let rest = 0;
  for (const content of queue) rest += contents.lengthOf(content);
  let done = 0;
  for (; done < queue.length; done++) {
    const length = contents.lengthOf(queue[done]!);
    const following = done + 1 < queue.length ? contents.lengthOf(queue[done + 1]!) : 0;
    // Time of the lanes is that of the longest, or of all shared out; in bytes of a lane.
    const saved = Math.max(length, rest / WIDE_LANES) - Math.max(following, (rest - length) / WIDE_LANES);
    if (saved <= length * (queue.length - done > NARROW_LANES ? WIDE_LANE_RATE : NARROW_LANE_RATE)) break;
    digests.set(hash('md5', contents.bytesOf(queue[done]!), 'buffer'), queue[done]! * 16);
    rest -= length;
  }
  return done;
}
