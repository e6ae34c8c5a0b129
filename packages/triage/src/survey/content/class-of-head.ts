import type { ContentClass } from '../thermometer-facts.ts';
import { zipMember } from './archive-signs.ts';

/** First bytes of formats, hex or text, and the class of what begins with them. Sources: the formats' own specifications. */
const HEADS: readonly (readonly [head: Buffer, contentClass: ContentClass])[] = [
  [hex('ffd8ff'), 'picture'],
  [hex('89504e470d0a1a0a'), 'picture'],
  [text('GIF87a'), 'picture'],
  [text('GIF89a'), 'picture'],
  [hex('49492a00'), 'picture'],
  [hex('4d4d002a'), 'picture'],
  [hex('1a45dfa3'), 'video'],
  [hex('3026b2758e66cf11'), 'video'],
  [text('FLV\u0001'), 'video'],
  [hex('000001ba'), 'video'],
  [hex('000001b3'), 'video'],
  [text('%PDF-'), 'document'],
  [text('{\\rtf'), 'document'],
  [hex('d0cf11e0a1b11ae1'), 'document'],
  [hex('1f8b08'), 'compressed'],
  [text('BZh'), 'compressed'],
  [hex('fd377a585a00'), 'compressed'],
  [hex('377abcaf271c'), 'compressed'],
  [text('Rar!\u001a\u0007'), 'compressed'],
  [hex('28b52ffd'), 'compressed'],
  [hex('04224d18'), 'compressed'],
  [text('MSCF\0\0\0\0'), 'compressed'],
];

/** Heads by their first byte, so that most pieces are compared with one or none. */
const BY_FIRST_BYTE = Map.groupBy(HEADS, ([head]) => head[0]!);

/** Brands of still pictures in ISO base media files (ISO/IEC 23008-12, AV1 image format). */
const PICTURE_BRANDS = ['heic', 'heix', 'heim', 'heis', 'mif1', 'msf1', 'avif', 'avis', 'crx '];
/** Brands of sound. */
const SOUND_BRANDS = ['M4A ', 'M4B ', 'M4P '];
const BOX_TYPES = ['ftyp', 'moov', 'moof', 'mdat', 'styp'];

/** Class of a file that begins where the piece begins, or null where none is known to. */
export function classOfHead(piece: Buffer): ContentClass | null {
  if (piece.length < 16) return null;
  for (const [head, contentClass] of BY_FIRST_BYTE.get(piece[0]!) ?? []) if (piece.compare(head, 0, head.length, 0, head.length) === 0) return contentClass;
  switch (piece.readUInt32BE(0)) {
    case 0x52494646: {
      const form = piece.toString('latin1', 8, 12);
      return form === 'WEBP' ? 'picture' : form === 'AVI ' ? 'video' : null;
    }
    case 0x504b0304: {
      const member = zipMember(piece);
      return member === null ? null : member === 'office' ? 'document' : 'compressed';
    }
  }
  return piece[0] === 0 ? classOfBox(piece) : null;
}

/** A box of an ISO base media file begins with its length, u32 BE, and its type. */
function classOfBox(piece: Buffer): ContentClass | null {
  const type = piece.toString('latin1', 4, 8);
  if (!BOX_TYPES.includes(type)) return null;
  const brand = piece.toString('latin1', 8, 12);
  if (type !== 'ftyp') return 'video';
  return PICTURE_BRANDS.includes(brand) ? 'picture' : SOUND_BRANDS.includes(brand) ? 'compressed' : 'video';
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}

function text(characters: string): Buffer {
  return Buffer.from(characters, 'latin1');
}
