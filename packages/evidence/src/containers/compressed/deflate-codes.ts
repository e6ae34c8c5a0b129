/** Longest code of a deflate table. */
const MAX_CODE_BITS = 15;

/** A table of codes, looked up with the next 15 bits: symbol × 16 + length of its code; 0 where no code begins so. */
export type CodeTable = Uint16Array;

/**
 * Codes of a deflate table from their lengths (RFC 1951, 3.2.2), to be read lowest bit first.
 * @returns null when there are more codes than can be, or, but for a single one, fewer
 */
export function codeTable(lengths: Uint8Array): CodeTable | null {
  const counts = new Uint16Array(MAX_CODE_BITS + 1);
  for (const length of lengths) if (length > 0) counts[length]! += 1;
  let left = 1;
  let used = 0;
  const next = new Uint16Array(MAX_CODE_BITS + 2);
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    left = left * 2 - counts[bits]!;
    if (left < 0) return null;
    used += counts[bits]!;
    next[bits + 1] = (next[bits]! + counts[bits]!) << 1;
  }
  if (left > 0 && used > 1) return null;
  const table = new Uint16Array(1 << MAX_CODE_BITS);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const code = next[length]!;
    next[length] = code + 1;
    let turned = 0;
    for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let at = turned; at < table.length; at += 1 << length) table[at] = symbol * 16 + length;
  });
  return table;
}
