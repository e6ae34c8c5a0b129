import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttributeTable, FILE_NAME } from './attributes.ts';
import { chooseLinks, chooseName, copyName, parentEntryOf, parentSequenceOf } from './file-names.ts';

const POSIX = 0;
const WIN32 = 1;
const DOS = 2;
const BOTH = 3;

/** A record that holds only names: parent entry, name space, name. */
function tableOf(names: readonly (readonly [number, number, string])[]): AttributeTable {
  const attributes = names.map(([parent, nameSpace, name]) => {
    const valueLength = 0x42 + name.length * 2;
    const attribute = Buffer.alloc(Math.ceil((0x18 + valueLength) / 8) * 8);
    attribute.writeUInt32LE(FILE_NAME, 0);
    attribute.writeUInt32LE(attribute.length, 4);
    attribute.writeUInt32LE(valueLength, 0x10);
    attribute.writeUInt16LE(0x18, 0x14);
    attribute.writeUIntLE(parent, 0x18, 6);
    attribute.writeUInt16LE(parent + 1, 0x18 + 6);
    attribute[0x18 + 0x40] = name.length;
    attribute[0x18 + 0x41] = nameSpace;
    attribute.write(name, 0x18 + 0x42, 'utf16le');
    return attribute;
  });
  const record = Buffer.concat([Buffer.alloc(0x38), ...attributes, Buffer.from('ffffffff00000000', 'hex')]);
  record.writeUInt16LE(0x38, 0x14);
  record.writeUInt32LE(record.length, 0x18);
  const table = new AttributeTable();
  assert.ok(table.addRecord(record, 0, record.length, 0));
  return table;
}

function linksOf(names: readonly (readonly [number, number, string])[]): string[] {
  const table = tableOf(names);
  const links: number[] = [];
  chooseLinks(table, links);
  return links.map((i) => `${parentEntryOf(table, i)}:${copyName(table, i).toString('utf16le')}`);
}

test('the long name is shown, whatever the order', () => {
  assert.deepEqual(linksOf([[5, DOS, 'LONGNA~1.TXT'], [5, WIN32, 'long name.txt']]), ['5:long name.txt']);
  assert.deepEqual(linksOf([[5, WIN32, 'long name.txt'], [5, DOS, 'LONGNA~1.TXT']]), ['5:long name.txt']);
  assert.deepEqual(linksOf([[5, BOTH, 'A.TXT']]), ['5:A.TXT']);
});

test('a short name counts where its directory knows no other', () => {
  assert.deepEqual(linksOf([[5, DOS, 'ONLY.TXT']]), ['5:ONLY.TXT']);
  assert.deepEqual(linksOf([[5, WIN32, 'long name.txt'], [6, DOS, 'OTHER.TXT']]), ['5:long name.txt', '6:OTHER.TXT']);
});

test('each directory and long name is one link; repeats are one', () => {
  const names = [[5, POSIX, 'a'], [5, POSIX, 'A'], [6, POSIX, 'a'], [5, WIN32, 'a']] as const;
  assert.deepEqual(linksOf(names), ['5:a', '5:A', '6:a']);
  assert.deepEqual(linksOf([]), []);
});

test('a name that does not fit its attribute, or is empty, is none', () => {
  const table = tableOf([[5, WIN32, 'name']]);
  table.bytes[0]![table.at[0]! + 0x18 + 0x40] = 5;
  assert.equal(chooseName(table), -1);
  table.bytes[0]![table.at[0]! + 0x18 + 0x40] = 0;
  assert.equal(chooseName(table), -1);
  assert.equal(parentSequenceOf(tableOf([[5, WIN32, 'n']]), 0), 6);
});
