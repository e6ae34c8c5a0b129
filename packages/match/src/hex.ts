/** Value of each ASCII hex character; 255 for anything else. */
const NIBBLE = new Uint8Array(256).fill(255);
for (let i = 0; i < 10; i++) NIBBLE[0x30 + i] = i;
for (let i = 0; i < 6; i++) NIBBLE[0x41 + i] = NIBBLE[0x61 + i] = 10 + i;

/** How many hex digits follow each other in `text` from `at`, looking no further than `limit`. */
export function countHexDigits(text: Uint8Array, at: number, limit: number): number {
  let end = at;
  while (end < limit && NIBBLE[text[end]!] !== 255) end++;
  return end - at;
}

/**
 * Decodes `lengthBytes` bytes of hex (ASCII, any case) from `text` at `at` into `target` at `to`.
 * False when the text ends early or a character is not hex; `target` may then be partly written.
 */
export function decodeHex(text: Uint8Array, at: number, lengthBytes: number, target: Uint8Array, to: number): boolean {
  if (at + lengthBytes * 2 > text.length) return false;
  // Hex digits keep this below 16; a character that is not hex sets all eight bits.
  let seen = 0;
  for (let i = 0, from = at; i < lengthBytes; i++, from += 2) {
    const high = NIBBLE[text[from]!]!;
    const low = NIBBLE[text[from + 1]!]!;
    seen |= high | low;
    target[to + i] = (high << 4) | low;
  }
  return seen < 16;
}
