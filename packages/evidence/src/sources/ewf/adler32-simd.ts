/**
 * Adler-32 (RFC 1950) over 16 bytes at a time, as a small WebAssembly module written out below
 * instruction by instruction. Every stored chunk of an E01 goes through it, and it is several times
 * as fast as a loop in JavaScript or a round trip through zlib, which allocates an output each time.
 *
 * For a run of n bytes split into steps of 16, with `v` the bytes of one step:
 *   sums   += Σ v            (the `a` part)
 *   before += sums           (taken before each step; counts 16 times into `b`)
 *   ramp   += Σ v·(16 … 1)
 *   b += a·n + 16·Σ before + Σ ramp,   a += Σ sums
 * 5,536 bytes are the longest run of whole steps before a 32-bit sum can pass 2^32.
 */

/** The part of the runtime's WebAssembly interface used here; TypeScript declares it only together with a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: { e: { m: object } }) => { readonly exports: Readonly<Record<string, unknown>> };
};

type Code = readonly (number | Code)[];

const PTR = 0;
const LENGTH = 1;
const A = 2;
const B = 3;
const RUN = 4;
const END = 5;
const BYTES = 6;
const SUMS = 7;
const RAMP = 8;
const BEFORE = 9;

const get = (local: number): Code => [0x20, local];
const set = (local: number, ...value: Code): Code => [...value, 0x21, local];
const tee = (local: number, ...value: Code): Code => [...value, 0x22, local];
const i32 = (value: number): Code => [0x41, signedLeb(value)];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const subtract = (a: Code, b: Code): Code => [a, b, 0x6b];
const multiply = (a: Code, b: Code): Code => [a, b, 0x6c];
const remainder = (a: Code, b: Code): Code => [a, b, 0x70];
const and = (a: Code, b: Code): Code => [a, b, 0x71];
const or = (a: Code, b: Code): Code => [a, b, 0x72];
const shiftLeft = (a: Code, b: Code): Code => [a, b, 0x74];
const lessThan = (a: Code, b: Code): Code => [a, b, 0x49];
const isZero = (a: Code): Code => [a, 0x45];
const block = (...body: Code): Code => [0x02, 0x40, ...body, 0x0b];
const loop = (...body: Code): Code => [0x03, 0x40, ...body, 0x0b];
const branch = (depth: number): Code => [0x0c, depth];
const branchIf = (depth: number, condition: Code): Code => [condition, 0x0d, depth];
const smaller = (a: Code, b: Code): Code => [a, b, lessThan(a, b), 0x1b];
const loadByte = (at: Code): Code => [at, 0x2d, 0, 0];
const loadVector = (at: Code): Code => [at, 0xfd, 0x00, 0, 0];
const vector = (...bytes: readonly number[]): Code => [0xfd, 0x0c, ...bytes];
const lane = (a: Code, index: number): Code => [a, 0xfd, 0x1b, index];
const addLanes32 = (a: Code, b: Code): Code => [a, b, 0xfd, 0xae, 0x01];
const addLanes16 = (a: Code, b: Code): Code => [a, b, 0xfd, 0x8e, 0x01];
const pairSums8 = (a: Code): Code => [a, 0xfd, 0x7d];
const pairSums16 = (a: Code): Code => [a, 0xfd, 0x7f];
const multiplyLow = (a: Code, b: Code): Code => [a, b, 0xfd, 0x9e, 0x01];
const multiplyHigh = (a: Code, b: Code): Code => [a, b, 0xfd, 0x9f, 0x01];
const total = (local: number): Code =>
  add(add(lane(get(local), 0), lane(get(local), 1)), add(lane(get(local), 2), lane(get(local), 3)));

const MODULUS = i32(65_521);
const ZERO = vector(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const WEIGHTS = vector(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);

const STEP: Code = [
  set(BYTES, loadVector(get(PTR))),
  set(BEFORE, addLanes32(get(BEFORE), get(SUMS))),
  set(SUMS, addLanes32(get(SUMS), pairSums16(pairSums8(get(BYTES))))),
  set(RAMP, addLanes32(get(RAMP), pairSums16(addLanes16(multiplyLow(get(BYTES), WEIGHTS), multiplyHigh(get(BYTES), WEIGHTS))))),
];

const BODY: Code = [
  set(A, i32(1)),
  block(
    loop(
      set(RUN, and(get(LENGTH), i32(-16))),
      branchIf(1, isZero(get(RUN))),
      set(RUN, smaller(get(RUN), i32(5_536))),
      set(SUMS, ZERO),
      set(RAMP, ZERO),
      set(BEFORE, ZERO),
      set(END, add(get(PTR), get(RUN))),
      loop(...STEP, branchIf(0, lessThan(tee(PTR, add(get(PTR), i32(16))), get(END)))),
      set(B, remainder(add(add(add(get(B), multiply(get(A), get(RUN))), multiply(total(BEFORE), i32(16))), total(RAMP)), MODULUS)),
      set(A, remainder(add(get(A), total(SUMS)), MODULUS)),
      set(LENGTH, subtract(get(LENGTH), get(RUN))),
      branch(0),
    ),
  ),
  // At most 15 bytes are left.
  block(
    loop(
      branchIf(1, isZero(get(LENGTH))),
      set(A, add(get(A), loadByte(get(PTR)))),
      set(B, add(get(B), get(A))),
      set(PTR, add(get(PTR), i32(1))),
      set(LENGTH, subtract(get(LENGTH), i32(1))),
      branch(0),
    ),
  ),
  or(shiftLeft(remainder(get(B), MODULUS), i32(16)), remainder(get(A), MODULUS)),
];

const PAGE_BYTES = 65_536;
const compiled: { module: object | null } = { module: null };

/** A buffer whose parts can be summed in place. */
export interface SummedBuffer {
  readonly bytes: Buffer;
  /** Adler-32 of `length` bytes at `start` of the buffer. */
  adler32(start: number, length: number): number;
}

/** Makes a buffer of at least `sizeBytes` that lives in the module's memory. */
export function createSummedBuffer(sizeBytes: number): SummedBuffer {
  compiled.module ??= new WebAssembly.Module(moduleBytes());
  const memory = new WebAssembly.Memory({ initial: Math.ceil(sizeBytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(compiled.module, { e: { m: memory } });
  const sum = exports['s'] as (start: number, length: number) => number;
  const bytes = Buffer.from(memory.buffer);
  return {
    bytes,
    adler32(start, length) {
      if (!(start >= 0 && length >= 0 && start + length <= bytes.length)) throw new RangeError('a sum outside the buffer');
      return sum(start, length) >>> 0;
    },
  };
}

function moduleBytes(): Uint8Array {
  // Two parameters and their locals: four more i32, four v128.
  const code = [2, 4, 0x7f, 4, 0x7b, ...flat(BODY), 0x0b];
  const section = (id: number, content: readonly number[]): number[] => [id, ...unsignedLeb(content.length), ...content];
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]), // (i32, i32) -> i32
    ...section(2, [1, 1, 0x65, 1, 0x6d, 0x02, 0x00, 1]), // import e.m: memory of at least 1 page
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x73, 0x00, 0]), // export s: function 0
    ...section(10, [1, ...unsignedLeb(code.length), ...code]),
  ]);
}

function flat(code: Code): number[] {
  return code.flatMap((part) => (typeof part === 'number' ? [part] : flat(part)));
}

function unsignedLeb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsignedLeb(value >>> 7)];
}

function signedLeb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signedLeb(rest)];
}
