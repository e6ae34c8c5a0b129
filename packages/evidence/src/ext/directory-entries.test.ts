import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDirectoryEntries, type EntryLayout } from './directory-entries.ts';

const LAYOUT: EntryLayout = { hasFileType: true, inodeCount: 1000 };

function record(block: Buffer, at: number, inode: number, length: number, name: string, fileType = 1): void {
  block.writeUInt32LE(inode, at);
  block.writeUInt16LE(length, at + 4);
  block[at + 6] = Buffer.byteLength(name);
  block[at + 7] = fileType;
  block.write(name, at + 8);
}

function read(block: Buffer, layout = LAYOUT, readSlack = true): { entries: string[]; bad: number } {
  const entries: string[] = [];
  const bad = readDirectoryEntries(block, 0, block.length, layout, readSlack, (inode, nameAt, nameLength, fileType, slack) => {
    entries.push(`${slack ? 'slack' : 'live'} ${inode} ${fileType} ${block.toString('latin1', nameAt, nameAt + nameLength)}`);
  });
  return { entries, bad };
}

test('readDirectoryEntries: live entries, and deleted ones in the slack of the record before', () => {
  const block = Buffer.alloc(256);
  record(block, 0, 12, 16, 'first');
  record(block, 16, 13, 64, 'second', 2);
  record(block, 32, 14, 20, 'deleted-one');
  record(block, 52, 15, 12, 'two');
  record(block, 80, 16, 176, 'last');
  assert.deepEqual(read(block), { entries: ['live 12 1 first', 'live 13 2 second', 'slack 14 1 deleted-one', 'slack 15 1 two', 'live 16 1 last'], bad: -1 });
  assert.equal(read(block, LAYOUT, false).entries.length, 3);
});

test('readDirectoryEntries: the first entry of a block loses its inode when deleted', () => {
  const block = Buffer.alloc(64);
  record(block, 0, 0, 64, 'gone.jpg');
  assert.deepEqual(read(block).entries, ['slack 0 1 gone.jpg']);
});

test('readDirectoryEntries: a checksum record is no entry', () => {
  const block = Buffer.alloc(64);
  record(block, 0, 12, 52, 'file');
  record(block, 52, 0, 12, '', 0xde);
  assert.deepEqual(read(block), { entries: ['live 12 1 file'], bad: -1 });
});

test('readDirectoryEntries: without the file type feature the name length has two bytes', () => {
  const block = Buffer.alloc(64);
  record(block, 0, 12, 64, 'file', 0);
  assert.deepEqual(read(block, { ...LAYOUT, hasFileType: false }).entries, ['live 12 0 file']);
});

test('readDirectoryEntries: a record that makes no sense ends the block, and what follows is read as slack', () => {
  const block = Buffer.alloc(96);
  record(block, 0, 12, 16, 'file');
  record(block, 16, 13, 7, 'bad');
  record(block, 32, 14, 64, 'still-here');
  assert.deepEqual(read(block), { entries: ['live 12 1 file', 'slack 14 1 still-here'], bad: 16 });
});

test('readDirectoryEntries: any bytes end, with names inside the block', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 512 }), fc.boolean(), (bytes, hasFileType) => {
      const block = Buffer.from(bytes);
      let entries = 0;
      readDirectoryEntries(block, 0, block.length, { hasFileType, inodeCount: 0xffff_ffff }, true, (_inode, nameAt, nameLength) => {
        entries += 1;
        assert.ok(nameLength > 0 && nameAt + nameLength <= block.length);
      });
      assert.ok(entries <= block.length / 8);
    }),
  );
});
