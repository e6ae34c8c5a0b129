import assert from 'node:assert/strict';
import test from 'node:test';
import { foldLine } from './fold-line.ts';

test('a line that fits stays; a longer one breaks at spaces with its indent; a long word stays whole', () => {
  assert.deepEqual(foldLine('one two', 7, '  '), ['one two']);
  assert.deepEqual(foldLine('  - one two three', 10, '    '), ['  - one', '    two', '    three']);
  assert.deepEqual(foldLine('at p1/a-very-long-path.jpg now', 10, '  '), ['at', '  p1/a-very-long-path.jpg', '  now']);
  assert.deepEqual(foldLine('one two three', Infinity, '  '), ['one two three']);
});
