import { LAYOUT, NARROW_LANES, WIDE_LANES } from './lane-layout.ts';
import { MD5_CONSTANTS, MD5_START, md5Functions } from './md5-lanes-code.ts';
import { SHA256_CONSTANTS, sha256Functions } from './sha256-lanes-code.ts';
import { buildModule } from './wasm-code.ts';

/** The part of the runtime's WebAssembly interface used here; TypeScript declares it only together with a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: { e: { m: object } }) => { readonly exports: object };
};

const PAGE_BYTES = 65_536;

/** The functions of md5-lanes-code.ts and sha256-lanes-code.ts. */
interface LanePrograms {
  readonly md5Compress16: (steps: number) => void;
  readonly md5Group16: (steps: number, out: number) => void;
  readonly md5Compress8: (steps: number) => void;
  readonly md5Group8: (steps: number, out: number) => void;
  readonly sha256Compress: (words: number, from: number, to: number) => void;
  readonly codes: (digests: number, keyState: number, out: number, groups: number) => void;
}

/** The lane programs and the one piece of memory they work on (lane-layout.ts). */
export interface LaneKernel extends LanePrograms {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Uint32Array<ArrayBuffer>;
}

/** Compiled once a thread, and only when the first kernel is asked for. */
const compiled: { module: object | null } = { module: null };

/** The module, made anew from its source. */
export function laneModuleBytes(): Uint8Array<ArrayBuffer> {
  const wide = md5Functions(WIDE_LANES, 0);
  const narrow = md5Functions(NARROW_LANES, wide.length);
  return buildModule([...wide, ...narrow, ...sha256Functions(wide.length + narrow.length)]);
}

/**
 * Makes a kernel whose memory has room for `inputBytes` at LAYOUT.input. The memory never grows,
 * so views of it stay good.
 * @throws whatever the runtime throws where it has no WebAssembly SIMD or no memory to give
 */
export function createLaneKernel(inputBytes: number): LaneKernel {
  compiled.module ??= new WebAssembly.Module(laneModuleBytes());
  const pages = Math.ceil((LAYOUT.input + inputBytes) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const programs = new WebAssembly.Instance(compiled.module, { e: { m: memory } }).exports as LanePrograms;
  const kernel = { bytes: new Uint8Array(memory.buffer), words: new Uint32Array(memory.buffer), ...programs };
  writeSplat(kernel, LAYOUT.md5Constants, MD5_CONSTANTS);
  writeSplat(kernel, LAYOUT.md5Start, MD5_START);
  writeSplat(kernel, LAYOUT.sha256Constants, SHA256_CONSTANTS);
  // Messages of 64 + 17 bytes (key block, purpose and MD5) and of 64 + 32 bytes (key block and inner digest): lengths in bits.
  writeSplat(kernel, LAYOUT.innerWords + 15 * 16, [(64 + 17) * 8]);
  writeSplat(kernel, LAYOUT.outerWords + 8 * 16, [0x8000_0000, 0, 0, 0, 0, 0, 0, (64 + 32) * 8]);
  return kernel;
}

/** Writes each value four times, one a lane, from byte `at` on. */
export function writeSplat(kernel: Pick<LaneKernel, 'words'>, at: number, values: readonly number[]): void {
  values.forEach((value, i) => kernel.words.fill(value, at / 4 + i * 4, at / 4 + i * 4 + 4));
}
