/**
 * The volume's upper-case table: one UTF-16 unit for each of the 65,536, and no change of length.
 * It is arithmetic and not the runtime's own: a later version of Unicode gives old letters new capitals,
 * and the same options must give the same volume for as long as there are tests that know its digest.
 */
function makeUpCaseTable(): Uint16Array {
  const table = Uint16Array.from({ length: 0x10000 }, (_, unit) => unit);
  const lower = (first: number, last: number, distance: number, step = 1): void => {
    for (let unit = first; unit <= last; unit += step) table[unit] = unit - distance;
  };
  lower(0x61, 0x7a, 0x20);
  lower(0xe0, 0xfe, 0x20);
  table[0xf7] = 0xf7;
  // Capital and small letters in turn, from where the first small letter stands.
  for (const [first, last] of [[0x101, 0x12f], [0x133, 0x137], [0x13a, 0x148], [0x14b, 0x177], [0x17a, 0x17e]] as const) lower(first, last, 1, 2);
  lower(0x3b1, 0x3c1, 0x20);
  lower(0x3c3, 0x3cb, 0x20);
  lower(0x430, 0x44f, 0x20);
  lower(0x450, 0x45f, 0x50);
  return table;
}

const UP_CASE = makeUpCaseTable();

/** A name as the index orders it: each UTF-16 unit by the table. */
export function upCase(name: string): string {
  let upper = '';
  for (let at = 0; at < name.length; at++) upper += String.fromCharCode(UP_CASE[name.charCodeAt(at)]!);
  return upper;
}

/** Content of $UpCase, 131,072 bytes. */
export function upCaseFile(): Buffer {
  const bytes = Buffer.alloc(UP_CASE.length * 2);
  for (const [unit, upper] of UP_CASE.entries()) bytes.writeUInt16LE(upper, unit * 2);
  return bytes;
}
