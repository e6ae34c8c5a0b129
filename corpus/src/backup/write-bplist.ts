/** What a binary property list can hold here; `uid` is a keyed archive's reference. */
export type PlistInput = null | boolean | number | string | Uint8Array | Date | { readonly uid: number } | readonly PlistInput[] | Map<string, PlistInput>;

/** Writes a binary property list (bplist00), each object once per use. */
export function writeBplist(top: PlistInput): Buffer {
  const objects: Buffer[] = [];
  const put = (value: PlistInput): number => {
    const index = objects.push(Buffer.alloc(0)) - 1;
    objects[index] = encode(value, put);
    return index;
  };
  put(top);
  const offsets: number[] = [];
  let at = 8;
  for (const object of objects) {
    offsets.push(at);
    at += object.length;
  }
  const table = Buffer.alloc(objects.length * 4);
  offsets.forEach((offset, i) => table.writeUInt32BE(offset, i * 4));
  const trailer = Buffer.alloc(32);
  trailer[6] = 4;
  trailer[7] = 2;
  trailer.writeUInt32BE(objects.length, 12);
  trailer.writeUInt32BE(at, 28);
  return Buffer.concat([Buffer.from('bplist00', 'latin1'), ...objects, table, trailer]);
}

function encode(value: PlistInput, put: (value: PlistInput) => number): Buffer {
  if (value === null) return Buffer.of(0);
  if (typeof value === 'boolean') return Buffer.of(value ? 9 : 8);
  if (typeof value === 'number') return Number.isInteger(value) ? integer(value) : real(0x23, value);
  if (typeof value === 'string') return text(value);
  if (value instanceof Uint8Array) return Buffer.concat([head(4, value.length), value]);
  if (value instanceof Date) return real(0x33, value.getTime() / 1000 - 978_307_200);
  if (value instanceof Map) {
    const keys = [...value.keys()].map((key) => put(key));
    const values = [...value.values()].map((item) => put(item));
    return Buffer.concat([head(13, keys.length), references([...keys, ...values])]);
  }
  if ('uid' in value) return Buffer.of(0x80, value.uid);
  return Buffer.concat([head(10, value.length), references(value.map((item) => put(item)))]);
}

function text(value: string): Buffer {
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(value)) return Buffer.concat([head(5, value.length), Buffer.from(value, 'latin1')]);
  return Buffer.concat([head(6, value.length), Buffer.from(value, 'utf16le').swap16()]);
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x13;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function real(marker: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = marker;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function references(indexes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(indexes.length * 2);
  indexes.forEach((index, i) => bytes.writeUInt16BE(index, i * 2));
  return bytes;
}

function head(kind: number, count: number): Buffer {
  return count < 15 ? Buffer.of((kind << 4) | count) : Buffer.concat([Buffer.of((kind << 4) | 15), integer(count)]);
}
