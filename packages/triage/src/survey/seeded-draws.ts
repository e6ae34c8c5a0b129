import { createCipheriv, createHash } from 'node:crypto';

/** Opens every derivation, so that no other use of the same seed gives the same draws. */
const DOMAIN = 'kerbside survey plan 1';

/** Bytes of one draw: the upper 53 bits of 8 bytes make a fraction. */
const DRAW_BYTES = 8;
const DRAWS_PER_BLOCK = 2;

/**
 * A key for one purpose: SHA-256(domain ‖ 0x00 ‖ purpose ‖ 0x00 ‖ number as u64le ‖ seed).
 *
 * @param seed the plan's secret until the run has ended, then part of the certificate
 */
export function deriveDrawKey(seed: Uint8Array, purpose: string, number: number): Buffer {
  const numberBytes = Buffer.alloc(8);
  numberBytes.writeBigUInt64LE(BigInt(number));
  return createHash('sha256').update(`${DOMAIN}\0${purpose}\0`).update(numberBytes).update(seed).digest();
}

/**
 * Independent, uniform fractions in [0, 1) of 53 bits: draw i is bytes 8i to 8i + 7 of the AES-256-CTR key
 * stream (NIST SP 800-38A, counter block big-endian from 0), little-endian, shifted right by 11 bits.
 *
 * @param key from `deriveDrawKey`
 * @param first number of the first draw; even, because a cipher block holds two
 */
export function drawFractions(key: Uint8Array, first: number, count: number): Float64Array {
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(first / DRAWS_PER_BLOCK), 8);
  const stream = createCipheriv('aes-256-ctr', key, counter).update(Buffer.alloc(count * DRAW_BYTES));
  const fractions = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const low = stream.readUInt32LE(i * DRAW_BYTES);
    const high = stream.readUInt32LE(i * DRAW_BYTES + 4);
    fractions[i] = (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  }
  return fractions;
}
