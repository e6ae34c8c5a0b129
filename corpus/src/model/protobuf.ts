/**
 * The few parts of the protocol buffer encoding (protobuf.dev/programming-guides/encoding) that a model needs. A field is a
 * varint of `number << 3 | wire type`, then a varint (type 0) or a length as varint and so many bytes (type 2).
 */
const VARINT = 0;
const LENGTH = 2;

/** Whole numbers from 0 in groups of seven bits, the lowest first. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function numberField(field: number, value: number): Buffer {
  return Buffer.concat([varint((field << 3) | VARINT), varint(value)]);
}

export function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | LENGTH), varint(bytes.length), bytes]);
}

export function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text));
}

export function messageField(field: number, ...parts: readonly Uint8Array[]): Buffer {
  return bytesField(field, Buffer.concat(parts));
}
