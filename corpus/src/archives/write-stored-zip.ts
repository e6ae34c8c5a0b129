/**
 * A ZIP whose members are stored as they are (APPNOTE.TXT 4.3, little-endian). An extra field moves each
 * member's content onto a boundary, as `zipalign` does:
 *
 * | local header | bytes | value |
 * | --- | --- | --- |
 * | 0 | 4 | `PK` 03 04 |
 * | 4, 6, 8 | 2 each | version 10, flags 0, method 0 (stored) |
 * | 10, 12 | 2 each | DOS time and date |
 * | 14, 18, 22 | 4 each | CRC-32, stored length, length |
 * | 26, 28 | 2 each | lengths of name and extra field, which follow |
 *
 * The central directory repeats this for each member (`PK` 01 02, 46 bytes, name), then the end record (`PK` 05 06, 22 bytes).
 */
import { crc32 } from 'node:zlib';

export interface ZipMember {
  /** ASCII, slash-separated. */
  readonly name: string;
  readonly content: Buffer;
}

const LOCAL_BYTES = 30;
const END_BYTES = 22;
/** Extra field of zipalign: id, length, then the alignment u16 and zeros. */
const ALIGN_EXTRA_ID = 0xd935;
const ALIGN_EXTRA_LEAST_BYTES = 6;
/** 1980-01-01. */
const DOS_DATE = 0x0021;

/** @param alignBytes every member's content begins on a multiple of it */
export function writeStoredZip(members: readonly ZipMember[], alignBytes: number): Buffer {
  const pieces: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, content } of members) {
    const nameBytes = Buffer.from(name, 'latin1');
    const before = at + LOCAL_BYTES + nameBytes.length;
    const extra = alignExtra(before, alignBytes);
    const facts = factsOf(content, nameBytes.length);
    const local = Buffer.concat([Buffer.from('504b03040a00', 'hex'), facts, uint16(extra.length), nameBytes, extra]);
    central.push(Buffer.concat([Buffer.from('504b01020a000a00', 'hex'), facts, Buffer.alloc(12), uint32(at), nameBytes]));
    pieces.push(local, content);
    at += local.length + content.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(END_BYTES);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...pieces, directory, end]);
}

/** Flags to the length of the name: the part that both headers share. */
function factsOf(content: Buffer, nameLength: number): Buffer {
  const facts = Buffer.alloc(LOCAL_BYTES - 6 - 2);
  facts.writeUInt16LE(DOS_DATE, 6);
  facts.writeUInt32LE(crc32(content), 8);
  facts.writeUInt32LE(content.length, 12);
  facts.writeUInt32LE(content.length, 16);
  facts.writeUInt16LE(nameLength, 20);
  return facts;
}

function alignExtra(before: number, alignBytes: number): Buffer {
  if (before % alignBytes === 0) return Buffer.alloc(0);
  const least = before + ALIGN_EXTRA_LEAST_BYTES;
  const extra = Buffer.alloc(Math.ceil(least / alignBytes) * alignBytes - before);
  extra.writeUInt16LE(ALIGN_EXTRA_ID, 0);
  extra.writeUInt16LE(extra.length - 4, 2);
  extra.writeUInt16LE(alignBytes & 0xffff, 4);
  return extra;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
