/**
 * The instructions and the module of the search program: 64-bit whole numbers and two memories (WebAssembly Core
 * Specification 3.0, chapter 5, "Binary Format"), beside what the lane programs of package bytes have.
 *
 * | section | id | what is written |
 * | --- | --- | --- |
 * | type | 1 | one signature a function: i32 parameters, one i32 result or none |
 * | import | 2 | `e.index`: a shared memory, number 0; `e.scratch`: a memory of this thread alone, number 1 |
 * | function | 3 | type index of each function |
 * | export | 7 | every function, under its name |
 * | code | 10 | locals and body of each function |
 */
import { bytesOf, signedLeb, unsignedLeb, type Code } from '@kerbside/bytes';

/** The index, shared by all threads, or the scratch of this one. */
export type MemoryName = 'index' | 'scratch';

/** One function: parameters are i32 locals 0…, then further i32 locals, then i64 locals. */
export interface SearchFunction {
  readonly name: string;
  readonly parameters: number;
  readonly hasResult: boolean;
  readonly i32Locals: number;
  readonly i64Locals: number;
  readonly body: Code;
}

/** A page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;
/** Most pages of a memory with 32-bit addresses: 4 GiB. */
export const MAX_PAGES = 65_536;

const I32 = 0x7f;
const I64 = 0x7e;
const VOID = 0x40;
const NUMBER: Readonly<Record<MemoryName, number>> = { index: 0, scratch: 1 };

export const get = (local: number): Code => [0x20, unsignedLeb(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, unsignedLeb(local)];
export const i32 = (value: number): Code => [0x41, signedLeb(value)];
export const call = (functionIndex: number, ...values: readonly Code[]): Code => [values, 0x10, unsignedLeb(functionIndex)];

/** Runs `body`; `leave(0)` inside it goes behind it. */
export const block = (...body: readonly Code[]): Code => [0x02, VOID, body, 0x0b];
/** Runs `body` once; `leave(0)` inside it begins it again. */
export const loop = (...body: readonly Code[]): Code => [0x03, VOID, body, 0x0b];
export const when = (condition: Code, ...body: readonly Code[]): Code => [condition, 0x04, VOID, body, 0x0b];
/** Leaves the block, or begins the loop again, that stands `depth` levels out. */
export const leave = (depth: number): Code => [0x0c, unsignedLeb(depth)];
export const leaveIf = (depth: number, condition: Code): Code => [condition, 0x0d, unsignedLeb(depth)];

export const add = (a: Code, b: Code): Code => [a, b, 0x6a];
export const subtract = (a: Code, b: Code): Code => [a, b, 0x6b];
export const and = (a: Code, b: Code): Code => [a, b, 0x71];
export const xor = (a: Code, b: Code): Code => [a, b, 0x73];
export const shiftLeft = (a: Code, bits: number): Code => [a, i32(bits), 0x74];
export const shiftRight = (a: Code, bits: number): Code => [a, i32(bits), 0x76];
export const countBits = (a: Code): Code => [a, 0x69];
export const notEqual = (a: Code, b: Code): Code => [a, b, 0x47];
export const equal = (a: Code, b: Code): Code => [a, b, 0x46];
export const less = (a: Code, b: Code): Code => [a, b, 0x49];
export const greater = (a: Code, b: Code): Code => [a, b, 0x4b];
export const atMost = (a: Code, b: Code): Code => [a, b, 0x4d];
export const atMostSigned = (a: Code, b: Code): Code => [a, b, 0x4c];
export const atLeast = (a: Code, b: Code): Code => [a, b, 0x4f];
export const atLeastSigned = (a: Code, b: Code): Code => [a, b, 0x4e];

export const addLong = (a: Code, b: Code): Code => [a, b, 0x7c];
export const andLong = (a: Code, b: Code): Code => [a, b, 0x83];
export const xorLong = (a: Code, b: Code): Code => [a, b, 0x85];
export const countBitsLong = (a: Code): Code => [a, 0x7b];
/** The low 32 bits. */
export const lowHalf = (a: Code): Code => [a, 0xa7];

// Bit 6 of the alignment says that the number of a memory follows.
const place = (memory: MemoryName, offset: number): Code => [0x40, NUMBER[memory], unsignedLeb(offset)];
export const load = (memory: MemoryName, address: Code, offset = 0): Code => [address, 0x28, place(memory, offset)];
export const loadLong = (memory: MemoryName, address: Code, offset = 0): Code => [address, 0x29, place(memory, offset)];
export const store = (memory: MemoryName, address: Code, value: Code, offset = 0): Code => [address, value, 0x36, place(memory, offset)];
export const storeLong = (memory: MemoryName, address: Code, value: Code, offset = 0): Code => [address, value, 0x37, place(memory, offset)];

/** The module around some functions; each may call those by their place in the list. */
export function buildSearchModule(functions: readonly SearchFunction[]): Uint8Array<ArrayBuffer> {
  const shared = [text('e'), text('index'), 0x02, 0x03, 1, unsignedLeb(MAX_PAGES)];
  const scratch = [text('e'), text('scratch'), 0x02, 0x00, 1];
  return Uint8Array.from(Buffer.concat([
    bytesOf([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]),
    section(1, functions.map(({ parameters, hasResult }) => bytesOf([0x60, parameters, Array<number>(parameters).fill(I32), hasResult ? [1, I32] : 0]))),
    section(2, [bytesOf(shared), bytesOf(scratch)]),
    section(3, functions.map((_, index) => bytesOf([unsignedLeb(index)]))),
    section(7, functions.map(({ name }, index) => bytesOf([text(name), 0x00, unsignedLeb(index)]))),
    section(10, functions.map(codeOf)),
  ]));
}

function codeOf({ i32Locals, i64Locals, body }: SearchFunction): Uint8Array {
  const code = bytesOf([2, unsignedLeb(i32Locals), I32, unsignedLeb(i64Locals), I64, body, 0x0b]);
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
