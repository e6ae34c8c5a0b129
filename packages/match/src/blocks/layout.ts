/**
 * Block set file, version 1. All integers little-endian but for codes, whose bytes stand as the
 * HMAC gave them. The full description with test vectors is docs/reference/block-set-format.md.
 *
 * Prologue, 4,096 bytes:
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | magic `89 4B 42 42 4C 4B 53 0A` |
 * | 8 | 4 | format version |
 * | 12 | 4 | length of the header in bytes |
 * | 16 | 8 | offset of the header |
 * | 24 | 8 | length of the whole file |
 * | 32 | 64 | Ed25519 signature over `kerbside-block-set-v1\0` ‖ prologue bytes 0-31 ‖ header |
 * | 96 | 4,000 | zero |
 *
 * Then the sections of {@link SECTION_ORDER} in that order, each starting on a multiple of 4,096 and
 * zero-padded to the next, then the header: JSON in UTF-8, keys sorted, no white space
 * ({@link BlockSetHeader}), which ends the file.
 *
 * Sections, with n block codes, a anchors, f files and b = `bucketBits`:
 *
 * | name | bytes | what |
 * | --- | --- | --- |
 * | `buckets` | 4 × (2^b + 1) | number of the first entry of each bucket, and n |
 * | `keys` | 4 × n | bits b to b+31 of the code |
 * | `tails` | n | bits b+32 to b+39 of the code |
 * | `places` | n | bits 0-6: position of the block in its file modulo 128; bit 7: anchor |
 * | `ranks` | 4 × ⌈n / 4,096⌉ | anchors before entry 4,096 × i |
 * | `anchors` | 8 × a | file number, position in blocks (4 bytes each), in the order of entries |
 * | `file-codes` | 8 × f | codes of whole files, rising |
 * | `file-sizes` | 6 × f | length in bytes; all ones where a list states none |
 * | `file-blocks` | 4 × f | indexed blocks of the file |
 * | `file-kinds` | f | what the file's code is made of: 0x11 MD5, 0x12 SHA-1, 0x13 SHA-256 |
 *
 * Bits of a code count from the most significant bit of its first byte. Entries stand in the order
 * of their codes, so bucket by bucket and rising by key, then tail.
 */
import type { BlockSetFacts } from './block-set.ts';

/** As PNG's: a high bit, letters, and a line end that a text transfer would break. */
export const BLOCK_SET_MAGIC = Buffer.from([0x89, 0x4b, 0x42, 0x42, 0x4c, 0x4b, 0x53, 0x0a]);
export const BLOCK_SET_VERSION = 1;
export const PROLOGUE_BYTES = 4096;
/** Bytes of the prologue that are signed. */
export const SIGNED_PROLOGUE_BYTES = 32;
export const SIGNATURE_BYTES = 64;
/** Keeps a signature made for a block set from meaning anything elsewhere. */
export const SIGNATURE_DOMAIN = Buffer.from('kerbside-block-set-v1\0', 'latin1');

/** Sections start on multiples of this. */
export const SECTION_ALIGN_BYTES = 4096;

/** Section digests are taken over the digests of pieces of this size, so that pieces can be checked side by side. */
export const PIECE_BYTES = 1024 * 1024;

/** Longest header accepted: the facts of a set are a page of JSON. */
export const MAX_BLOCK_SET_HEADER_BYTES = 1024 * 1024;

/**
 * Least and most bits that choose a bucket. The least costs 16 KiB and lets the smallest set compare
 * 52 bits; the most leaves no bit of a code unused.
 */
export const BUCKET_BITS_RANGE = { least: 12, most: 24 } as const;

/** Least average number of entries in a bucket, where there are enough for {@link BUCKET_BITS_RANGE}. */
export const BUCKET_ENTRIES = 32;

/** Buckets so many that they hold at least {@link BUCKET_ENTRIES} entries on average, and fewer than twice that. */
export function bucketBitsFor(blocks: number): number {
  const bits = Math.floor(Math.log2(Math.max(1, blocks) / BUCKET_ENTRIES));
  return Math.min(BUCKET_BITS_RANGE.most, Math.max(BUCKET_BITS_RANGE.least, bits));
}

/** Every so many indexed blocks of a file, from its first, an entry is an anchor. */
export const ANCHOR_EVERY = 64;
export const ANCHOR_FLAG = 0x80;
export const POSITION_MASK = 0x7f;
export const ANCHOR_RECORD_BYTES = 8;

/** Entries whose anchors are counted together in `ranks`. */
export const RANK_ENTRIES = 4096;

export const FILE_SIZE_BYTES = 6;
/** What `file-sizes` holds where a list states no length. */
export const SIZE_UNSTATED = 2 ** 48 - 1;

export const SECTION_ORDER = [
  'buckets', 'keys', 'tails', 'places', 'ranks', 'anchors', 'file-codes', 'file-sizes', 'file-blocks', 'file-kinds',
] as const;
export type BlockSetSectionName = (typeof SECTION_ORDER)[number];

export interface BlockSetSection {
  readonly name: BlockSetSectionName;
  readonly offset: number;
  /** Without padding. */
  readonly lengthBytes: number;
  /** SHA-256 of the SHA-256 digests of the section's pieces side by side, hex. */
  readonly sha256: string;
}

/** What the signed header holds of the facts; path, digest and signature are found when it is read. */
export type SignedFacts = Omit<BlockSetFacts, 'path' | 'digest' | 'signature'>;

/** The header of a block set. */
export interface BlockSetHeader {
  readonly format: 'kerbside-block-set';
  readonly facts: SignedFacts;
  readonly bucketBits: number;
  readonly anchors: number;
  /** Files by what their code is made of. */
  readonly filesWith: { readonly md5: number; readonly sha1: number; readonly sha256: number };
  readonly sections: readonly BlockSetSection[];
}
