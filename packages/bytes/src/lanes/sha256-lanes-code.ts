import { add, addI32, and, bytesOf, call, get, i32, loadVector, or, repeatWhile, select, set, shiftLeft, shiftRight, shuffle, splat, storeVector, tee, transpose, xor, type Code, type WasmFunction } from './wasm-code.ts';
import { CODE_PURPOSE } from './keyed-code.ts';
import { LAYOUT } from './lane-layout.ts';

/**
 * SHA-256 (FIPS 180-4) in four lanes, and on it the keyed code of a block's MD5 (keyed-code.ts):
 * HMAC (RFC 2104) with the key's two states at hand takes two steps a digest.
 */

const PRIMES: readonly number[] = firstPrimes(64);

/** The first 32 bits of the fractional part of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
export const SHA256_CONSTANTS: readonly number[] = PRIMES.map((prime) => fractionBits(Math.cbrt(prime)));

/** The same of the square roots of the first 8 primes (FIPS 180-4, 5.3.3). */
export const SHA256_START: readonly number[] = PRIMES.slice(0, 8).map((prime) => fractionBits(Math.sqrt(prime)));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let value = 2; primes.length < count; value++) if (primes.every((prime) => value % prime !== 0)) primes.push(value);
  return primes;
}

function fractionBits(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

function range(start: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}

// Locals of `sha256Compress`.
const [WORDS_AT, FROM, TO] = [0, 1, 2];
const STATE = range(3, 8);
const WORDS = range(11, 16);
const ROTATED = 27;
const FIRST_SUM = 28;

/** sha256Compress(words, from, to): one step from the state at `from`; the new state goes to `to`. */
function compress(): WasmFunction {
  return {
    name: 'sha256Compress',
    parameters: 3,
    i32Locals: 0,
    v128Locals: 26,
    body: [
      STATE.map((local, i) => set(local, loadVector(get(FROM), i * 16))),
      WORDS.map((local, i) => set(local, loadVector(get(WORDS_AT), i * 16))),
      range(0, 64).map((i) => [i < 16 ? [] : schedule(i), round(i)]),
      STATE.map((local, i) => storeVector(get(TO), add(get(local), loadVector(get(FROM), i * 16)), i * 16)),
    ],
  };
}

/** W[i] from the sixteen words before it, in the place of the oldest. */
function schedule(i: number): Code {
  const word = (back: number): number => WORDS[(i - back) & 15]!;
  const small0 = xor(xor(rotateRight(get(word(15)), 7), rotateRight(get(word(15)), 18)), shiftRight(get(word(15)), 3));
  const small1 = xor(xor(rotateRight(get(word(2)), 17), rotateRight(get(word(2)), 19)), shiftRight(get(word(2)), 10));
  return bytesOf(set(word(16), add(add(get(word(16)), small0), add(get(word(7)), small1))));
}

/** The names of the state turn with each round, so nothing is moved. */
function round(i: number): Code {
  const [a, b, c, d, e, f, g, h] = range(0, 8).map((name) => STATE[(name - i + 64) & 7]!) as [number, number, number, number, number, number, number, number];
  const big1 = xor(xor(rotateRight(get(e), 6), rotateRight(get(e), 11)), rotateRight(get(e), 25));
  const big0 = xor(xor(rotateRight(get(a), 2), rotateRight(get(a), 13)), rotateRight(get(a), 22));
  const constant = loadVector(i32(0), LAYOUT.sha256Constants + i * 16);
  return bytesOf([
    set(FIRST_SUM, add(add(add(get(h), add(constant, get(WORDS[i & 15]!))), select(get(e), get(f), get(g))), big1)),
    set(d, add(get(d), get(FIRST_SUM))),
    // Maj: where a and b differ c decides, else b is the majority.
    set(h, add(add(get(FIRST_SUM), big0), select(xor(get(a), get(b)), get(c), get(b)))),
  ]);
}

function rotateRight(value: Code, bits: number): Code {
  return or(shiftRight(tee(ROTATED, value), bits), shiftLeft(get(ROTATED), 32 - bits));
}

// Locals of `codes`.
const [DIGESTS, KEY, OUT, GROUPS] = [0, 1, 2, 3];
const ROWS = range(4, 4);
const TURNED = range(8, 4);
const SCRATCH = range(12, 4);
const LAST_WORD = 16;
const FIRST = 17;
const SECOND = 18;

/** Bytes of an MD5 after the purpose byte, as four big-endian words; byte 16 is the purpose. */
const FIRST_WORDS = [2, 1, 0, 16, 6, 5, 4, 3, 10, 9, 8, 7, 14, 13, 12, 11];

/** codes(digests, key state, out, groups): keyed codes of `groups` (≥ 1) times four MD5s, 32 bytes a group to `out`. */
function codes(compressIndex: number): WasmFunction {
  const at = i32(0);
  return {
    name: 'codes',
    parameters: 4,
    i32Locals: 0,
    v128Locals: 15,
    body: [
      repeatWhile(
        tee(GROUPS, addI32(get(GROUPS), i32(-1))),
        ROWS.map((row, lane) => set(row, loadVector(get(DIGESTS), lane * 16))),
        set(LAST_WORD, lastWord()),
        ROWS.map((row) => set(row, shuffle(get(row), splat(CODE_PURPOSE.blockMd5), FIRST_WORDS))),
        transpose(ROWS, TURNED, SCRATCH),
        TURNED.map((local, i) => storeVector(at, get(local), LAYOUT.innerWords + i * 16)),
        storeVector(at, get(LAST_WORD), LAYOUT.innerWords + 64),
        call(compressIndex, i32(LAYOUT.innerWords), get(KEY), i32(LAYOUT.outerWords)),
        call(compressIndex, i32(LAYOUT.outerWords), addI32(get(KEY), i32(128)), i32(LAYOUT.sha256State)),
        set(FIRST, loadVector(at, LAYOUT.sha256State)),
        set(SECOND, loadVector(at, LAYOUT.sha256State + 16)),
        storeVector(get(OUT), shuffle(get(FIRST), get(SECOND), bigEndianPairs(0))),
        storeVector(get(OUT), shuffle(get(FIRST), get(SECOND), bigEndianPairs(2)), 16),
        set(DIGESTS, addI32(get(DIGESTS), i32(64))),
        set(OUT, addI32(get(OUT), i32(32))),
      ),
    ],
  };
}

/** Fifth word of each inner message: the last byte of the MD5, then 0x80, where the padding begins. */
function lastWord(): Code {
  const pairs = (a: number, b: number): Code => shuffle(get(a), get(b), [15, 15, 15, 15, 31, 31, 31, 31, 15, 15, 15, 15, 31, 31, 31, 31]);
  const bytes = shuffle(pairs(ROWS[0]!, ROWS[1]!), pairs(ROWS[2]!, ROWS[3]!), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
  return or(and(bytes, splat(-0x0100_0000)), splat(0x0080_0000));
}

/** The first two state words of lanes `lane` and `lane + 1`, as big-endian bytes. */
function bigEndianPairs(lane: number): number[] {
  return [lane, lane + 1].flatMap((one) => [one * 4, 16 + one * 4].flatMap((word) => [word + 3, word + 2, word + 1, word]));
}

/** The SHA-256 functions; `sha256Compress` comes to stand at `firstIndex` of the module. */
export function sha256Functions(firstIndex: number): readonly WasmFunction[] {
  return [compress(), codes(firstIndex)];
}
