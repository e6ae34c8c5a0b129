/*
 * Up-case table: u16 upper case of each code point; FFFF n stands for n code points that stay as they are.
 * Source: Microsoft exFAT specification, section 7.2. This table raises ASCII letters only, which the
 * specification allows as long as the first 128 entries are the mandatory ones.
 */
const MANDATORY = 128;

/** The table as stored. */
export function buildUpCaseTable(): Buffer {
  const table = Buffer.alloc((MANDATORY + 2) * 2);
  for (let unit = 0; unit < MANDATORY; unit++) table.writeUInt16LE(upCase(unit), unit * 2);
  table.writeUInt16LE(0xffff, MANDATORY * 2);
  table.writeUInt16LE(0x10000 - MANDATORY, MANDATORY * 2 + 2);
  return table;
}

export function upCaseTableChecksum(table: Uint8Array): number {
  let sum = 0;
  for (const byte of table) sum = (((sum >>> 1) | (sum << 31)) + byte) >>> 0;
  return sum;
}

/** The name hash of a stream entry, over the up-cased name. */
export function nameHash(name: Buffer): number {
  let hash = 0;
  for (let at = 0; at < name.length; at += 2) {
    const unit = upCase(name.readUInt16LE(at));
    for (const byte of [unit & 0xff, unit >>> 8]) hash = (((hash << 15) | (hash >>> 1)) + byte) & 0xffff;
  }
  return hash;
}

function upCase(unit: number): number {
  return unit >= 0x61 && unit <= 0x7a ? unit - 0x20 : unit;
}
