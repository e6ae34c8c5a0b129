/**
 * Where things stand in the memory of a lane kernel. The first page is the kernel's own; the input
 * follows. "× 4" is one v128 a word: the same word of four messages.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 1,024 | MD5 constants T[1…64], × 4 |
 * | 1,024 | 1,024 | SHA-256 constants K[0…63], × 4 |
 * | 2,048 | 256 | MD5 state: a, b, c, d × 4 of lanes 0–3, then of each next four lanes |
 * | 2,304 | 64 | MD5 start values, × 4 |
 * | 2,368 | 64 | where each MD5 lane's bytes stand, u32 |
 * | 2,432 | 64 | MD5 padding step of equal blocks |
 * | 2,560 | 1,024 | MD5 message words: 16 × 4 of lanes 0–3, then of each next four lanes |
 * | 3,584 | 256 | SHA-256 message words, inner, × 4 |
 * | 3,840 | 256 | SHA-256 message words, outer, × 4 |
 * | 4,096 | 128 | SHA-256 state given out, × 4 |
 * | 5,120 | 4,096 | key states: inner and outer SHA-256 state × 4, 256 bytes a key |
 * | 9,216 | 2,048 | last bytes and padding of each MD5 lane's content, 128 bytes a lane |
 * | 12,288 | 32,768 | digests of one window |
 * | 45,056 | 16,384 | codes of one window |
 * | 65,536 | – | input |
 */
export const LAYOUT = {
  md5Constants: 0,
  sha256Constants: 1024,
  md5State: 2048,
  md5Start: 2304,
  md5Pointers: 2368,
  md5Padding: 2432,
  md5Words: 2560,
  innerWords: 3584,
  outerWords: 3840,
  sha256State: 4096,
  keyStates: 5120,
  tails: 9216,
  digests: 12_288,
  codes: 45_056,
  input: 65_536,
} as const;

/** 32-bit lanes of one v128. */
export const GROUP_LANES = 4;

/**
 * MD5 lanes of the wide program. Eight (two groups) are enough where a vector addition takes one
 * cycle; on processors where it takes two (Zen 5) sixteen are half as fast again, and nowhere slower.
 */
export const WIDE_LANES = 16;

/** MD5 lanes of the narrow program, for what is left over: on eight or fewer it is a quarter faster than the wide one. */
export const NARROW_LANES = 8;

/** Bytes one MD5 or SHA-256 step takes. */
export const STEP_BYTES = 64;

/** Digests that are made before they are copied out: 32 KiB, which stay in the processor's first cache. */
export const WINDOW_BLOCKS = 2048;

/** Keys whose states are kept: more than the sets one run opens; an older one is made again in microseconds. */
export const KEY_SLOTS = 16;
export const KEY_STATE_BYTES = 256;

/** Last bytes (under 64), 0x80, zeros, and the length: at most two steps. */
export const TAIL_BYTES = 128;
