/** Boxes of the ISO base media file format (ISO/IEC 14496-12): length u32, type, content; big-endian. */

export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** A box whose content begins with a version and flags. */
export function fullBox(type: string, versionAndFlags: number, ...content: readonly Buffer[]): Buffer {
  return box(type, u32(versionAndFlags), ...content);
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [place, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, place * 4);
  return bytes;
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [place, value] of values.entries()) bytes.writeUInt16BE(value, place * 2);
  return bytes;
}

export function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The head of a media data box: with a length of 4 or 8 bytes, or none ("to the end of the file"). */
export function mediaHead(length: 'short' | 'long' | 'open', contentBytes: number): Buffer {
  switch (length) {
    case 'short':
      return Buffer.concat([u32(8 + contentBytes), ascii('mdat')]);
    case 'long':
      return Buffer.concat([u32(1), ascii('mdat'), u32(Math.floor((16 + contentBytes) / 0x1_0000_0000), (16 + contentBytes) % 0x1_0000_0000)]);
    case 'open':
      return Buffer.concat([u32(0), ascii('mdat')]);
  }
}
