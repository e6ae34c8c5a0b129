/**
 * Outlook mailbox (PST, OST), [MS-PST]. Little-endian. Three kinds: ANSI (14, 15), Unicode (23), and
 * Unicode with pages of 4,096 bytes and packed blocks (36, OST of Outlook 2013 and later).
 *
 * | at (ANSI / Unicode) | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | `!BDN` |
 * | 8 | 2 | `SM`, in an OST `SO` |
 * | 10 | 2 | version |
 * | 188 / 224 | 4 / 8 | place of the root page of the node tree |
 * | 196 / 240 | 4 / 8 | place of the root page of the block tree |
 * | 461 / 513 | 1 | encoding of blocks: 0 none, 1 substitution, 2 cyclic, 0x10 Windows' own encryption |
 *
 * A page ends with: entries u8 (u16 in a page of 4,096), most entries, entry size u8, level u8, then a
 * trailer that begins with the page's kind twice: 0x80 block tree, 0x81 node tree.
 */
import { MalformedError, readView, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';

export const PST_MAGIC = '!BDN';

/** Levels of one tree; 512-byte pages and 2^32 nodes need 8. */
export const MAX_PST_TREE_DEPTH = 12;

/** Bytes of a property that is read whole (names, the heap of one message); attachments are streamed. */
export const MAX_PST_HEAP_BYTES = 64 * 1024 * 1024;

/** Attachments of one message. */
export const MAX_PST_SUBNODES = 100_000;

/** Bytes of one block as stored or unpacked: the length field has 16 bits. */
export const MAX_PST_BLOCK_BYTES = 65_536;

export interface PstLayout {
  readonly isUnicode: boolean;
  /** Pages of 4,096 bytes, blocks that may be packed, more entries in a heap. */
  readonly isLarge: boolean;
  readonly pageBytes: number;
  /** Where in a page the number of its entries stands. */
  readonly countAt: number;
  readonly trailerAt: number;
  /** Bytes of a key, and of a place. */
  readonly wide: 4 | 8;
  readonly nodeRoot: number;
  readonly blockRoot: number;
  readonly isPermuted: boolean;
}

/** @throws MalformedError `pst-damaged`; UnsupportedError `pst-version-unknown`, `pst-encrypted`; MediumError */
export function parsePstHeader(source: RandomAccessSource): PstLayout {
  if (source.sizeBytes < 1024) throw new MalformedError('pst-damaged', 'the mailbox is shorter than its header');
  const header = readView(source, 0, 564);
  if (!header.hasAscii(0, PST_MAGIC) || !(header.hasAscii(8, 'SM') || header.hasAscii(8, 'SO'))) throw new MalformedError('pst-damaged', 'the mailbox does not begin as one');
  const version = header.u16(10);
  if (version !== 14 && version !== 15 && version !== 23 && version !== 36) throw new UnsupportedError('pst-version-unknown', `a mailbox of version ${version}, which is not known`);
  const isUnicode = version >= 23;
  const isLarge = version === 36;
  const encoding = header.u8(isUnicode ? 513 : 461);
  if (encoding > 1) throw new UnsupportedError('pst-encrypted', `the mailbox is encoded in a way that is not read (${encoding === 2 ? 'cyclic' : `kind ${encoding}`})`);
  return {
    isUnicode,
    isLarge,
    pageBytes: isLarge ? 4096 : 512,
    countAt: isLarge ? 4056 : isUnicode ? 488 : 496,
    trailerAt: isLarge ? 4072 : isUnicode ? 496 : 500,
    wide: isUnicode ? 8 : 4,
    nodeRoot: isUnicode ? header.u64(224) : header.u32(188),
    blockRoot: isUnicode ? header.u64(240) : header.u32(196),
    isPermuted: encoding === 1,
  };
}

/** True for a mailbox by its first bytes. */
export function isPst(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  return bytes.length >= 12 && bytes.toString('latin1', 0, 4) === PST_MAGIC && /^S[MO]$/.test(bytes.toString('latin1', 8, 10));
}
