import { writeCompoundFile } from './write-compound-file.ts';

/** One thumbnail of a store: JPEG, PNG or BMP bytes. */
export interface StoredThumbnail {
  /** Name of the picture it was made of. */
  readonly name: string;
  readonly picture: Uint8Array;
}

/** 2024-05-03 12:00:00 UTC in 100 ns since 1601, high and low half. */
const FILETIME = (1_714_737_600n + 11_644_473_600n) * 10_000_000n;

export interface ThumbsDbOptions {
  /** `xp`: with a catalogue of names; `vista`: streams called by size and id, as on network drives. */
  readonly form: 'xp' | 'vista';
  readonly interleave?: boolean;
}

/** Thumbs.db; the layout is described beside its reader. */
export function writeThumbsDb(thumbnails: readonly StoredThumbnail[], options: ThumbsDbOptions): Buffer {
  if (options.form === 'vista') {
    const parts = thumbnails.map(({ picture }, i) => ({ name: `256_${(0x1234567890abcdefn + BigInt(i)).toString(16)}`, content: Buffer.concat([u32(24, 3, picture.length, 256, 256, 0), picture]) }));
    return writeCompoundFile(parts, options.interleave);
  }
  const head = Buffer.alloc(16);
  head.writeUInt16LE(16, 0);
  head.writeUInt16LE(7, 2);
  head.set(u32(thumbnails.length, 96, 96), 4);
  const entries = thumbnails.map(({ name }, i) => {
    const text = Buffer.from(name, 'utf16le');
    const time = u32(Number(FILETIME & 0xffffffffn), Number(FILETIME >> 32n));
    return Buffer.concat([u32(16 + text.length + 4, i + 1), time, text, Buffer.alloc(4)]);
  });
  const streams = thumbnails.map(({ picture }, i) => ({ name: [...String(i + 1)].reverse().join(''), content: Buffer.concat([u32(12, 1, picture.length), picture]) }));
  return writeCompoundFile([...streams, { name: 'Catalog', content: Buffer.concat([head, ...entries]) }], options.interleave);
}

/** thumbcache_*.db of the given version (20 Vista, 21 Windows 7, 30 and 31 Windows 8, 32 Windows 10); a thumbnail of no bytes is an entry without picture. */
export function writeThumbcache(thumbnails: readonly StoredThumbnail[], version: 20 | 21 | 30 | 31 | 32): Buffer {
  const entries = thumbnails.map(({ name, picture }, i) => {
    const id = Buffer.from(name, 'utf16le');
    const padding = Buffer.alloc((8 - (id.length % 8)) % 8);
    const extension = version === 20 ? [Buffer.from('jpg\0', 'utf16le')] : [];
    const sides = version >= 26 ? [u32(96, 96)] : [];
    const body = Buffer.concat([u32(0x89abcdef + i, 0x01234567), ...extension, u32(id.length, padding.length, picture.length), ...sides, u32(0), Buffer.alloc(16, 0x11), id, padding, picture]);
    return Buffer.concat([Buffer.from('CMMM', 'latin1'), u32(8 + body.length), body]);
  });
  const first = version >= 26 ? 28 : 24;
  const head = Buffer.concat([Buffer.from('CMMM', 'latin1'), u32(version, 1), ...(version >= 26 ? [u32(0)] : []), u32(first, 0, thumbnails.length)]);
  return Buffer.concat([head, ...entries]);
}

/** `.thumbdata3` of Android: the thumbnail of picture n in slot n. */
export function writeThumbdata(thumbnails: ReadonlyMap<number, Uint8Array>): Buffer {
  const bytes = Buffer.alloc((Math.max(...thumbnails.keys()) + 1) * 10_000);
  for (const [slot, picture] of thumbnails) {
    const at = slot * 10_000;
    bytes[at] = 1;
    bytes.writeBigUInt64BE(BigInt(slot) * 1000n + 7n, at + 1);
    bytes.writeUInt32BE(picture.length, at + 9);
    bytes.set(picture, at + 13);
  }
  return bytes;
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32LE(value >>> 0, i * 4));
  return bytes;
}
