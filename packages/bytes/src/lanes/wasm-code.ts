/**
 * A small assembler: WebAssembly instructions as nested lists of bytes, and a module around them
 * (WebAssembly Core Specification 2.0, chapter 5, "Binary Format"). Only what the lane programs need.
 *
 * | section | id | what is written |
 * | --- | --- | --- |
 * | type | 1 | one signature a function: i32 parameters, no result |
 * | import | 2 | `e.m`: a memory of at least one page |
 * | function | 3 | type index of each function |
 * | export | 7 | every function, under its name |
 * | code | 10 | locals and body of each function |
 */

/** Instructions, in order; nesting has no meaning. */
export type Code = Uint8Array | readonly (number | Code)[];

/** One function: its parameters are i32 locals 0…, then further i32 locals, then v128 locals. It returns nothing. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly i32Locals: number;
  readonly v128Locals: number;
  readonly body: Code;
}

const VOID = 0x40;
const I32 = 0x7f;
const V128 = 0x7b;
const SIMD = 0xfd;

export const get = (local: number): Code => [0x20, unsignedLeb(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, unsignedLeb(local)];
export const tee = (local: number, value: Code): Code => [value, 0x22, unsignedLeb(local)];
export const i32 = (value: number): Code => [0x41, signedLeb(value)];
export const addI32 = (a: Code, b: Code): Code => [a, b, 0x6a];
export const call = (functionIndex: number, ...values: readonly Code[]): Code => [values, 0x10, unsignedLeb(functionIndex)];

/** Runs `body`, and again while `condition`, evaluated at its end, is not 0. */
export const repeatWhile = (condition: Code, ...body: readonly Code[]): Code => [0x03, VOID, body, condition, 0x0d, 0, 0x0b];

export const loadI32 = (address: Code, offset = 0): Code => [address, 0x28, 0, unsignedLeb(offset)];

// Alignment 0 in every access: the hint costs nothing to leave out, and input may stand anywhere.
export const loadVector = (address: Code, offset = 0): Code => [address, SIMD, 0x00, 0, unsignedLeb(offset)];
export const storeVector = (address: Code, value: Code, offset = 0): Code => [address, value, SIMD, 0x0b, 0, unsignedLeb(offset)];
export const splat = (value: number): Code => [i32(value), SIMD, 0x11];
export const and = (a: Code, b: Code): Code => [a, b, SIMD, 0x4e];
/** a & ~b */
export const andNot = (a: Code, b: Code): Code => [a, b, SIMD, 0x4f];
export const or = (a: Code, b: Code): Code => [a, b, SIMD, 0x50];
export const xor = (a: Code, b: Code): Code => [a, b, SIMD, 0x51];
/** Bits of `a` where `mask` is 1, of `b` where it is 0. */
export const select = (mask: Code, a: Code, b: Code): Code => [a, b, mask, SIMD, 0x52];
export const add = (a: Code, b: Code): Code => [a, b, SIMD, unsignedLeb(0xae)];
export const shiftLeft = (a: Code, bits: number): Code => [a, i32(bits), SIMD, unsignedLeb(0xab)];
export const shiftRight = (a: Code, bits: number): Code => [a, i32(bits), SIMD, unsignedLeb(0xad)];

/** Bytes picked from `a` (0–15) and `b` (16–31). */
export function shuffle(a: Code, b: Code, bytes: readonly number[]): Code {
  if (bytes.length !== 16 || bytes.some((byte) => !(byte >= 0 && byte < 32))) throw new RangeError('a shuffle picks 16 of 32 bytes');
  return [a, b, SIMD, 0x0d, bytes];
}

/** 32-bit lanes picked from `a` (0–3) and `b` (4–7). */
export function shuffleLanes(a: Code, b: Code, lanes: readonly [number, number, number, number]): Code {
  return shuffle(a, b, lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)));
}

/** Turns four vectors of four lanes around: lane i of row j becomes lane j of row i. `scratch`: four locals that may be overwritten. */
export function transpose(rows: readonly number[], results: readonly number[], scratch: readonly number[]): Code {
  const [r0, r1, r2, r3] = rows.map(get) as [Code, Code, Code, Code];
  const [s0, s1, s2, s3] = scratch as [number, number, number, number];
  const [t0, t1, t2, t3] = results as [number, number, number, number];
  return [
    set(s0, shuffleLanes(r0, r1, [0, 4, 1, 5])),
    set(s1, shuffleLanes(r2, r3, [0, 4, 1, 5])),
    set(s2, shuffleLanes(r0, r1, [2, 6, 3, 7])),
    set(s3, shuffleLanes(r2, r3, [2, 6, 3, 7])),
    set(t0, shuffleLanes(get(s0), get(s1), [0, 1, 4, 5])),
    set(t1, shuffleLanes(get(s0), get(s1), [2, 3, 6, 7])),
    set(t2, shuffleLanes(get(s2), get(s3), [0, 1, 4, 5])),
    set(t3, shuffleLanes(get(s2), get(s3), [2, 3, 6, 7])),
  ];
}

/** A whole module that works on an imported memory `e.m` and exports every function. */
export function buildModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const parts = [
    bytesOf([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]),
    section(1, functions.map(({ parameters }) => bytesOf([0x60, parameters, Array<number>(parameters).fill(I32), 0]))),
    section(2, [bytesOf([text('e'), text('m'), 0x02, 0x00, 1])]),
    section(3, functions.map((_, index) => bytesOf([unsignedLeb(index)]))),
    section(7, functions.map(({ name }, index) => bytesOf([text(name), 0x00, unsignedLeb(index)]))),
    section(10, functions.map(codeOf)),
  ];
  return Uint8Array.from(Buffer.concat(parts));
}

function codeOf({ i32Locals, v128Locals, body }: WasmFunction): Uint8Array {
  const code = bytesOf([2, unsignedLeb(i32Locals), I32, unsignedLeb(v128Locals), V128, body, 0x0b]);
  return Buffer.concat([bytesOf([unsignedLeb(code.length)]), code]);
}

/** A section is a vector: a count and as many elements. */
function section(id: number, elements: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat([bytesOf([unsignedLeb(elements.length)]), ...elements]);
  return Buffer.concat([bytesOf([id, unsignedLeb(content.length)]), content]);
}

function text(ascii: string): Code {
  return [unsignedLeb(ascii.length), [...Buffer.from(ascii, 'latin1')]];
}

/** The bytes of some code. A long program packs its parts as it makes them: fifty thousand small lists at once cost ten times the memory and twice the time. */
export function bytesOf(code: Code): Uint8Array {
  const length = append(code, 0);
  return packed.slice(0, length);
}

/** Room for the longest piece of code so far, used again for each call. */
let packed = new Uint8Array(1024);

function append(code: Code, from: number): number {
  let at = from;
  if (code instanceof Uint8Array) {
    while (at + code.length > packed.length) grow();
    packed.set(code, at);
    return at + code.length;
  }
  for (let i = 0; i < code.length; i++) {
    const part = code[i]!;
    if (typeof part !== 'number') {
      at = append(part, at);
      continue;
    }
    if (at === packed.length) grow();
    packed[at++] = part;
  }
  return at;
}

function grow(): void {
  const larger = new Uint8Array(packed.length * 2);
  larger.set(packed);
  packed = larger;
}

/** LEB128, unsigned; one byte stands for itself, which spares a list for nearly every number. */
export function unsignedLeb(value: number): number | Code {
  return value < 0x80 ? value : [(value & 0x7f) | 0x80, unsignedLeb(value >>> 7)];
}

/** LEB128 of a signed 32-bit number. */
export function signedLeb(value: number): number | Code {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? low : [low | 0x80, signedLeb(rest)];
}
