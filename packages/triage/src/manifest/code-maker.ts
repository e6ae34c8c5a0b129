import { CODE_BYTES, CODE_KEY_BYTES } from '@kerbside/bytes';

/*
 * The same codes as `keyedCode` of bytes, for millions of digests: HMAC-SHA-256 (RFC 2104, FIPS 180-4)
 * of one purpose byte and a digest. Key and padding blocks are compressed once for a key, so a code
 * costs two compressions and no object: about a twentieth of what `createHmac` costs for so short a text.
 */

/** Makes codes of digests that stand side by side. */
export interface CodeMaker {
  /**
   * @param digests `count` digests of `digestBytes` each (16, 20 or 32)
   * @param into receives 8 bytes a digest, side by side
   */
  codesOf(purpose: number, digests: Uint8Array, digestBytes: number, count: number, into: Uint8Array): void;
}

const BLOCK_BYTES = 64;

/** Longest text that fits one block with its padding: 64 − 1 − 8 bytes, one of them the purpose. */
const MAX_DIGEST_BYTES = BLOCK_BYTES - 9 - 1;

/** Bits that both hashes have behind them: the key's block, then the text. */
const KEY_BLOCK_BITS = BLOCK_BYTES * 8;

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const ROUND_CONSTANTS = fractionsOfRoots(64, Math.cbrt);

/** The same of the square roots of the first 8 primes (FIPS 180-4, 5.3.3). */
const START_STATE = fractionsOfRoots(8, Math.sqrt);

/** @throws RangeError when the key is not 32 bytes */
export function createCodeMaker(codeKey: Uint8Array): CodeMaker {
  if (codeKey.length !== CODE_KEY_BYTES) throw new RangeError(`a code key has ${CODE_KEY_BYTES} bytes, this one ${codeKey.length}`);
  const schedule = new Int32Array(64);
  const innerStart = stateAfterKey(codeKey, 0x36, schedule);
  const outerStart = stateAfterKey(codeKey, 0x5c, schedule);
  const state = new Int32Array(8);
  return {
    codesOf(purpose, digests, digestBytes, count, into) {
      if (digestBytes > MAX_DIGEST_BYTES) throw new RangeError(`a digest has at most ${MAX_DIGEST_BYTES} bytes`);
      for (let number = 0; number < count; number++) {
        loadText(schedule, purpose, digests, number * digestBytes, digestBytes);
        state.set(innerStart);
        compress(state, schedule);
        schedule.set(state);
        schedule[8] = 0x8000_0000 | 0;
        schedule.fill(0, 9, 15);
        schedule[15] = KEY_BLOCK_BITS + 256;
        state.set(outerStart);
        compress(state, schedule);
        const at = number * CODE_BYTES;
        const [first, second] = [state[0]!, state[1]!];
        into[at] = first >>> 24;
        into[at + 1] = first >>> 16;
        into[at + 2] = first >>> 8;
        into[at + 3] = first;
        into[at + 4] = second >>> 24;
        into[at + 5] = second >>> 16;
        into[at + 6] = second >>> 8;
        into[at + 7] = second;
      }
    },
  };
}

/** The text's only block: purpose, digest, a one bit, zeros, the length in bits of all that was hashed. */
function loadText(schedule: Int32Array, purpose: number, digests: Uint8Array, at: number, digestBytes: number): void {
  schedule.fill(0, 0, 16);
  schedule[0] = purpose << 24;
  for (let i = 0; i < digestBytes; i++) {
    const place = i + 1;
    schedule[place >> 2] = schedule[place >> 2]! | (digests[at + i]! << (24 - (place & 3) * 8));
  }
  const end = digestBytes + 1;
  schedule[end >> 2] = schedule[end >> 2]! | (0x80 << (24 - (end & 3) * 8));
  schedule[15] = KEY_BLOCK_BITS + end * 8;
}

function stateAfterKey(codeKey: Uint8Array, padding: number, schedule: Int32Array): Int32Array {
  const block = Buffer.alloc(BLOCK_BYTES, padding);
  for (let i = 0; i < codeKey.length; i++) block[i] = codeKey[i]! ^ padding;
  for (let i = 0; i < 16; i++) schedule[i] = block.readInt32BE(i * 4);
  const state = Int32Array.from(START_STATE);
  compress(state, schedule);
  return state;
}

/** SHA-256's compression (FIPS 180-4, 6.2.2); the block is the first 16 words of `w`, the rest is overwritten. */
function compress(state: Int32Array, w: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const near = w[i - 2]!;
    const far = w[i - 15]!;
    const nearMix = ((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10);
    const farMix = ((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3);
    w[i] = (w[i - 16]! + w[i - 7]! + nearMix + farMix) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const mixE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + mixE + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[i]! + w[i]!) | 0;
    const mixA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (mixA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
  state[4] = state[4]! + e;
  state[5] = state[5]! + f;
  state[6] = state[6]! + g;
  state[7] = state[7]! + h;
}

function fractionsOfRoots(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return Int32Array.from(primes, (prime) => (root(prime) % 1) * 0x1_0000_0000);
}
