/**
 * The journal of ext3/4 (JBD2), all fields big-endian (docs.kernel.org/filesystems/ext4/journal.html).
 *
 * | at | size | field of every block's header |
 * | --- | --- | --- |
 * | 0, 4, 8 | 4 each | magic 0xC03B3998, type (1 descriptor, 2 commit, 3 and 4 superblock, 5 revoke), sequence |
 *
 * | at | size | field of the journal's superblock |
 * | --- | --- | --- |
 * | 0x0C, 0x10, 0x14 | 4 each | block size, blocks, first block of the log |
 * | 0x18, 0x1C | 4, 4 | first sequence, its block; block 0 means nothing to replay |
 * | 0x28 | 4 | incompatible features: 1 revoke, 2 64-bit, 8 checksum v2, 16 checksum v3, 32 fast commit |
 * | 0x30 | 16 | UUID, seed of the checksums |
 * | 0x54 | 4 | fast commit blocks, at the end |
 */
import { crc32c } from './crc32c.ts';

export const JOURNAL_MAGIC = 0xc03b3998;
export const JOURNAL_BLOCK = { descriptor: 1, commit: 2, superblockV1: 3, superblockV2: 4, revoke: 5 } as const;
export const HEADER_BYTES = 12;
const TAIL_BYTES = 4;
const UUID_BYTES = 16;

const FEATURE = { bits64: 0x2, checksumV2: 0x8, checksumV3: 0x10, fastCommit: 0x20 } as const;
const KNOWN_FEATURES = 0x3f;
const TAG_FLAG = { escaped: 1, sameUuid: 2, last: 8 } as const;
const DEFAULT_FAST_COMMIT_BLOCKS = 256;

export interface JournalSuperblock {
  /** Blocks of the log proper; the ring ends here. */
  readonly endBlock: number;
  readonly firstBlock: number;
  readonly startSequence: number;
  /** 0 when there is nothing to replay. */
  readonly startBlock: number;
  readonly wideBlocks: boolean;
  readonly checksum: 'none' | 'v2' | 'v3';
  readonly fastCommit: boolean;
  readonly seed: number;
  /** Incompatible features that are not known here. */
  readonly unknownFeatures: number;
}

/** Decodes the journal's first block; null when it is none. */
export function parseJournalSuperblock(block: Buffer, journalBlocks: number): JournalSuperblock | null {
  const type = block.readUInt32BE(4);
  const isSuperblock = block.readUInt32BE(0) === JOURNAL_MAGIC && (type === JOURNAL_BLOCK.superblockV1 || type === JOURNAL_BLOCK.superblockV2);
  if (!isSuperblock || block.readUInt32BE(0x0c) !== block.length) return null;
  const features = type === JOURNAL_BLOCK.superblockV2 ? block.readUInt32BE(0x28) : 0;
  const fastCommit = (features & FEATURE.fastCommit) !== 0;
  const fastBlocks = fastCommit ? block.readUInt32BE(0x54) || DEFAULT_FAST_COMMIT_BLOCKS : 0;
  const endBlock = Math.min(block.readUInt32BE(0x10), journalBlocks) - fastBlocks;
  const firstBlock = block.readUInt32BE(0x14);
  const startBlock = block.readUInt32BE(0x1c);
  if (firstBlock < 1 || firstBlock >= endBlock || (startBlock !== 0 && (startBlock < firstBlock || startBlock >= endBlock))) return null;
  return {
    endBlock,
    firstBlock,
    startSequence: block.readUInt32BE(0x18),
    startBlock,
    wideBlocks: (features & FEATURE.bits64) !== 0,
    checksum: (features & FEATURE.checksumV3) !== 0 ? 'v3' : (features & FEATURE.checksumV2) !== 0 ? 'v2' : 'none',
    fastCommit,
    seed: crc32c(0xffff_ffff, block.subarray(0x30, 0x40)),
    unknownFeatures: (features & ~KNOWN_FEATURES) >>> 0,
  };
}

/** One block that a transaction logs: its home on the volume, and how its copy is kept. */
export interface JournalTag {
  readonly block: number;
  readonly escaped: boolean;
  /** Checksum of the copy; 16 bits of it with v2. */
  readonly checksum: number;
}

/**
 * The tags of a descriptor block, one for each log block that follows it.
 *
 * | tag | fields |
 * | --- | --- |
 * | v3, 16 bytes | u32 block, u32 flags, u32 block high, u32 checksum |
 * | others | u32 block, u16 checksum, u16 flags, u32 block high (64-bit), u16 unused (v2) |
 *
 * Each is followed by a 16-byte UUID unless its flags say that it is the same as before.
 */
export function readTags(block: Buffer, journal: JournalSuperblock): JournalTag[] {
  const v3 = journal.checksum === 'v3';
  const v2 = journal.checksum === 'v2';
  const tagBytes = v3 ? 16 : (journal.wideBlocks ? 12 : 8) + (v2 ? 2 : 0);
  const end = block.length - (v2 || v3 ? TAIL_BYTES : 0);
  const tags: JournalTag[] = [];
  for (let at = HEADER_BYTES; at + tagBytes <= end; ) {
    const flags = v3 ? block.readUInt32BE(at + 4) : block.readUInt16BE(at + 6);
    const high = journal.wideBlocks ? block.readUInt32BE(at + 8) : 0;
    tags.push({
      block: block.readUInt32BE(at) + high * 0x1_0000_0000,
      escaped: (flags & TAG_FLAG.escaped) !== 0,
      checksum: v3 ? block.readUInt32BE(at + 12) : block.readUInt16BE(at + 4),
    });
    if ((flags & TAG_FLAG.last) !== 0) break;
    at += tagBytes + ((flags & TAG_FLAG.sameUuid) !== 0 ? 0 : UUID_BYTES);
  }
  return tags;
}

/** True when the copy of a logged block is the one that the tag was written for. */
export function tagAgrees(journal: JournalSuperblock, tag: JournalTag, sequence: number, copy: Buffer): boolean {
  if (journal.checksum === 'none') return true;
  const head = Buffer.alloc(4);
  head.writeUInt32BE(sequence >>> 0);
  const sum = crc32c(crc32c(journal.seed, head), copy);
  return journal.checksum === 'v3' ? sum === tag.checksum : (sum & 0xffff) === tag.checksum;
}

/** True when a descriptor or revoke block's own checksum, in its last four bytes, agrees. */
export function tailAgrees(journal: JournalSuperblock, block: Buffer): boolean {
  return journal.checksum === 'none' || checksumWithout(journal, block, block.length - TAIL_BYTES);
}

/** True when a commit block's checksum agrees; without it the transaction was not finished. */
export function commitAgrees(journal: JournalSuperblock, block: Buffer): boolean {
  return journal.checksum === 'none' || checksumWithout(journal, block, 16);
}

function checksumWithout(journal: JournalSuperblock, block: Buffer, at: number): boolean {
  const copy = Buffer.from(block);
  copy.writeUInt32BE(0, at);
  return crc32c(journal.seed, copy) === block.readUInt32BE(at);
}

/** Block numbers that a revoke block lists. */
export function readRevokes(block: Buffer, journal: JournalSuperblock): number[] {
  const entryBytes = journal.wideBlocks ? 8 : 4;
  const end = Math.min(block.readUInt32BE(HEADER_BYTES), block.length);
  const revokes: number[] = [];
  for (let at = HEADER_BYTES + 4; at + entryBytes <= end; at += entryBytes) {
    revokes.push(entryBytes === 8 ? block.readUInt32BE(at) * 0x1_0000_0000 + block.readUInt32BE(at + 4) : block.readUInt32BE(at));
  }
  return revokes;
}
