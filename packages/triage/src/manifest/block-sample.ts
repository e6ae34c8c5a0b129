import { CODE_BYTES } from '@kerbside/bytes';

/**
 * One block code in sixteen is kept, chosen by the code itself: the same blocks on every device and in
 * every set, so that what a new set holds of a device can be told from the sample alone.
 */
export const SAMPLE_MODULUS = 16;

/**
 * Most codes kept under one code key: 16 MiB of manifest. One 4 KiB block in sixteen of 128 GiB of
 * data that is all different; beyond that the smallest codes are kept, which is again a sample that every device shares.
 */
export const MAX_BLOCK_CODES = 2 * 1024 * 1024;

/** Whether the code at `at`, as a big-endian number, is 0 modulo {@link SAMPLE_MODULUS}. */
export function isSampled(codes: Uint8Array, at: number): boolean {
  return (codes[at + CODE_BYTES - 1]! & (SAMPLE_MODULUS - 1)) === 0;
}

/** What was kept. */
export interface SampledCodes {
  /** Sorted bytewise, each once. */
  readonly codes: Uint8Array;
  readonly leftOut: number;
  readonly below: string | null;
}

/** Gathers block codes of the sample in bounded memory: the smallest, each once, whatever their order. */
export interface BlockSample {
  /** Takes those of `count` codes that belong to the sample. */
  add(codes: Uint8Array, count: number): void;
  finish(): SampledCodes;
}

/** @param most for tests */
export function createBlockSample(most = MAX_BLOCK_CODES): BlockSample {
  // As big-endian numbers they sort as their bytes do.
  let kept = new BigUint64Array(1024);
  let fill = 0;
  let leftOut = 0;
  /** Codes from this one on are not kept. */
  let bound: bigint | null = null;

  const compact = (): void => {
    const sorted = kept.subarray(0, fill).sort();
    let distinct = 0;
    for (let i = 0; i < fill; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[distinct++] = sorted[i]!;
    if (distinct > most) {
      bound = sorted[most]!;
      leftOut += distinct - most;
      distinct = most;
    }
    fill = distinct;
  };

  return {
    add(codes, count) {
      const view = new DataView(codes.buffer, codes.byteOffset, count * CODE_BYTES);
      for (let at = 0; at < count * CODE_BYTES; at += CODE_BYTES) {
        if (!isSampled(codes, at)) continue;
        const code = view.getBigUint64(at);
        if (bound !== null && code >= bound) {
          leftOut += 1;
          continue;
        }
        if (fill === kept.length) {
          compact();
          if (fill * 2 > kept.length) {
            const larger = new BigUint64Array(Math.min(kept.length * 2, most * 2 + 2));
            larger.set(kept);
            kept = larger;
          }
        }
        kept[fill++] = code;
      }
    },
    finish() {
      compact();
      const codes = Buffer.alloc(fill * CODE_BYTES);
      for (let i = 0; i < fill; i++) codes.writeBigUInt64BE(kept[i]!, i * CODE_BYTES);
      return { codes, leftOut, below: bound === null ? null : bound.toString(16).padStart(CODE_BYTES * 2, '0') };
    },
  };
}
