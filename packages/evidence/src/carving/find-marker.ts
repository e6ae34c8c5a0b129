/**
 * Looks for the end of JPEG entropy-coded data: the first byte FF that no 00 follows. A plain loop
 * does 0.7 GB/s and a search for FF alone stops at each stuffed byte, so this is WebAssembly, 16
 * bytes at a time, assembled here:
 *
 *     find(at, end):  while at + 16 <= end
 *                       m = (bytes[at..] == FF) & (bytes[at+1..] != 00)
 *                       if any of m: return at + place of the first
 *                       at += 16
 *                     while at < end: the same for one byte; then return end
 */

/** What is used of it; the types of Node leave it out. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** Memory of one search and the function over it. */
export interface MarkerScanner {
  readonly memory: Buffer;
  /**
   * First place in `at..end` that holds FF and is not followed by 00, else `end`. The byte at `end` is
   * looked at as a follower, so it must be of the same data.
   */
  readonly find: (at: number, end: number) => number;
}

const I32 = 0x7f;
const V128 = 0x7b;
const WASM_PAGE_BYTES = 64 * 1024;

/** One scanner with `sizeBytes` of memory, rounded up to 64 KiB and one such page more. */
export function makeMarkerScanner(sizeBytes: number): MarkerScanner {
  const pages = Math.ceil(sizeBytes / WASM_PAGE_BYTES) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembleModule(pages)), { m: { m: memory } });
  return { memory: Buffer.from(memory.buffer), find: exports['f'] as (at: number, end: number) => number };
}

/** Kept for the next search: V8 is slow to give memory of this kind back. */
let spare: MarkerScanner | null = null;

/** A scanner of at least `sizeBytes`, to be given back once; its memory holds whatever it held. */
export function borrowScanner(sizeBytes: number): MarkerScanner {
  const kept = spare;
  spare = null;
  return kept !== null && kept.memory.length >= sizeBytes + WASM_PAGE_BYTES ? kept : makeMarkerScanner(sizeBytes);
}

export function giveBackScanner(scanner: MarkerScanner): void {
  spare = scanner;
}

function assembleModule(pages: number): Uint8Array<ArrayBuffer> {
  const [AT, END, MASK] = [0x00, 0x01, 0x02];
  const get = (local: number): number[] => [0x20, local];
  const constant = (value: number): number[] => [0x41, ...signedLeb(value)];
  const simd = (opcode: number): number[] => [0xfd, ...unsignedLeb(opcode)];
  const splat = (byte: number): number[] => [...simd(12), ...Array.from({ length: 16 }, () => byte)];
  const load = (offset: number): number[] => [...get(AT), ...simd(0), 0x00, offset];
  const loadByte = (offset: number): number[] => [...get(AT), 0x2d, 0x00, offset];
  const step = (by: number): number[] => [...get(AT), ...constant(by), 0x6a, 0x21, AT];
  const [EQ, NE, AND, ANY, BITMASK] = [simd(35), simd(36), simd(78), simd(83), simd(100)];
  const body = [
    [0x02, 0x40, 0x03, 0x40], // block, loop
    [...get(AT), ...constant(16), 0x6a, ...get(END), 0x4b, 0x0d, 0x01], // leave the block when at + 16 > end
    [...load(0), ...splat(0xff), ...EQ, ...load(1), ...splat(0x00), ...NE, ...AND, 0x22, MASK, ...ANY],
    [0x04, 0x40, ...get(AT), ...get(MASK), ...BITMASK, 0x68, 0x6a, 0x0f, 0x0b], // if any: return at + trailing zeros
    [...step(16), 0x0c, 0x00, 0x0b, 0x0b],
    [0x03, 0x40, ...get(AT), ...get(END), 0x4f, 0x04, 0x40, ...get(END), 0x0f, 0x0b], // loop: at >= end: return end
    [...loadByte(0), ...constant(0xff), 0x46, ...loadByte(1), 0x45, 0x45, 0x71, 0x04, 0x40, ...get(AT), 0x0f, 0x0b],
    [...step(1), 0x0c, 0x00, 0x0b, 0x00, 0x0b],
  ].flat();
  const code = [0x01, 0x01, V128, ...body];
  const name = (text: string): number[] => [text.length, ...Buffer.from(text, 'latin1')];
  const section = (id: number, content: readonly number[]): number[] => [id, ...unsignedLeb(content.length), ...content];
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    ...section(1, [0x01, 0x60, 0x02, I32, I32, 0x01, I32]),
    ...section(2, [0x01, ...name('m'), ...name('m'), 0x02, 0x01, ...unsignedLeb(pages), ...unsignedLeb(pages)]),
    ...section(3, [0x01, 0x00]),
    ...section(7, [0x01, ...name('f'), 0x00, 0x00]),
    ...section(10, [0x01, ...unsignedLeb(code.length), ...code]),
  ]);
}

/** LEB128, the variable-length numbers of WebAssembly. */
function unsignedLeb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsignedLeb(value >>> 7)];
}

/** The signed form of a number that is not negative: a set bit 6 in the last byte would make it so. */
function signedLeb(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signedLeb(value >>> 7)];
}
