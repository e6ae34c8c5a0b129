import { makeRandom } from '../random.ts';

/** Instructions with addresses, by their fixed bytes; `-1` any byte. Of x86, ARM, Thumb, ARM64, PowerPC, SPARC. */
const PATTERNS: readonly (readonly number[])[] = [
  [0xe8, -1, -1, -1, 0x00], [0xe8, -1, -1, -1, 0xff], [0xe9, -1, -1, 0x00, 0x00], [0x0f, 0x84, -1, -1, 0x00, 0x00], [0xe8, 0xe8, 0xe9, -1, 0x00, 0xff], [0xe8, -1, 0xe8, 0x00, 0xff, 0x00],
  [-1, -1, -1, 0xeb], [-1, 0xf0, -1, 0xf8], [-1, -1, -1, 0x94], [-1, -1, 0x00, 0x90], [-1, -1, 0xff, 0xf0], [0x48, -1, -1, 0x01], [0x4b, -1, -1, 0xfd], [0x40, 0x00, -1, -1], [0x7f, 0xff, -1, -1],
];
/** Templates of IA-64 bundles that may hold branches. */
const BUNDLES = [16, 17, 18, 19, 22, 23, 24, 25, 28, 29] as const;

/** Seeded bytes with so many instructions in them that every rule of a filter for machine code is met. It is no program. */
export function makeCodeLike(seed: number, sizeBytes: number): Buffer {
  const random = makeRandom(seed);
  const bytes = Buffer.alloc(sizeBytes + 32);
  random.fill(bytes);
  for (let at = 0; at < sizeBytes; ) {
    const pattern = PATTERNS[random.below(PATTERNS.length)]!;
    if (random.chance(0.1)) {
      at = Math.ceil(at / 16) * 16;
      bytes[at] = BUNDLES[random.below(BUNDLES.length)]!;
      // Opcode 5 in the third instruction, and 0 where a call has it.
      bytes[at + 15] = (bytes[at + 15]! & 0x0f) | 0x50;
      bytes[at + 12]! &= 0xc7;
      at += 16;
      continue;
    }
    pattern.forEach((byte, i) => byte >= 0 && (bytes[at + i] = byte));
    at += random.chance(0.5) ? pattern.length : 4 * (1 + random.below(3));
  }
  return bytes.subarray(0, sizeBytes);
}
