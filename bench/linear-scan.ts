import { makeLinearScan } from './linear-scan-code.ts';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: { e: { m: object } }) => { readonly exports: object };
};

const PAGE_BYTES = 65_536;
const WORDS = 8;
/** Hashes looked at in one step. */
const GROUP = 4;

/** Looks at every hash for each query. */
export interface LinearScan {
  /** Numbers of all hashes within `radius` bits, and distances, in pairs. */
  search(query: Uint32Array, radius: number): number[];
}

/** @param hashes eight words each */
export function makeLinear(hashes: Uint32Array): LinearScan {
  const count = hashes.length / WORDS;
  const groups = Math.ceil(count / GROUP);
  const halvesAt = 0;
  const queryAt = groups * GROUP * 16;
  const foundAt = queryAt + 32;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((foundAt + groups * 4) / PAGE_BYTES) });
  const { scan } = new WebAssembly.Instance(new WebAssembly.Module(makeLinearScan()), { e: { m: memory } }).exports as {
    scan: (at: number, end: number, query: number, radius: number, found: number) => number;
  };
  const words = new Uint32Array(memory.buffer);
  for (let i = 0; i < count; i++) words.set(hashes.subarray(i * WORDS, i * WORDS + 4), i * 4);
  return {
    search(query, radius) {
      words.set(query, queryAt / 4);
      const end = scan(halvesAt, queryAt, queryAt, radius, foundAt);
      const matches: number[] = [];
      for (let at = foundAt / 4; at < end / 4; at++) {
        for (let i = words[at]! * GROUP; i < Math.min(count, (words[at]! + 1) * GROUP); i++) {
          const distance = distanceOf(hashes, i * WORDS, query);
          if (distance <= radius) matches.push(i, distance);
        }
      }
      return matches;
    },
  };
}

function distanceOf(hashes: Uint32Array, at: number, query: Uint32Array): number {
  let distance = 0;
  for (let word = 0; word < WORDS; word++) {
    let v = hashes[at + word]! ^ query[word]!;
    v -= (v >>> 1) & 0x5555_5555;
    v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333);
    distance += Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return distance;
}
