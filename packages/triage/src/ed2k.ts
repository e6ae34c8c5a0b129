import { createMd4, type Md4 } from './md4.ts';

/** ED2K cuts a file into parts of this length (eMule protocol specification, Kulbak and Bickson, section 2). */
export const ED2K_PART_BYTES = 9_728_000;

/** A running ED2K hash. */
export interface Ed2k {
  update(bytes: Uint8Array): void;
  /**
   * Both dialects, 32 bytes: eMule's first, then the original one. They differ only where the length
   * is a whole number of parts, for which eMule adds the digest of an empty part.
   */
  digest(): Buffer;
}

/** The digest is MD4 of the parts' MD4 digests; for a single part, that part's own digest. */
export function createEd2k(): Ed2k {
  const parts: Buffer[] = [];
  let part: Md4 = createMd4();
  let partBytes = 0;
  return {
    update(bytes) {
      for (let at = 0; at < bytes.byteLength; ) {
        const length = Math.min(bytes.byteLength - at, ED2K_PART_BYTES - partBytes);
        part.update(bytes.subarray(at, at + length));
        at += length;
        partBytes += length;
        if (partBytes === ED2K_PART_BYTES) {
          parts.push(part.digest());
          part = createMd4();
          partBytes = 0;
        }
      }
    },
    digest() {
      const emule = combine([...parts, part.digest()]);
      return Buffer.concat([emule, partBytes === 0 && parts.length > 0 ? combine(parts) : emule]);
    },
  };
}

function combine(parts: readonly Buffer[]): Buffer {
  if (parts.length === 1) return parts[0]!;
  const whole = createMd4();
  for (const part of parts) whole.update(part);
  return whole.digest();
}
