import { sortByKey } from '../build/sort-keys.ts';
import { NEAR_SPILL_BYTES } from './near-collector.ts';
import { PDQ_BYTES } from './pdq-hash.ts';

/** Places in a spilled entry; see `near-layout.ts`. */
const DIGEST_KIND_AT = PDQ_BYTES + 5;
const OWNER_AT = PDQ_BYTES + 8;
const TIME_AT = PDQ_BYTES + 12;
const LABEL_AT = PDQ_BYTES + 16;
const DIGEST_AT = PDQ_BYTES + 20;
const QUALITY_AT = PDQ_BYTES + 4;

/** Offsets of the entries of a loaded bucket in the order of their hashes, and of their rows where those are equal. */
export function sortSpilled(bytes: Buffer): Uint32Array {
  const count = bytes.length / NEAR_SPILL_BYTES;
  const keys = new Uint32Array(count);
  // Entries of one bucket share the first byte; the next four order nearly all.
  for (let i = 0; i < count; i++) keys[i] = bytes.readUInt32BE(i * NEAR_SPILL_BYTES + 1);
  const order = sortByKey(keys, count, (a, b) => compareSpilled(bytes, a * NEAR_SPILL_BYTES, b * NEAR_SPILL_BYTES));
  for (let i = 0; i < count; i++) order[i] = order[i]! * NEAR_SPILL_BYTES;
  return order;
}

/** By hash, then by what makes two rows the same, then by the rest. */
export function compareSpilled(bytes: Buffer, a: number, b: number): number {
  return (
    bytes.compare(bytes, b, b + PDQ_BYTES + 4, a, a + PDQ_BYTES + 4) ||
    bytes.compare(bytes, b + DIGEST_KIND_AT, b + DIGEST_KIND_AT + 2, a + DIGEST_KIND_AT, a + DIGEST_KIND_AT + 2) ||
    bytes.compare(bytes, b + DIGEST_AT, b + NEAR_SPILL_BYTES, a + DIGEST_AT, a + NEAR_SPILL_BYTES) ||
    bytes.readUInt32LE(a + TIME_AT) - bytes.readUInt32LE(b + TIME_AT) ||
    bytes.readUInt32LE(a + LABEL_AT) - bytes.readUInt32LE(b + LABEL_AT) ||
    bytes[b + QUALITY_AT]! - bytes[a + QUALITY_AT]! ||
    bytes.readUInt32LE(a + OWNER_AT) - bytes.readUInt32LE(b + OWNER_AT)
  );
}

export function sameHash(bytes: Buffer, a: number, b: number): boolean {
  return bytes.compare(bytes, b, b + PDQ_BYTES, a, a + PDQ_BYTES) === 0;
}

/** True when two entries of one hash say the same: category, source, kind, time, and the digest or, without one, the label. */
export function sameRow(bytes: Buffer, a: number, b: number): boolean {
  if (bytes.compare(bytes, b + PDQ_BYTES, b + PDQ_BYTES + 4, a + PDQ_BYTES, a + PDQ_BYTES + 4) !== 0) return false;
  if (bytes.compare(bytes, b + DIGEST_KIND_AT, b + DIGEST_KIND_AT + 2, a + DIGEST_KIND_AT, a + DIGEST_KIND_AT + 2) !== 0) return false;
  if (bytes.readUInt32LE(a + TIME_AT) !== bytes.readUInt32LE(b + TIME_AT)) return false;
  if (bytes[a + DIGEST_KIND_AT] === 0) return bytes.readUInt32LE(a + LABEL_AT) === bytes.readUInt32LE(b + LABEL_AT);
  return bytes.compare(bytes, b + DIGEST_AT, b + NEAR_SPILL_BYTES, a + DIGEST_AT, a + NEAR_SPILL_BYTES) === 0;
}
