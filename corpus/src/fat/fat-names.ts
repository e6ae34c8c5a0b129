/** How a name is kept: the 11 bytes of the short entry, its lower-case flags, and whether it needs long entries. */
export interface StoredName {
  readonly short: Buffer;
  readonly caseFlags: number;
  readonly long: string | null;
}

const LOWER_CASE_BASE = 0x08;
const LOWER_CASE_EXTENSION = 0x10;
/** Letters that a short name may hold, apart from case. */
const SHORT_PART = /^[A-Za-z0-9!#$%&'()\-@^_`{}~]*$/;
const UNITS_PER_PART = 13;

/**
 * Gives a name its short form as Windows NT does: kept as it is where it fits (with flags for an
 * all-lower-case base or extension), else shortened with a `~N` tail that is new in the folder.
 *
 * @param taken short names of the folder so far; the new one is added
 */
export function storeName(name: string, taken: Set<string>): StoredName {
  const dot = name.lastIndexOf('.');
  const base = dot > 0 ? name.slice(0, dot) : name;
  const extension = dot > 0 ? name.slice(dot + 1) : '';
  const fits = base.length >= 1 && base.length <= 8 && extension.length <= 3 && SHORT_PART.test(base) && SHORT_PART.test(extension) && !(dot > 0 && extension === '');
  if (fits && isOneCase(base) && isOneCase(extension)) {
    const short = pack(base.toUpperCase(), extension.toUpperCase());
    const key = short.toString('latin1');
    if (!taken.has(key)) {
      taken.add(key);
      const flags = (base === base.toUpperCase() ? 0 : LOWER_CASE_BASE) | (extension === extension.toUpperCase() ? 0 : LOWER_CASE_EXTENSION);
      return { short, caseFlags: flags, long: null };
    }
  }
  const stem = shorten(base).slice(0, 8) || 'FILE';
  const tail = shorten(extension).slice(0, 3);
  for (let number = 1; ; number++) {
    const mark = `~${number}`;
    const short = pack(stem.slice(0, 8 - mark.length) + mark, tail);
    const key = short.toString('latin1');
    if (!taken.has(key)) {
      taken.add(key);
      return { short, caseFlags: 0, long: name };
    }
  }
}

/** The long-name entries of a name, in the order they stand on disk (last part first). */
export function longNameEntries(name: StoredName): Buffer[] {
  if (name.long === null) return [];
  const units = Buffer.from(name.long, 'utf16le');
  const parts = Math.ceil(units.length / 2 / UNITS_PER_PART);
  const checksum = shortChecksum(name.short);
  const entries: Buffer[] = [];
  for (let part = parts; part >= 1; part--) {
    const padded = Buffer.alloc(UNITS_PER_PART * 2, 0xff);
    const chunk = units.subarray((part - 1) * padded.length, part * padded.length);
    chunk.copy(padded);
    if (chunk.length < padded.length) padded.writeUInt16LE(0, chunk.length);
    const entry = Buffer.alloc(32);
    entry[0] = part | (part === parts ? 0x40 : 0);
    entry[11] = 0x0f;
    entry[13] = checksum;
    padded.copy(entry, 1, 0, 10);
    padded.copy(entry, 14, 10, 22);
    padded.copy(entry, 28, 22, 26);
    entries.push(entry);
  }
  return entries;
}

/** The sum that ties long entries to their short one. */
export function shortChecksum(short: Uint8Array): number {
  let sum = 0;
  for (const byte of short.subarray(0, 11)) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}

function isOneCase(text: string): boolean {
  return text === text.toUpperCase() || text === text.toLowerCase();
}

function shorten(text: string): string {
  return text
    .toUpperCase()
    .replaceAll(/[ .]/g, '')
    .replaceAll(/[^A-Z0-9!#$%&'()\-@^_`{}~]/gu, '_');
}

function pack(base: string, extension: string): Buffer {
  return Buffer.from(base.padEnd(8) + extension.padEnd(3), 'latin1');
}
