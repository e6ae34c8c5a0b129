/**
 * RAR archives of stored members (RAR 4 technical note; RARLAB's "RAR 5.0 archive format"), little-endian.
 *
 * Version 4, each block: u16 lower half of the CRC-32 of what follows, u8 type (73 archive, 74 file, 7B end), u16 flags
 * (0004 encrypted, 8000 content follows), u16 length; a file: u32 packed length, u32 length, u8 system, u32 CRC-32, u32 DOS
 * time, u8 version, u8 method (30 stored), u16 length of the name, u32 attributes, name.
 *
 * Version 5, each block: u32 CRC-32 of what follows, then variable numbers: length, type (1 archive, 2 file, 4 encryption,
 * 5 end), flags (2 content follows), content length; a file: flags (4 CRC), length, attributes, CRC-32, method (0 stored),
 * system, length of the name, name.
 */
import { crc32 } from 'node:zlib';

export interface RarMember {
  readonly name: string;
  readonly content: Buffer;
}

export function writeRar4(members: readonly RarMember[], isEncrypted = false): Buffer {
  const archive = block4(0x73, 0, Buffer.alloc(6));
  const files = members.map(({ name, content }) => {
    const bytes = Buffer.from(name, 'latin1');
    const facts = Buffer.alloc(25);
    facts.writeUInt32LE(content.length, 0);
    facts.writeUInt32LE(content.length, 4);
    facts[8] = 3;
    facts.writeUInt32LE(crc32(content), 9);
    facts.writeUInt32LE(0x5a21_6000, 13);
    facts[17] = 20;
    facts[18] = 0x30;
    facts.writeUInt16LE(bytes.length, 19);
    facts.writeUInt32LE(0o100644, 21);
    return Buffer.concat([block4(0x74, 0x8000 | (isEncrypted ? 0x0004 : 0), Buffer.concat([facts, bytes])), content]);
  });
  return Buffer.concat([Buffer.from('526172211a0700', 'hex'), archive, ...files, block4(0x7b, 0x4000, Buffer.alloc(0))]);
}

function block4(type: number, flags: number, rest: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeUInt16LE(flags, 1);
  head.writeUInt16LE(7 + rest.length, 3);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(Buffer.concat([head, rest])) & 0xffff);
  return Buffer.concat([sum, head, rest]);
}

export function writeRar5(members: readonly RarMember[], hasHiddenHeaders = false): Buffer {
  const mark = Buffer.from('526172211a070100', 'hex');
  // Encryption header: version 0, flags 0, 2^15 rounds, salt; what follows it is cipher text.
  if (hasHiddenHeaders) return Buffer.concat([mark, block5(4, 0, Buffer.concat([varNumbers(0, 0), Buffer.from([15]), Buffer.alloc(16, 7)])), Buffer.alloc(256, 0x5a)]);
  const files = members.map(({ name, content }) => {
    const bytes = Buffer.from(name);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(content));
    return Buffer.concat([block5(2, 2, Buffer.concat([varNumbers(content.length, 4, content.length, 0o100644), sum, varNumbers(0, 1, bytes.length), bytes])), content]);
  });
  return Buffer.concat([mark, block5(1, 0, varNumbers(0)), ...files, block5(5, 0, varNumbers(0))]);
}

function block5(type: number, flags: number, rest: Buffer): Buffer {
  const body = Buffer.concat([varNumbers(type, flags), rest]);
  const sized = Buffer.concat([varNumbers(body.length), body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(sized));
  return Buffer.concat([sum, sized]);
}

function varNumbers(...values: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (let value of values) {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    bytes.push(value);
  }
  return Buffer.from(bytes);
}
