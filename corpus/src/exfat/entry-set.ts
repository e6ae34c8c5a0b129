import { nameHash } from './up-case.ts';

/*
 * Entry set of a file: 85 file, C0 stream, C1 name entries. Layouts: Microsoft exFAT specification, section 7.4 to 7.7.
 */

export const ENTRY_BYTES = 32;
const NAME_UNITS_PER_ENTRY = 15;
const ATTRIBUTE_DIRECTORY = 0x10;
const ATTRIBUTE_ARCHIVE = 0x20;
/** Offset byte of a time that is UTC. */
const UTC = 0x80;

export interface EntryFacts {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly deleted: boolean;
  readonly firstCluster: number;
  readonly noFatChain: boolean;
  readonly sizeBytes: number;
  readonly validBytes: number;
  readonly timeSeconds: number;
}

/** Entries that the set of a name takes. Throws a RangeError for a name that exFAT cannot hold. */
export function setEntries(name: string): number {
  if (name.length < 1 || name.length > 255) throw new RangeError(`exFAT names have 1 to 255 units, not ${name.length}`);
  return 2 + Math.ceil(name.length / NAME_UNITS_PER_ENTRY);
}

/** The set's bytes. A deleted one is as a driver leaves it: in-use bits cleared, checksum as it was. */
export function buildEntrySet(facts: EntryFacts): Buffer {
  const count = setEntries(facts.name);
  const set = Buffer.alloc(count * ENTRY_BYTES);
  const name = Buffer.from(facts.name, 'utf16le');
  const time = encodeTime(facts.timeSeconds);
  set[0] = 0x85;
  set[1] = count - 1;
  set.writeUInt16LE(facts.isDirectory ? ATTRIBUTE_DIRECTORY : ATTRIBUTE_ARCHIVE, 4);
  for (const at of [8, 12, 16]) set.writeUInt32LE(time, at);
  set[20] = set[21] = (facts.timeSeconds & 1) * 100;
  set[22] = set[23] = set[24] = UTC;
  set[32] = 0xc0;
  set[33] = (facts.firstCluster === 0 ? 0 : 1) | (facts.noFatChain ? 2 : 0);
  set[35] = facts.name.length;
  set.writeUInt16LE(nameHash(name), 36);
  set.writeBigUInt64LE(BigInt(facts.validBytes), 40);
  set.writeUInt32LE(facts.firstCluster, 52);
  set.writeBigUInt64LE(BigInt(facts.sizeBytes), 56);
  for (let entry = 2; entry < count; entry++) {
    const from = (entry - 2) * NAME_UNITS_PER_ENTRY * 2;
    set[entry * ENTRY_BYTES] = 0xc1;
    name.copy(set, entry * ENTRY_BYTES + 2, from, from + NAME_UNITS_PER_ENTRY * 2);
  }
  set.writeUInt16LE(entrySetChecksum(set), 2);
  if (facts.deleted) for (let at = 0; at < set.length; at += ENTRY_BYTES) set[at] = set[at]! & 0x7f;
  return set;
}

/** The checksum that belongs into bytes 2 and 3 of a set: for tests that edit one. */
export function entrySetChecksum(set: Uint8Array): number {
  let sum = 0;
  set.forEach((byte, at) => {
    if (at !== 2 && at !== 3) sum = (((sum << 15) | (sum >>> 1)) + byte) & 0xffff;
  });
  return sum;
}

function encodeTime(seconds: number): number {
  const date = new Date(seconds * 1000);
  const day = ((date.getUTCFullYear() - 1980) << 25) | ((date.getUTCMonth() + 1) << 21) | (date.getUTCDate() << 16);
  return (day | (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >>> 1)) >>> 0;
}
