/** The volume's upper-case table: one UTF-16 unit for each of the 65,536, and no change of length. */
function makeUpCaseTable(): Uint16Array {
  const table = new Uint16Array(0x10000);
  for (let unit = 0; unit < 0x10000; unit++) {
    const upper = unit >= 0xd800 && unit < 0xe000 ? '' : String.fromCharCode(unit).toUpperCase();
    table[unit] = upper.length === 1 ? upper.charCodeAt(0) : unit;
  }
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
