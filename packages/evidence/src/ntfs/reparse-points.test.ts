import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reparseMeaning } from './reparse-points.ts';

test('links and devices hold nothing, and each kind of store is known', () => {
  for (const tag of [0xa000000c, 0xa0000003, 0xa000001d, 0x80000023]) assert.equal(reparseMeaning(tag), 'link');
  assert.equal(reparseMeaning(0x80000017), 'wof');
  for (const tag of [0x9000001a, 0x9000701a, 0x9000f01a, 0x80000013, 0xc0000004]) assert.equal(reparseMeaning(tag), 'elsewhere');
  for (const tag of [0, 0x9000001b, 0xffffffff]) assert.equal(reparseMeaning(tag), 'plain');
});
