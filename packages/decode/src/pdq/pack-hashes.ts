/**
 * Hashes as they leave the sandbox: for each orientation (one, or all eight in the order of ORIENTATIONS)
 * and each dialect (in the order of DIALECTS)
 *
 *     offset  bytes
 *          0     32  hash, most significant byte first
 *         32      1  quality, 0 to 100
 */
import { DIALECTS, HASH_BYTES, ORIENTATIONS, type Dialect, type DialectHashes, type Orientation, type PdqHash, type PictureHashes } from './picture-hashes.ts';

const ENTRY_BYTES = HASH_BYTES + 1;
const ORIENTATION_BYTES = ENTRY_BYTES * DIALECTS.length;

export const PACKED_PLAIN_BYTES = ORIENTATION_BYTES;
export const PACKED_ORIENTATIONS_BYTES = ORIENTATION_BYTES * ORIENTATIONS.length;

/** Packs one or eight orientations, 66 or 528 bytes. */
export function packHashes(hashes: PictureHashes): Uint8Array {
  const { orientations } = hashes;
  const all = orientations === undefined ? [hashes.dialects] : ORIENTATIONS.map((one) => orientations[one]);
  const packed = new Uint8Array(all.length * ORIENTATION_BYTES);
  let at = 0;
  for (const dialects of all) {
    for (const dialect of DIALECTS) {
      packed.set(dialects[dialect].hash, at);
      packed[at + HASH_BYTES] = dialects[dialect].quality;
      at += ENTRY_BYTES;
    }
  }
  return packed;
}

/**
 * Reads packed hashes and trusts none of it.
 * @returns null when the length is neither of the two, or a quality is over 100
 */
export function unpackHashes(packed: Uint8Array): PictureHashes | null {
  if (packed.length !== PACKED_PLAIN_BYTES && packed.length !== PACKED_ORIENTATIONS_BYTES) return null;
  const entryAt = (index: number): PdqHash => {
    const at = index * ENTRY_BYTES;
    return { hash: packed.slice(at, at + HASH_BYTES), quality: packed[at + HASH_BYTES]! };
  };
  const all = Array.from({ length: packed.length / ORIENTATION_BYTES }, (_, place) => {
    return Object.fromEntries(DIALECTS.map((dialect, i) => [dialect, entryAt(place * DIALECTS.length + i)])) as Record<Dialect, PdqHash>;
  });
  if (all.some((dialects) => DIALECTS.some((dialect) => dialects[dialect].quality > 100))) return null;
  const [dialects] = all;
  if (all.length === 1) return { dialects: dialects! };
  const orientations = Object.fromEntries(ORIENTATIONS.map((one, i) => [one, all[i]])) as Record<Orientation, DialectHashes>;
  return { dialects: dialects!, orientations };
}
