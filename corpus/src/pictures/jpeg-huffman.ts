/** Huffman tables of ITU-T T.81, Annex K.3 (luminance), used here for every component. */
export interface HuffmanTable {
  /** How many codes there are of each length from 1 to 16. */
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
  /** Code and its length by symbol. */
  readonly codes: Uint16Array;
  readonly lengths: Uint8Array;
}

function makeTable(counts: readonly number[], symbols: readonly number[]): HuffmanTable {
  const codes = new Uint16Array(256);
  const lengths = new Uint8Array(256);
  let code = 0;
  let next = 0;
  for (const [position, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      const symbol = symbols[next++]!;
      codes[symbol] = code++;
      lengths[symbol] = position + 1;
    }
    code <<= 1;
  }
  return { counts, symbols, codes, lengths };
}

export const DC_TABLE = makeTable([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

export const AC_TABLE = makeTable(
  [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
  [
    ...Buffer.from(
      '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282' +
        '090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a' +
        '838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da' +
        'e1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
      'hex',
    ),
  ],
);
