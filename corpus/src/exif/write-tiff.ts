/**
 * Writes blocks of tags (TIFF 6.0): byte order, 42, offset of the first directory; directories of 12-byte
 * entries, then the values that do not fit into 4 bytes. EXIF, MPF and camera raw files are such blocks.
 */

export type TagValue =
  | { readonly type: 'ascii'; readonly text: string }
  | { readonly type: 'short' | 'long'; readonly numbers: readonly number[] }
  /** Written as quotients with this divisor. */
  | { readonly type: 'rational'; readonly numbers: readonly number[]; readonly divisor: number }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** A value of type long: where these bytes stand in the block; `lengthTag` is written beside it with their length. */
  | { readonly type: 'data'; readonly bytes: Uint8Array; readonly lengthTag: number }
  /** A value of type long: where these directories stand. */
  | { readonly type: 'directories'; readonly directories: readonly TagDirectory[] };

export type TagDirectory = ReadonlyMap<number, TagValue>;

export interface TiffOptions {
  readonly order?: 'II' | 'MM';
  /** The two bytes after the order; 42 when absent. */
  readonly magic?: number;
  /** Bytes between the header and the first directory (Canon's second header). */
  readonly gap?: Uint8Array;
}

const TYPES = { ascii: [2, 1], short: [3, 2], long: [4, 4], rational: [5, 8], bytes: [7, 1] } as const;

/** @param chain the main directories in order: for EXIF the picture's and the thumbnail's */
export function writeTiff(chain: readonly TagDirectory[], options: TiffOptions = {}): Buffer {
  const little = (options.order ?? 'II') === 'II';
  const parts: Buffer[] = [];
  let length = 8;
  const place = (bytes: Uint8Array): number => {
    const at = length;
    const padded = Buffer.alloc(bytes.length + (bytes.length % 2));
    padded.set(bytes);
    parts.push(padded);
    length += padded.length;
    return at;
  };
  const numbers = (width: 2 | 4, values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(width * values.length);
    for (const [i, value] of values.entries()) {
      if (little) bytes.writeUIntLE(value, i * width, width);
      else bytes.writeUIntBE(value, i * width, width);
    }
    return bytes;
  };
  const valueOf = (value: TagValue): [type: number, count: number, bytes: Buffer] => {
    switch (value.type) {
      case 'ascii': {
        const bytes = Buffer.from(`${value.text}\0`, 'utf8');
        return [TYPES.ascii[0], bytes.length, bytes];
      }
      case 'short':
        return [TYPES.short[0], value.numbers.length, numbers(2, value.numbers)];
      case 'long':
        return [TYPES.long[0], value.numbers.length, numbers(4, value.numbers)];
      case 'rational':
        return [TYPES.rational[0], value.numbers.length, numbers(4, value.numbers.flatMap((one) => [Math.round(one * value.divisor), value.divisor]))];
      case 'bytes':
        return [TYPES.bytes[0], value.bytes.length, Buffer.from(value.bytes)];
      case 'data':
        return [TYPES.long[0], 1, numbers(4, [place(value.bytes)])];
      case 'directories':
        return [TYPES.long[0], value.directories.length, numbers(4, value.directories.map((one) => writeDirectory(one, 0)))];
    }
  };
  const writeDirectory = (tags: TagDirectory, next: number): number => {
    const full = new Map(tags);
    for (const value of tags.values()) if (value.type === 'data') full.set(value.lengthTag, { type: 'long', numbers: [value.bytes.length] });
    const entries = [...full].sort(([a], [b]) => a - b).map(([tag, value]) => {
      const [type, count, bytes] = valueOf(value);
      const field = Buffer.alloc(4);
      if (bytes.length <= 4) field.set(bytes);
      else field.set(numbers(4, [place(bytes)]));
      return Buffer.concat([numbers(2, [tag, type]), numbers(4, [count]), field]);
    });
    return place(Buffer.concat([numbers(2, [entries.length]), ...entries, numbers(4, [next])]));
  };
  if (options.gap !== undefined) place(options.gap);
  let next = 0;
  for (const directory of chain.toReversed()) next = writeDirectory(directory, next);
  return Buffer.concat([Buffer.from(options.order ?? 'II', 'latin1'), numbers(2, [options.magic ?? 42]), numbers(4, [next]), ...parts]);
}
