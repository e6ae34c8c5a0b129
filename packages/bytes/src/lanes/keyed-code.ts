import { createHmac } from 'node:crypto';

/**
 * What a code is made of, so that a block's code is never a file's. Part of the published format
 * (docs/reference/block-set-format.md).
 */
export const CODE_PURPOSE = { blockMd5: 0x01, fileMd5: 0x11, fileSha1: 0x12, fileSha256: 0x13 } as const;

export const CODE_BYTES = 8;
export const CODE_KEY_BYTES = 32;

/**
 * A code of a digest that says nothing to who has not the key: the first 8 bytes of
 * HMAC-SHA-256(key, purpose byte ‖ digest) (RFC 2104, FIPS 198-1).
 */
export function keyedCode(codeKey: Uint8Array, purpose: number, digest: Uint8Array): Buffer {
  return createHmac('sha256', codeKey).update(Uint8Array.of(purpose)).update(digest).digest().subarray(0, CODE_BYTES);
}
