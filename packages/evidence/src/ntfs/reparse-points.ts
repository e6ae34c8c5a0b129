/*
 * Value of $REPARSE_POINT (0xC0): u32 tag, u16 length, u16 0, then data of the tag. Tags: [MS-FSCC] 2.1.2.1.
 */

const SYMLINK = 0xa000000c;
const MOUNT_POINT = 0xa0000003;
const LX_SYMLINK = 0xa000001d;
const AF_UNIX = 0x80000023;
const LX_FIFO = 0x80000024;
const LX_CHR = 0x80000025;
const LX_BLK = 0x80000026;

const WOF = 0x80000017;
const HSM = 0xc0000004;
const HSM2 = 0x80000006;
const SIS = 0x80000007;
const WIM = 0x80000008;
const DEDUP = 0x80000013;
/** 0x9000x01A: files of OneDrive and its like, x counting variants. */
const CLOUD = 0x9000001a;
const CLOUD_MASK = 0xffff0fff;

/** What a reparse tag makes of a file. */
export type ReparseMeaning =
  /** A link or a device: nothing to read. */
  | 'link'
  /** Compressed by the system (compact.exe, CompactOS) in a form not handled here. */
  | 'wof'
  /** Content may be kept elsewhere: cloud, deduplication store, archive. It is, when nothing is stored here. */
  | 'elsewhere'
  | 'plain';

export function reparseMeaning(tag: number): ReparseMeaning {
  switch (tag) {
    case SYMLINK:
    case MOUNT_POINT:
    case LX_SYMLINK:
    case AF_UNIX:
    case LX_FIFO:
    case LX_CHR:
    case LX_BLK:
      return 'link';
    case WOF:
      return 'wof';
    case HSM:
    case HSM2:
    case SIS:
    case WIM:
    case DEDUP:
      return 'elsewhere';
    default:
      return (tag & CLOUD_MASK) >>> 0 === CLOUD ? 'elsewhere' : 'plain';
  }
}
