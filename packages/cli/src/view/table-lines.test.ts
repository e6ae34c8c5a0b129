import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableLines } from './table-lines.ts';

test('columns are as wide as their widest cell, numbers stand at the right, and no cell can steer the terminal', () => {
  assert.deepEqual(tableLines(['Device', 'Hits', 'Until'], [['SMB/14', '3', '2027'], ['旅\u001b[2J', '12', '']], [1]), [
    'Device       Hits  Until',
    'SMB/14          3  2027',
    '旅\\u{1b}[2J    12',
  ]);
});
