import assert from 'node:assert/strict';
import test from 'node:test';
import { fitToWidth } from './fit-to-width.ts';

test('text that fits stays; longer text keeps the end asked for and never passes the width', () => {
  assert.equal(fitToWidth('bridge.jpg', 10), 'bridge.jpg');
  assert.equal(fitToWidth('bridge.jpg', 6), 'bridg…');
  assert.equal(fitToWidth('bridge.jpg', 6, 'end'), '…e.jpg');
  assert.equal(fitToWidth('猫の写真', 8), '猫の写真');
  assert.equal(fitToWidth('猫の写真', 6), '猫の…');
  assert.equal(fitToWidth('abc', 1), '…');
});
