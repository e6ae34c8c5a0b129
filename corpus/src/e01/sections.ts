/**
 * Sections of an EWF-E01 file (libyal/libewf, "Expert Witness Compression Format"), little-endian:
 *
 * | section | data |
 * | --- | --- |
 * | file head | `EVF` 09 0D 0A FF 00, 1, segment number u16, 0 u16 |
 * | descriptor | type 16, next section's offset u64, size with descriptor u64, 40 zeros, Adler-32 |
 * | header2, header | zlib: description in UTF-16 with mark, in ASCII |
 * | volume, data | 1,052 bytes: media type u8 at 0, chunks u32 at 4, sectors a chunk u32, bytes a sector u32, sectors u64, media flags u8 at 36, compression u8 at 52, error granularity u32 at 56, GUID at 64, Adler-32 at 1048 |
 * | table, table2 | chunks u32, 0 u32, base offset u64, 0 u32, Adler-32; offsets u32 (bit 31: compressed); Adler-32 |
 * | error2 | ranges u32, 512 zeros, Adler-32; (sector u32, count u32) each; Adler-32 |
 * | digest | MD5, SHA-1, 40 zeros, Adler-32 |
 * | hash | MD5, 16 zeros, Adler-32 |
 * | next, done | none; the next offset is its own |
 */
import { deflateSync } from 'node:zlib';

export const DESCRIPTOR_BYTES = 76;

/** Adler-32 by way of zlib, which appends it to what it deflates. */
export function adler32(bytes: Uint8Array): number {
  const stored = deflateSync(bytes, { level: 0 });
  return stored.readUInt32BE(stored.length - 4);
}

export function fileHead(segmentNumber: number): Buffer {
  const head = Buffer.alloc(13);
  head.set([0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00, 1], 0);
  head.writeUInt16LE(segmentNumber, 9);
  return head;
}

/** @param offset where the descriptor stands in its file */
export function descriptor(type: string, offset: number, dataBytes: number): Buffer {
  const isEnd = type === 'next' || type === 'done';
  const bytes = Buffer.alloc(DESCRIPTOR_BYTES);
  bytes.write(type, 0, 'latin1');
  bytes.writeBigUInt64LE(BigInt(isEnd ? offset : offset + DESCRIPTOR_BYTES + dataBytes), 16);
  bytes.writeBigUInt64LE(BigInt(isEnd ? 0 : DESCRIPTOR_BYTES + dataBytes), 24);
  bytes.writeUInt32LE(adler32(bytes.subarray(0, 72)), 72);
  return bytes;
}

/** What the header sections say about the copy. */
export interface CaseDescription {
  readonly caseNumber: string;
  readonly evidenceNumber: string;
  readonly description: string;
  readonly examiner: string;
}

/** Both forms of the header, compressed. The time is fixed, so that the same input gives the same file. */
export function headerData(about: CaseDescription): { utf16: Buffer; ascii: Buffer } {
  const values = (time: string): string => [about.description, about.caseNumber, about.evidenceNumber, about.examiner, '', '1', 'Linux', time, time, '0'].join('\t');
  const columns = ['a', 'c', 'n', 'e', 't', 'av', 'ov', 'm', 'u', 'p'].join('\t');
  const wide = `\ufeff1\nmain\n${columns}\n${values('1622505600')}\n\n`;
  const narrow = `1\r\nmain\r\n${columns}\r\n${values('2021 6 1 0 0 0')}\r\n\r\n`;
  return { utf16: deflateSync(Buffer.from(wide, 'utf16le')), ascii: deflateSync(Buffer.from(narrow, 'latin1')) };
}

export function volumeData(shape: { chunks: number; chunkSectors: number; sectors: number; isCompressed: boolean; isPhysical: boolean }): Buffer {
  const data = Buffer.alloc(1052);
  data[0] = 1;
  data.writeUInt32LE(shape.chunks, 4);
  data.writeUInt32LE(shape.chunkSectors, 8);
  data.writeUInt32LE(512, 12);
  data.writeBigUInt64LE(BigInt(shape.sectors), 16);
  data[36] = shape.isPhysical ? 3 : 1;
  data[52] = shape.isCompressed ? 1 : 0;
  data.writeUInt32LE(shape.chunkSectors, 56);
  data.write('Kerbside corpus.', 64, 'latin1');
  data.writeUInt32LE(adler32(data.subarray(0, 1048)), 1048);
  return data;
}

/** @param offsets of the chunks from the base, bit 31 set for compressed ones */
export function tableData(offsets: readonly number[], baseOffset: number): Buffer {
  const data = Buffer.alloc(24 + offsets.length * 4 + 4);
  data.writeUInt32LE(offsets.length, 0);
  data.writeBigUInt64LE(BigInt(baseOffset), 8);
  data.writeUInt32LE(adler32(data.subarray(0, 20)), 20);
  for (const [position, offset] of offsets.entries()) data.writeUInt32LE(offset >>> 0, 24 + position * 4);
  data.writeUInt32LE(adler32(data.subarray(24, data.length - 4)), data.length - 4);
  return data;
}

/** Sectors that could not be read when the copy was made. */
export interface UnreadSectors {
  readonly startSector: number;
  readonly sectors: number;
}

export function errorData(ranges: readonly UnreadSectors[]): Buffer {
  const data = Buffer.alloc(520 + ranges.length * 8 + 4);
  data.writeUInt32LE(ranges.length, 0);
  data.writeUInt32LE(adler32(data.subarray(0, 516)), 516);
  for (const [position, range] of ranges.entries()) {
    data.writeUInt32LE(range.startSector, 520 + position * 8);
    data.writeUInt32LE(range.sectors, 524 + position * 8);
  }
  data.writeUInt32LE(adler32(data.subarray(520, data.length - 4)), data.length - 4);
  return data;
}

export function digestData(md5: Buffer, sha1: Buffer): Buffer {
  const data = Buffer.alloc(80);
  data.set(md5, 0);
  data.set(sha1, 16);
  data.writeUInt32LE(adler32(data.subarray(0, 76)), 76);
  return data;
}

export function hashData(md5: Buffer): Buffer {
  const data = Buffer.alloc(36);
  data.set(md5, 0);
  data.writeUInt32LE(adler32(data.subarray(0, 32)), 32);
  return data;
}
