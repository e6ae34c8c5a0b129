/**
 * Signs of archives and compressed data inside a piece of a file.
 *
 * ZIP member (PKWARE APPNOTE)   PK 03 04, version u16, flags u16, method u16, time u16, date u16, CRC-32 u32,
 *                               sizes 2 × u32, name length u16, extra length u16, name; all little-endian
 */
const ZIP_MEMBER = Buffer.from('PK\u0003\u0004', 'latin1');
const ZIP_HEAD_BYTES = 30;
const MAX_ZIP_VERSION = 63;
const MAX_NAME_BYTES = 1024;

/** Names of the first members by which office formats are told from other archives (OOXML, OpenDocument, EPUB). */
const OFFICE_MEMBER = /^(\[Content_Types\]\.xml|_rels\/|docProps\/|word\/|xl\/|ppt\/|visio\/|mimetype|META-INF\/manifest\.xml|content\.xml|styles\.xml|Pictures\/|OEBPS\/)/;

/** What the first ZIP member that begins in the piece belongs to; null where none begins. */
export function zipMember(piece: Buffer): 'office' | 'archive' | null {
  for (let at = piece.indexOf(ZIP_MEMBER); at >= 0 && at + ZIP_HEAD_BYTES < piece.length; at = piece.indexOf(ZIP_MEMBER, at + 4)) {
    const nameBytes = piece.readUInt16LE(at + 26);
    if (piece.readUInt16LE(at + 4) > MAX_ZIP_VERSION || piece.readUInt16LE(at + 8) > 99 || nameBytes === 0 || nameBytes > MAX_NAME_BYTES) continue;
    return OFFICE_MEMBER.test(piece.toString('latin1', at + ZIP_HEAD_BYTES, at + ZIP_HEAD_BYTES + nameBytes)) ? 'office' : 'archive';
  }
  return null;
}
