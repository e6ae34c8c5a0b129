import { AC_TABLE, DC_TABLE } from './jpeg-huffman.ts';

/** Bits that wait to be copied: values of up to 24 bits and their widths. */
export interface BitString {
  readonly values: Uint32Array;
  readonly widths: Uint8Array;
}

/** Entropy-coded data of a JPEG scan, with a 0 after each FF byte. */
export interface BitWriter {
  put(value: number, width: number): void;
  putString(bits: BitString): void;
  /** Fills the last byte with ones and returns all bytes. */
  finish(): Buffer;
}

export function makeBitWriter(expectedBytes: number): BitWriter {
  let out = Buffer.allocUnsafe(Math.max(1024, expectedBytes));
  let length = 0;
  let held = 0;
  let heldBits = 0;
  const put = (value: number, width: number): void => {
    held = (held << width) | value;
    heldBits += width;
    while (heldBits >= 8) {
      heldBits -= 8;
      const byte = (held >>> heldBits) & 0xff;
      out[length++] = byte;
      if (byte === 0xff) out[length++] = 0;
    }
    held &= (1 << heldBits) - 1;
  };
  const makeRoom = (bytes: number): void => {
    if (length + bytes <= out.length) return;
    const larger = Buffer.allocUnsafe(out.length * 2 + bytes);
    out.copy(larger, 0, 0, length);
    out = larger;
  };
  return {
    put(value, width) {
      makeRoom(8);
      put(value, width);
    },
    putString(bits) {
      makeRoom(bits.values.length * 8 + 8);
      for (let at = 0; at < bits.values.length; at++) put(bits.values[at]!, bits.widths[at]!);
    },
    finish() {
      makeRoom(8);
      if (heldBits > 0) put((1 << (8 - heldBits)) - 1, 8 - heldBits);
      return out.subarray(0, length);
    },
  };
}

/** Bits needed for a coefficient's size. */
export function categoryOf(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

/** A coefficient's own bits: negative values count down from all zeros. */
export function magnitudeBits(value: number, category: number): number {
  return value < 0 ? value + (1 << category) - 1 : value;
}

/** Writes a DC difference. */
export function putDc(bits: BitWriter, difference: number): void {
  const category = categoryOf(difference);
  bits.put(DC_TABLE.codes[category]!, DC_TABLE.lengths[category]!);
  if (category > 0) bits.put(magnitudeBits(difference, category), category);
}

/** Writes an AC coefficient behind a run of fewer than 16 zeros. */
export function putAc(bits: Pick<BitWriter, 'put'>, zeroRun: number, value: number): void {
  const category = categoryOf(value);
  const symbol = (zeroRun << 4) | category;
  bits.put(AC_TABLE.codes[symbol]!, AC_TABLE.lengths[symbol]!);
  bits.put(magnitudeBits(value, category), category);
}
