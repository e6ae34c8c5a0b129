import { GROUP_LANES, LAYOUT, STEP_BYTES } from './lane-layout.ts';
import { add, addI32, and, andNot, bytesOf, call, get, i32, loadI32, loadVector, or, repeatWhile, set, shiftLeft, shiftRight, splat, storeVector, tee, transpose, xor, type Code, type WasmFunction } from './wasm-code.ts';

/**
 * MD5 (RFC 1321) in lanes of 32 bits: groups of four, step by step in turn. MD5 is one long chain in
 * which each step waits for the last; the other groups' steps fill the wait.
 */

/** T[i] = floor(2^32 · |sin i|), i = 1…64 (RFC 1321, section 3.4). */
export const MD5_CONSTANTS: readonly number[] = Array.from({ length: 64 }, (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))));

/** RFC 1321, section 3.3. */
export const MD5_START: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

const ZERO = i32(0);

function range(start: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}

/** Address of a state word: the same word of the four lanes of a group. */
function stateAt(group: number, word: number): number {
  return LAYOUT.md5State + (group * 4 + word) * 16;
}

/** Address of a message word of a group. The words go through memory, which all four rounds can then load from. */
function wordAt(group: number, word: number): number {
  return LAYOUT.md5Words + (group * 16 + word) * 16;
}

/** md5Compress<lanes>(steps): takes `steps` (≥ 1) times 64 bytes from each lane's pointer into the state. */
function compress(lanes: number): WasmFunction {
  const groups = range(0, lanes / GROUP_LANES);
  const [steps, at] = [0, 1];
  const pointers = range(2, lanes);
  const state = groups.map((group) => range(2 + lanes + group * 4, 4));
  const [rows, turned, scratch] = [0, 4, 8].map((from) => range(2 + lanes * 2 + from, 4)) as [readonly number[], readonly number[], readonly number[]];
  const ones = 2 + lanes * 2 + 12;
  return {
    name: `md5Compress${lanes}`,
    parameters: 1,
    i32Locals: 1 + lanes,
    v128Locals: lanes + 13,
    body: [
      set(ones, splat(-1)),
      groups.map((group) => state[group]!.map((local, word) => set(local, loadVector(ZERO, stateAt(group, word))))),
      repeatWhile(
        tee(steps, addI32(get(steps), i32(-1))),
        pointers.map((pointer, lane) => set(pointer, addI32(loadI32(ZERO, LAYOUT.md5Pointers + lane * 4), get(at)))),
        groups.map((group) => range(0, 4).map((quarter) => [
          // MD5 is little-endian as WebAssembly is: sixteen bytes are four words as they stand.
          rows.map((row, lane) => set(row, loadVector(get(pointers[group * GROUP_LANES + lane]!), quarter * 16))),
          transpose(rows, turned, scratch),
          turned.map((local, i) => storeVector(ZERO, get(local), wordAt(group, quarter * 4 + i))),
        ])),
        range(0, 64).map((i) => groups.map((group) => step(i, group, state[group]!, ones))),
        groups.map((group) => state[group]!.map((local, word) => [
          set(local, add(get(local), loadVector(ZERO, stateAt(group, word)))),
          storeVector(ZERO, get(local), stateAt(group, word)),
        ])),
        set(at, addI32(get(at), i32(STEP_BYTES))),
      ),
    ],
  };
}

/** a = b + rotate(a + f(b, c, d) + word + constant). The names turn with each step, so nothing is moved. */
function step(i: number, group: number, state: readonly number[], ones: number): Code {
  const round = i >> 4;
  const [a, b, c, d] = range(0, 4).map((name) => state[(name - i + 64) & 3]!) as [number, number, number, number];
  const word = [i, 5 * i + 1, 3 * i + 5, 7 * i][round]! & 15;
  const start = add(add(get(a), loadVector(ZERO, LAYOUT.md5Constants + i * 16)), loadVector(ZERO, wordAt(group, word)));
  return bytesOf(set(a, add(rotate(mix(round, start, [b, c, d].map(get), get(ones)), ROTATIONS[round]![i & 3]!, a), get(b))));
}

/** `start` + F, G, H or I, written so that as little as can be waits for `b`, the newest value. */
function mix(round: number, start: Code, [b, c, d]: readonly Code[], ones: Code): Code {
  if (b === undefined || c === undefined || d === undefined) throw new RangeError('three values are mixed');
  switch (round) {
    case 0:
      return add(start, xor(and(xor(c, d), b), d));
    case 1:
      // The two halves share no bit, so they may be added one after the other.
      return add(add(start, andNot(c, d)), and(b, d));
    case 2:
      return add(start, xor(xor(c, d), b));
    default:
      return add(start, xor(or(xor(d, ones), b), c));
  }
}

function rotate(value: Code, bits: number, scratch: number): Code {
  return or(shiftLeft(tee(scratch, value), bits), shiftRight(get(scratch), 32 - bits));
}

/** md5Group<lanes>(steps, out): whole MD5 of equal blocks of `steps` · 64 bytes at the pointers, 16 bytes a lane to `out`. */
function group(lanes: number, compressIndex: number): WasmFunction {
  const [steps, out] = [0, 1];
  const groups = range(0, lanes / GROUP_LANES);
  const [rows, turned, scratch] = [2, 6, 10].map((from) => range(from, 4)) as [readonly number[], readonly number[], readonly number[]];
  return {
    name: `md5Group${lanes}`,
    parameters: 2,
    i32Locals: 0,
    v128Locals: 12,
    body: [
      groups.map((one) => range(0, 4).map((word) => storeVector(ZERO, loadVector(ZERO, LAYOUT.md5Start + word * 16), stateAt(one, word)))),
      call(compressIndex, get(steps)),
      groups.map((one) => storeVector(ZERO, splat(LAYOUT.md5Padding), LAYOUT.md5Pointers + one * 16)),
      call(compressIndex, i32(1)),
      groups.map((one) => [
        rows.map((row, word) => set(row, loadVector(ZERO, stateAt(one, word)))),
        transpose(rows, turned, scratch),
        turned.map((local, lane) => storeVector(get(out), get(local), (one * GROUP_LANES + lane) * 16)),
      ]),
    ],
  };
}

/** The two MD5 functions of a width, for a module in which the first comes to stand at `firstIndex`. */
export function md5Functions(lanes: number, firstIndex: number): readonly WasmFunction[] {
  return [compress(lanes), group(lanes, firstIndex)];
}
