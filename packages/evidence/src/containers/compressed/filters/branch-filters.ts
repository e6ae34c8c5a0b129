/*
 * BCJ for processors whose instructions all stand at multiples of 2, 4 or 16 bytes (filters of the LZMA SDK and of xz,
 * both in the public domain): the address of a branch is a field of the instruction, in units of its length.
 */
import type { BlockFilter } from './block-filter.ts';

type Convert = (bytes: Buffer, at: number, ip: number) => number;

/** A filter that looks at `length` bytes every `step` bytes; `convert` gives how far to go on, 0 for a step. */
function every(length: number, step: number, convert: Convert): BlockFilter {
  return {
    convert(bytes, ip) {
      let at = 0;
      while (at + length <= bytes.length) at += convert(bytes, at, (ip + at) >>> 0) || step;
      return at;
    },
  };
}

/** `BL`, its condition always: EB and 24 bits, from 8 behind. */
export const armFilter = (): BlockFilter =>
  every(4, 4, (bytes, at, ip) => {
    if (bytes[at + 3] === 0xeb) bytes.writeUIntLE((((bytes.readUIntLE(at, 3) << 2) - (ip + 8)) >>> 2) & 0xffffff, at, 3);
    return 0;
  });

/** `BL` of Thumb: two halves of 11 bits, from 4 behind. */
export const armThumbFilter = (): BlockFilter =>
  every(4, 2, (bytes, at, ip) => {
    const [first, second] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    if ((first & 0xf800) !== 0xf000 || (second & 0xf800) !== 0xf800) return 0;
    const address = (((((first & 0x7ff) << 11) | (second & 0x7ff)) << 1) - (ip + 4)) >>> 1;
    bytes.writeUInt16LE(0xf000 | ((address >>> 11) & 0x7ff), at);
    bytes.writeUInt16LE(0xf800 | (address & 0x7ff), at + 2);
    return 4;
  });

/** `BL` with 26 bits in units of 4, and `ADRP` with 21 bits in units of 4096 where it leads no further than 512 MiB. */
export const arm64Filter = (): BlockFilter =>
  every(4, 4, (bytes, at, ip) => {
    const word = bytes.readUInt32LE(at);
    if (word >>> 26 === 0x25) {
      bytes.writeUInt32LE((0x94000000 | ((word - (ip >>> 2)) & 0x03ffffff)) >>> 0, at);
    } else if ((word & 0x9f000000) >>> 0 === 0x90000000) {
      const source = ((word >>> 29) & 3) | ((word >>> 3) & 0x1ffffc);
      if (((source + 0x020000) & 0x1c0000) !== 0) return 0;
      const address = source - (ip >>> 12);
      bytes.writeUInt32LE(((word & 0x9000001f) | ((address & 3) << 29) | ((address & 0x03fffc) << 3) | (-(address & 0x020000) & 0xe00000)) >>> 0, at);
    }
    return 0;
  });

/** `bl`, big-endian: 6 bits 010010, 24 bits, 01. */
export const powerPcFilter = (): BlockFilter =>
  every(4, 4, (bytes, at, ip) => {
    const word = bytes.readUInt32BE(at);
    if ((word & 0xfc000003) >>> 0 === 0x48000001) bytes.writeUInt32BE((0x48000001 | (((word & 0x03fffffc) - ip) & 0x03fffffc)) >>> 0, at);
    return 0;
  });

/** `call`, big-endian: 01 and 30 bits of which the highest 8 are all alike. */
export const sparcFilter = (): BlockFilter =>
  every(4, 4, (bytes, at, ip) => {
    const word = bytes.readUInt32BE(at);
    if (word >>> 22 !== 0x100 && word >>> 22 !== 0x1ff) return 0;
    const address = (((word << 2) >>> 0) - ip) >>> 2;
    bytes.writeUInt32BE((0x40000000 | ((-((address >>> 22) & 1) << 22) & 0x3fffffff) | (address & 0x3fffff)) >>> 0, at);
    return 0;
  });

/** Which of the three instructions of a bundle may be branches, as bits, by its template. */
const IA64_SLOTS = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0] as const;

/** `br.call` in bundles of 16 bytes: 5 bits of template and three instructions of 41 bits; 21 bits in units of 16. */
export const ia64Filter = (): BlockFilter =>
  every(16, 16, (bytes, at, ip) => {
    const slots = IA64_SLOTS[bytes[at]! & 0x1f]!;
    for (let slot = 0; slot < 3; slot++) {
      if (((slots >> slot) & 1) === 0) continue;
      const bit = 5 + slot * 41;
      const place = at + (bit >> 3);
      const below = BigInt(bit & 7);
      const stored = BigInt(bytes.readUIntLE(place, 6));
      const instruction = stored >> below;
      if (((instruction >> 37n) & 0xfn) !== 5n || ((instruction >> 9n) & 7n) !== 0n) continue;
      const source = Number((instruction >> 13n) & 0xfffffn) | (Number((instruction >> 36n) & 1n) << 20);
      const address = BigInt((((source << 4) - ip) >>> 4) & 0x1fffff);
      const changed = (instruction & ~(0x8fffffn << 13n)) | ((address & 0xfffffn) << 13n) | ((address & 0x100000n) << 16n);
      bytes.writeUIntLE(Number((stored & ((1n << below) - 1n)) | (changed << below)), place, 6);
    }
    return 0;
  });
