/*
 * Value of a $FILE_NAME attribute (0x30), always resident. Little-endian.
 *
 *   0x00  u48  entry of the directory, then u16 its sequence number
 *   0x08  4 × u64 times (only as old as the last rename), sizes, flags
 *   0x40  u8   characters of the name
 *   0x41  u8   name space: 0 POSIX, 1 Win32, 2 DOS (8.3), 3 Win32 that is also 8.3
 *   0x42       the name, UTF-16 units, lone surrogates allowed
 */
import { FILE_NAME, type AttributeTable } from './attributes.ts';
import { readU16, readU48 } from './fix-ups.ts';

const NAME_AT = 0x42;
const DOS = 2;

/** Index of the name to show for a directory (any but an 8.3 one where there is a choice); -1 when there is none. */
export function chooseName(table: AttributeTable): number {
  let spare = -1;
  for (let i = 0; i < table.count; i++) {
    if (table.type[i] !== FILE_NAME || !isSound(table, i)) continue;
    if (!isDos(table, i)) return i;
    if (spare < 0) spare = i;
  }
  return spare;
}

/**
 * Indexes of the names that count: one per distinct directory and long name, so a file with hard
 * links has several. An 8.3 name counts only where its directory knows no other.
 */
export function chooseLinks(table: AttributeTable, links: number[]): void {
  links.length = 0;
  let dos = 0;
  for (let i = 0; i < table.count; i++) {
    if (table.type[i] !== FILE_NAME || !isSound(table, i)) continue;
    if (isDos(table, i)) dos++;
    else links.push(i);
  }
  if (links.length + dos < 2) {
    if (dos === 1) links.push(chooseName(table));
    return;
  }
  if (links.length > 1) dropRepeated(table, links);
  if (dos > 0) addDosOnly(table, links);
}

function dropRepeated(table: AttributeTable, links: number[]): void {
  const seen = new Set<string>();
  let kept = 0;
  for (const i of links) {
    const key = `${parentEntryOf(table, i)} ${nameBytes(table, i).toString('latin1')}`;
    if (seen.has(key)) continue;
    seen.add(key);
    links[kept++] = i;
  }
  links.length = kept;
}

function addDosOnly(table: AttributeTable, links: number[]): void {
  const parents = new Set(links.map((i) => parentEntryOf(table, i)));
  for (let i = 0; i < table.count; i++) {
    if (table.type[i] !== FILE_NAME || !isSound(table, i) || !isDos(table, i)) continue;
    const parent = parentEntryOf(table, i);
    if (parents.has(parent)) continue;
    parents.add(parent);
    links.push(i);
  }
}

export function parentEntryOf(table: AttributeTable, i: number): number {
  return readU48(table.bytes[i]!, table.valueAt(i));
}

export function parentSequenceOf(table: AttributeTable, i: number): number {
  return readU16(table.bytes[i]!, table.valueAt(i) + 6);
}

/** A copy of the name's bytes, small enough to come from Node's buffer pool: the record's buffer is used again. */
export function copyName(table: AttributeTable, i: number): Buffer {
  const value = table.valueAt(i);
  const bytes = table.bytes[i]!;
  const name = Buffer.allocUnsafe(bytes[value + 0x40]! * 2);
  for (let from = value + NAME_AT, to = 0; to < name.length; from++, to++) name[to] = bytes[from]!;
  return name;
}

/** The name's UTF-16 bytes, a view of the record's buffer. */
export function nameBytes(table: AttributeTable, i: number): Buffer {
  const value = table.valueAt(i);
  const bytes = table.bytes[i]!;
  return bytes.subarray(value + NAME_AT, value + NAME_AT + bytes[value + 0x40]! * 2);
}


function isDos(table: AttributeTable, i: number): boolean {
  return table.bytes[i]![table.valueAt(i) + 0x41] === DOS;
}

function isSound(table: AttributeTable, i: number): boolean {
  const value = table.valueAt(i);
  const length = table.valueLength(i);
  if (value < 0 || length < NAME_AT) return false;
  const characters = table.bytes[i]![value + 0x40]!;
  return characters > 0 && NAME_AT + characters * 2 <= length;
}
