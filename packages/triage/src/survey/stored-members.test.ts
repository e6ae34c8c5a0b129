import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findStoredMembers } from './stored-members.ts';

function header(name: string, extra: number, method: number, flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(30 + name.length + extra);
  bytes.write('PK\u0003\u0004', 0, 'latin1');
  bytes.writeUInt16LE(flags, 6);
  bytes.writeUInt16LE(method, 8);
  bytes.writeUInt32LE(length, 18);
  bytes.writeUInt16LE(name.length, 26);
  bytes.writeUInt16LE(extra, 28);
  bytes.write(name, 30, 'latin1');
  return bytes;
}

test('stored members are found with their places; packed and encrypted ones are not', () => {
  const bytes = Buffer.concat([Buffer.from('head'), header('a.txt', 3, 0, 0, 10), Buffer.alloc(10), header('b', 0, 8, 0, 5), Buffer.alloc(5), header('c', 0, 0, 1, 5), Buffer.alloc(5), header('d', 0, 0, 8, 0), Buffer.alloc(7)]);
  const start = 4 + 38;
  assert.deepEqual(findStoredMembers(bytes), [{ start, end: start + 10 }, { start: bytes.length - 7, end: Infinity }]);
});

test('headers cut off, pointing past the end, and nothing but headers are bounded', () => {
  assert.deepEqual(findStoredMembers(header('name', 0, 0, 0, 4).subarray(0, 20)), []);
  const far = 34 + 0xffff;
  assert.deepEqual(findStoredMembers(header('name', 0xffff, 0, 0, 4).subarray(0, 40)), [{ start: far, end: far + 4 }]);
  const many = Buffer.concat(Array.from({ length: 2000 }, () => header('', 0, 0, 0, 1)));
  assert.equal(findStoredMembers(many).length, 1024);
});
