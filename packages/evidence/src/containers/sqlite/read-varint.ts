import { MalformedError } from '@kerbside/bytes';

/** A number of 1 to 9 bytes and the place after it. */
export interface Varint {
  readonly value: bigint;
  readonly next: number;
}

/**
 * SQLite's variable-length integer: 7 bits a byte, the ninth byte gives 8; two's complement of 64 bits.
 * @throws MalformedError `sqlite-record-damaged` when it runs past the end
 */
export function readVarint(bytes: Buffer, at: number): Varint {
  let low = 0;
  // Most are short: 4 bytes fit a small integer, and a bigint is only made for what is longer.
  for (let i = 0; i < 4; i++) {
    const byte = byteAt(bytes, at + i);
    low = (low << 7) | (byte & 0x7f);
    if (byte < 0x80) return { value: BigInt(low), next: at + i + 1 };
  }
  let value = BigInt(low);
  for (let i = 4; i < 8; i++) {
    const byte = byteAt(bytes, at + i);
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: BigInt.asIntN(64, (value << 8n) | BigInt(byteAt(bytes, at + 8))), next: at + 9 };
}

/** A varint that must be a length or a count: anything from 2^48 on, or below zero, becomes 2^48, which no bound lets pass. */
export function readLength(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  const { value, next } = readVarint(bytes, at);
  return { value: value < 0n || value > 0x1_0000_0000_0000n ? 0x1_0000_0000_0000 : Number(value), next };
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new MalformedError('sqlite-record-damaged', 'a number of the database runs past the end of its page or row');
  return byte;
}
