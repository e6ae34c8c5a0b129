import { MalformedError } from '@kerbside/bytes';

/** Numbers, bit lists and runs of a 7z header, each bounded by the header's own length. */
export class HeaderReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw damaged('its header is cut short');
    return this.bytes[this.at++]!;
  }

  take(length: number): Buffer {
    if (!(length >= 0 && this.at + length <= this.bytes.length)) throw damaged('its header is cut short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  /** As many bytes follow as the first has leading ones, lowest first; its other bits are the highest. */
  number(): number {
    const first = this.byte();
    let value = 0;
    let factor = 1;
    let mask = 0x80;
    for (; mask > 0 && (first & mask) !== 0; mask >>= 1) {
      value += this.byte() * factor;
      factor *= 256;
    }
    if (mask > 0) value += (first & (mask - 1)) * factor;
    if (!Number.isSafeInteger(value)) throw damaged('its header states a number that cannot be');
    return value;
  }

  /** A number of things of which each costs at least a bit of the header or stands in another list. */
  count(most: number): number {
    const value = this.number();
    if (value > most) throw damaged(`its header states ${value} parts`);
    return value;
  }

  bits(count: number): boolean[] {
    const bytes = this.take(Math.ceil(count / 8));
    return Array.from({ length: count }, (_, i) => (bytes[i >> 3]! & (0x80 >> (i & 7))) !== 0);
  }

  /** A bit list, or one byte that says that all are set. */
  maybeAll(count: number): boolean[] {
    return this.byte() !== 0 ? Array.from({ length: count }, () => true) : this.bits(count);
  }
}

export function damaged(what: string): MalformedError {
  return new MalformedError('seven-zip-damaged', `a 7z archive is damaged: ${what}`);
}
