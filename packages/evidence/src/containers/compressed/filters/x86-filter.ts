import type { BlockFilter } from './block-filter.ts';

const INSTRUCTION_BYTES = 5;

/** Which of the three bytes before, as bits, may have been looked at as opcodes and still leave this one to be one. */
const ALLOWED = [true, true, true, false, true, false, false, false] as const;
/** How far back the last of them stands. */
const DISTANCE = [0, 1, 2, 2, 3, 3, 3, 3] as const;

/**
 * BCJ for x86 (filter of the LZMA SDK and of xz, both in the public domain): CALL and JMP, `E8` and `E9`, with an
 * address of 4 bytes whose highest is 00 or FF. Bytes before that look like opcodes themselves make it doubtful, and the rule for
 * that is part of the format.
 */
export class X86Filter implements BlockFilter {
  /** Opcodes among the bytes before; bit 4: the last had an address that cannot be. */
  #mask = 0;
  #lastPlace = -INSTRUCTION_BYTES;
  #done = 0;

  convert(bytes: Buffer, ip: number): number {
    if (bytes.length < INSTRUCTION_BYTES) return 0;
    const last = bytes.length - INSTRUCTION_BYTES;
    let at = 0;
    while (at <= last) {
      if ((bytes[at]! & 0xfe) !== 0xe8) {
        at += 1;
        continue;
      }
      const distance = this.#done + at - this.#lastPlace;
      this.#lastPlace = this.#done + at;
      if (distance > INSTRUCTION_BYTES) this.#mask = 0;
      else for (let i = 0; i < distance; i++) this.#mask = (this.#mask & 0x77) << 1;
      const before = this.#mask >> 1;
      if (isHighest(bytes[at + 4]!) && ALLOWED[before & 7] === true && before < 0x10) {
        this.#turnBack(bytes, at, (ip + at + INSTRUCTION_BYTES) >>> 0);
        at += INSTRUCTION_BYTES;
        this.#mask = 0;
      } else {
        this.#mask |= isHighest(bytes[at + 4]!) ? 0x11 : 1;
        at += 1;
      }
    }
    this.#done += at;
    return at;
  }

  #turnBack(bytes: Buffer, at: number, next: number): void {
    let source = bytes.readUInt32LE(at + 1);
    let address: number;
    for (;;) {
      address = (source - next) >>> 0;
      if (this.#mask === 0) break;
      const back = DISTANCE[this.#mask >> 1]! * 8;
      if (!isHighest((address >>> (24 - back)) & 0xff)) break;
      source = (address ^ (2 ** (32 - back) - 1)) >>> 0;
    }
    bytes.writeUIntLE(address & 0xffffff, at + 1, 3);
    bytes[at + 4] = (address & 0x0100_0000) === 0 ? 0 : 0xff;
  }
}

function isHighest(byte: number): boolean {
  return byte === 0 || byte === 0xff;
}
